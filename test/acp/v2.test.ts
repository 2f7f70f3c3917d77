/** The draft of version 2 with the built program, using the SDK's own client: create, prompt, cancel and resume sessions. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  type ContentBlock,
  type RequestError,
  RequestPermissionSubject,
  type SessionUpdate,
  ToolCallContent,
} from "@agentclientprotocol/sdk/experimental/v2";
import { useEditorHome } from "../help/acp-home.ts";
import { type DraftEditor, selectOption } from "../help/acp-v2.ts";
import { answer, chunk, done, finish, type Script } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

const usage = { prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 };
const endTurn = { sessionUpdate: "state_update", state: "idle", stopReason: "end_turn" };
const cancelled = { ...endTurn, stopReason: "cancelled" };

describe("an editor over the draft of version 2", () => {
  const at = useEditorHome();
  const { openDraft, scripts } = at;
  const work = (): string => at.home().work;
  const sentMessages = (): string => JSON.stringify(at.received().map(({ body }) => body.messages));
  const states = (editor: DraftEditor): string[] => editor.ofKind("state_update").map(({ state }) => state);

  it("returns the message id, streams the response, and becomes idle with a stop reason", async () => {
    const pause = Promise.withResolvers<void>();
    scripts({
      body: [
        chunk({ reasoning_content: "Thinking first." }),
        chunk({ content: "Hello " }),
        pause.promise,
        chunk({ content: "there." }),
        finish(),
        `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage })}\n\n`,
        done,
      ],
    });
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const messageId = await editor.prompt(sessionId, "Hi");
    await editor.update("agent_message_chunk");
    assert.deepEqual(editor.messages(), ["Thinking first.", "Hello "]);
    assert.deepEqual(states(editor), ["running"]);
    pause.resolve();
    assert.deepEqual(await editor.turnEnd(messageId), endTurn);
    assert.deepEqual(editor.messages(), ["Thinking first.", "Hello there."]);
    assert.deepEqual(editor.ofKind("user_message"), [
      { sessionUpdate: "user_message", messageId, content: [{ type: "text", text: "Hi" }] },
    ]);
    assert.deepEqual(states(editor), ["running", "idle"]);
    const [used] = editor.ofKind("usage_update");
    assert.deepEqual([used?.used, used?.size], [1020, 100_000]);
    assert.equal(editor.ofKind("session_info_update")[0]?.title, "Hi");
  });

  it("shows tool calls with kind, location and state, the plan, command output and Git patches", async () => {
    scripts(
      callTools([
        "plan",
        {
          items: [
            { text: "Look", state: "active" },
            { text: "Never mind", state: "dropped" },
          ],
        },
      ]),
      callTools(["edit", { path: "a b.txt", edits: [{ old: "two", new: "2" }] }]),
      callTools(["write", { path: "new.txt", content: "fresh\n" }]),
      callTools(["bash", { command: "echo from-the-shell; touch made.txt" }]),
      answer("Done."),
    );
    const changed = join(work(), "a b.txt");
    const made = join(work(), "new.txt");
    writeFileSync(changed, "one\ntwo\nthree\n");
    const editor = await openDraft({ args: ["--draft-v2", "--mode", "edit"] });
    const { sessionId } = await editor.create();
    assert.deepEqual(await editor.turnEnd(await editor.prompt(sessionId, "Change it")), endTurn);
    assert.deepEqual(editor.ofKind("plan_update")[0]?.plan, {
      type: "items",
      planId: "plan",
      entries: [
        { content: "Look", priority: "medium", status: "in_progress" },
        { content: "Never mind", priority: "medium", status: "cancelled" },
      ],
    });
    const updates = editor.ofKind("tool_call_update");
    const begun = updates.filter(({ name }) => name);
    assert.deepEqual(
      begun.map(({ kind, status }) => `${kind} ${status}`),
      ["think pending", "edit pending", "edit pending", "execute pending"],
    );
    assert.deepEqual(begun[1]?.locations, [{ path: changed, line: 2 }]);
    const ended = (call: number) =>
      updates.findLast(({ toolCallId, status }) => toolCallId === begun[call]?.toolCallId && status === "completed");
    const patch = (text: string) => ({ format: "git_patch", text });
    assert.deepEqual(ended(1)?.content, [
      {
        type: "diff",
        changes: [{ operation: "modify", path: changed, fileType: "text" }],
        patch: patch(
          `diff --git ${changed} ${changed}\n--- ${changed}\n+++ ${changed}\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n`,
        ),
      },
    ]);
    assert.deepEqual(ended(2)?.content, [
      {
        type: "diff",
        changes: [{ operation: "add", path: made, fileType: "text" }],
        patch: patch(
          `diff --git ${made} ${made}\nnew file mode 100644\n--- /dev/null\n+++ ${made}\n@@ -0,0 +1,1 @@\n+fresh\n`,
        ),
      },
    ]);
    assert.match(JSON.stringify(ended(3)?.content), /```\\n[^`]*from-the-shell[^`]*\\n```/);
    // Edit mode asks before a command; the session waits for the answer, then continues.
    assert.deepEqual(states(editor), ["running", "requires_action", "running", "idle"]);
    const [{ title, description, subject } = { title: "", description: "", subject: null }] = editor.permissionRequests;
    assert.match(title, /^bash: /);
    assert.match(String(description), /echo from-the-shell; touch made\.txt/);
    assert.ok(subject && RequestPermissionSubject.isToolCall(subject));
    assert.equal(subject.toolCall.toolCallId, begun[3]?.toolCallId);
  });

  it("requests permission with the proposed diff, and respects a denial", async () => {
    scripts(callTools(["edit", { path: "a.txt", edits: [{ old: "two", new: "2" }] }]), answer("As you like."));
    const path = join(work(), "a.txt");
    writeFileSync(path, "one\ntwo\n");
    const editor = await openDraft({ requestPermission: async () => selectOption("no") });
    const { sessionId } = await editor.create();
    assert.deepEqual(await editor.turnEnd(await editor.prompt(sessionId, "Change it")), endTurn);
    const [asked] = editor.permissionRequests;
    assert.deepEqual(asked?.options.map(({ optionId, kind }) => `${optionId} ${kind}`).sort(), [
      "always allow_always",
      "no reject_once",
      "session allow_always",
      "yes allow_once",
    ]);
    const subject = asked?.subject;
    assert.ok(subject && RequestPermissionSubject.isToolCall(subject));
    const [diff] = subject.toolCall.content ?? [];
    assert.ok(diff && ToolCallContent.isDiff(diff));
    assert.deepEqual(diff.changes, [{ operation: "modify", path, fileType: "text" }]);
    assert.match(diff.patch?.text ?? "", /-two\n\+2\n$/);
    assert.equal(readFileSync(path, "utf8"), "one\ntwo\n");
    assert.equal(editor.ofKind("tool_call_update").at(-1)?.status, "failed");
  });

  it("cancels a turn immediately, and reports queued prompts as cancelled", async () => {
    const hanging: Script = { body: [chunk({ content: "So far" })], end: "open" };
    scripts(hanging);
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const messageId = await editor.prompt(sessionId, "Begin");
    await editor.update("agent_message_chunk");
    const second = assert.rejects(editor.prompt(sessionId, "And then"), { code: -32800 });
    await editor.agent.notify("session/cancel", { sessionId });
    await second;
    assert.deepEqual(await editor.turnEnd(messageId), cancelled);
    assert.equal(at.received().length, 1);
    await at.received()[0]?.closed;
  });

  it("removes a prompt from the queue when its request is cancelled, and cancels nothing else", async () => {
    const rest = Promise.withResolvers<void>();
    scripts({ body: [chunk({ content: "One" }), rest.promise, chunk({ content: " and all." }), finish(), done] });
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const first = await editor.prompt(sessionId, "Begin");
    const watched = await at.watch(sessionId);
    const controller = new AbortController();
    const prompt: ContentBlock[] = [{ type: "text", text: "And then" }];
    const second = editor.agent.request(
      "session/prompt",
      { sessionId, prompt },
      { cancellationSignal: controller.signal, stopWaitingOnCancel: false },
    );
    await watched.event("prompt.queued");
    controller.abort();
    await assert.rejects(second, { code: -32800 });
    await watched.event("prompt.dropped");
    rest.resolve();
    assert.deepEqual(await editor.turnEnd(first), endTurn);
    assert.deepEqual(editor.messages(), ["One and all."]);
  });

  it("responds to a prompt when it starts: in the next turn, or in the running one if steering is set", async () => {
    const first = Promise.withResolvers<void>();
    scripts(
      { body: [first.promise, ...((callTools(["read", { path: "a.txt" }]).body ?? []) as Iterable<string>)] },
      answer("Seen."),
      answer("The second."),
    );
    writeFileSync(join(work(), "a.txt"), "one\n");
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    await editor.prompt(sessionId, "First");
    const { event } = await at.watch(sessionId);
    const queued = editor.prompt(sessionId, "Second");
    await event("prompt.queued");
    await editor.agent.request("session/set_config_option", {
      sessionId,
      configId: "busy",
      type: "id",
      value: "steer",
    });
    const steered = editor.prompt(sessionId, "Mind the tests");
    await event("prompt.queued");
    assert.equal(editor.ofKind("user_message").length, 1);
    first.resolve();
    const steeredId = await steered;
    const secondId = await queued;
    assert.deepEqual(await editor.turnEnd(secondId), endTurn);
    assert.deepEqual(
      editor
        .ofKind("user_message")
        .slice(1)
        .map(({ messageId }) => messageId),
      [steeredId, secondId],
    );
    assert.deepEqual(editor.messages(), ["Seen.", "The second."]);
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /Mind the tests/);
  });

  it("offers modes and models as options, and runs prompts with them", async () => {
    scripts(answer("One."));
    const editor = await openDraft();
    const { sessionId, configOptions } = await editor.create();
    assert.deepEqual(
      configOptions?.map(({ configId, category, type }) => `${configId} ${category} ${type}`),
      [
        "mode mode select",
        "agent _agent select",
        "model model select",
        "effort thought_level select",
        "busy _queue select",
      ],
    );
    const set = (configId: string, value: string) =>
      editor.agent.request("session/set_config_option", { sessionId, configId, type: "id", value });
    const { configOptions: now } = await set("model", "here/other");
    assert.equal((now[2] as { currentValue: string }).currentValue, "here/other");
    await set("mode", "plan");
    await editor.turnEnd(await editor.prompt(sessionId, "Go"));
    assert.equal(at.received()[0]?.body.model, "other");
    await assert.rejects(set("model", "none/such"), { code: -32602 });
    await assert.rejects(set("mode", "yolo"), { code: -32602 });
    const wrongType = { sessionId, configId: "mode", type: "boolean", value: true } as const;
    await assert.rejects(editor.agent.request("session/set_config_option", wrongType), { code: -32602 });
  });

  it("accepts images, embedded files and links, and sends the message back unchanged", async () => {
    scripts(answer("A square."));
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const prompt: ContentBlock[] = [
      { type: "text", text: "Look at " },
      { type: "resource_link", uri: `file://${work()}/src/a.ts`, name: "a.ts" },
      { type: "text", text: " and " },
      { type: "resource", resource: { uri: `file://${work()}/b.ts`, text: "const embedded = 1;" } },
      { type: "image", data, mimeType: "image/png" },
    ];
    await editor.turnEnd(await editor.prompt(sessionId, prompt));
    assert.deepEqual(editor.ofKind("user_message")[0]?.content, prompt);
    assert.match(sentMessages(), /Look at @src\/a\.ts and @b\.ts/);
    assert.match(sentMessages(), /const embedded = 1;/);
    for (const [block, message] of [
      [{ type: "audio", data: "", mimeType: "audio/wav" }, /Audio is not supported/],
      [{ type: "image", data: "AA==", mimeType: "image/tiff" }, /image\/tiff/],
      [{ type: "_smell", of: "coffee" }, /_smell/],
    ] as [ContentBlock, RegExp][])
      await assert.rejects(
        editor.prompt(sessionId, [block]),
        (error: RequestError) => error.code === -32602 && message.test(error.message),
      );
  });

  it("lists sessions, resumes one with or without its history, closes and deletes it", async () => {
    scripts(callTools(["read", { path: "a.txt" }]), answer("It says one."), answer("Still."));
    writeFileSync(join(work(), "a.txt"), "one\n");
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const messageId = await editor.prompt(sessionId, "What does it say?");
    await editor.turnEnd(messageId);
    await editor.close();

    const again = await openDraft();
    const { sessions } = await again.agent.request("session/list", { cwd: work() });
    assert.deepEqual(
      sessions.slice(0, 1).map(({ sessionId: id, title, cwd }) => ({ id, title, cwd })),
      [{ id: sessionId, title: "What does it say?", cwd: work() }],
    );
    const place = { sessionId, cwd: work() };
    const { configOptions } = await again.agent.request("session/resume", { ...place, replayFrom: { type: "start" } });
    assert.equal(configOptions?.[0]?.configId, "mode");
    await again.update("state_update");
    const kinds = (updates: SessionUpdate[]): string[] => updates.map(({ sessionUpdate }) => sessionUpdate);
    assert.deepEqual(kinds(again.updates), [
      "user_message",
      "tool_call_update",
      "tool_call_update",
      "agent_message",
      "usage_update",
      "session_info_update",
      "state_update",
    ]);
    assert.equal(again.ofKind("user_message")[0]?.messageId, messageId);
    assert.deepEqual(again.messages(), ["It says one."]);
    assert.deepEqual(states(again), ["idle"]);
    await again.update("available_commands_update");

    const before = again.updates.length;
    await again.agent.request("session/resume", place);
    await again.waitFor(() => again.ofKind("state_update")[1]);
    assert.deepEqual(kinds(again.updates.slice(before)), ["state_update"]);
    assert.deepEqual(await again.turnEnd(await again.prompt(sessionId, "And now?")), endTurn);
    await again.agent.request("session/close", { sessionId });
    await again.agent.request("session/close", { sessionId });
    await assert.rejects(again.prompt(sessionId, "Gone?"), { code: -32002 });
    const elsewhere = { ...place, replayFrom: { type: "_middle" } } as const;
    await assert.rejects(again.agent.request("session/resume", elsewhere), { code: -32602 });
    await again.agent.request("session/delete", { sessionId });
    const left = await again.agent.request("session/list", {});
    assert.ok(!left.sessions.some((one) => one.sessionId === sessionId));
    await assert.rejects(again.agent.request("session/resume", place), { code: -32002 });
  });

  it("resumes a session during a turn: sends the status, and finally the complete response", async () => {
    const rest = Promise.withResolvers<void>();
    scripts({ body: [chunk({ content: "So far" }), rest.promise, chunk({ content: ", and on." }), finish(), done] });
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    await editor.prompt(sessionId, "Begin");
    await editor.update("agent_message_chunk");
    const place = { sessionId, cwd: work() };
    const [all, last] = [await openDraft(), await openDraft()];
    await all.agent.request("session/resume", { ...place, replayFrom: { type: "start" } });
    await last.agent.request("session/resume", place);
    for (const one of [all, last]) assert.equal((await one.update("state_update")).state, "running");
    assert.deepEqual([all.messages(), last.messages()], [["So far"], []]);
    rest.resolve();
    for (const one of [editor, all, last]) {
      await one.update("state_update", ({ state }) => state === "idle");
      assert.deepEqual(one.messages(), ["So far, and on."]);
    }
  });

  it("cancels what it started when a session is closed, and reports that before the response", async () => {
    scripts({ body: [chunk({ content: "So far" })], end: "open" });
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const messageId = await editor.prompt(sessionId, "Begin");
    await editor.update("agent_message_chunk");
    await editor.agent.request("session/close", { sessionId });
    assert.deepEqual(await editor.turnEnd(messageId), cancelled);
    assert.deepEqual(editor.updates.at(-1), cancelled);
  });

  it("reports why a turn did not complete", async () => {
    scripts(
      { status: 401, body: [JSON.stringify({ error: { message: "no such key" } })] },
      { body: [chunk({ content: "Very long" }), finish("length"), done] },
    );
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const { stopReason, error } = await editor.turnEnd(await editor.prompt(sessionId, "Hi"));
    assert.equal(stopReason, "error");
    assert.equal((error as RequestError).code, -32041);
    assert.match((error as RequestError).message, /key/);
    assert.equal((await editor.turnEnd(await editor.prompt(sessionId, "Again"))).stopReason, "max_tokens");
    assert.match(JSON.stringify(editor.ofKind("notice").at(-1)), /output limit/);
  });

  it("has built-in commands for the shell and notes, each with a message and an end", async () => {
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const { availableCommands } = await editor.update("available_commands_update");
    assert.deepEqual(availableCommands[0], {
      type: "command",
      name: "shell",
      description: "Run a shell command in the session's folder",
      input: { type: "text", hint: "command" },
    });
    assert.deepEqual(await editor.turnEnd(await editor.prompt(sessionId, "/shell echo mine")), endTurn);
    assert.match(JSON.stringify(editor.ofKind("tool_call_update").at(-1)), /mine/);
    assert.deepEqual(await editor.turnEnd(await editor.prompt(sessionId, "/note Tabs, never blanks")), endTurn);
    assert.match(readFileSync(join(work(), "AGENTS.md"), "utf8"), /Tabs, never blanks/);
    assert.deepEqual(
      editor.ofKind("user_message").map(({ content }) => content),
      [[{ type: "text", text: "/shell echo mine" }], [{ type: "text", text: "/note Tabs, never blanks" }]],
    );
    assert.match(editor.messages().at(-1) ?? "", /^Added a note to .*AGENTS\.md\.$/);
    assert.deepEqual(states(editor), ["running", "idle", "running", "idle"]);
  });
});
