/** Sessions of an editor with the built program, using the SDK's own client: create, prompt, cancel, load and list. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { open as openFile } from "node:fs/promises";
import { join } from "node:path";
import type { LoadSessionRequest, RequestError } from "@agentclientprotocol/sdk";
import { selectOption } from "../help/acp.ts";
import { useEditorHome } from "../help/acp-home.ts";
import { answer, chunk, done, finish, type Script } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

const usage = { prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 };

describe("an editor over ACP", () => {
  const at = useEditorHome();
  const { open, scripts } = at;
  const work = (): string => at.home().work;
  const bodies = (): { messages: { role: string; content: unknown }[]; model: string }[] =>
    at.received().map(({ body }) => body as never);

  it("streams thoughts and text, reports usage, and ends the turn", async () => {
    let go: (value: unknown) => void = () => undefined;
    const pause = new Promise((resolve) => {
      go = resolve;
    });
    scripts({
      body: [
        chunk({ reasoning_content: "Thinking first." }),
        chunk({ content: "Hello " }),
        pause,
        chunk({ content: "there." }),
        finish(),
        `data: ${JSON.stringify({ id: "c1", object: "chat.completion.chunk", created: 1, model: "m", choices: [], usage })}\n\n`,
        done,
      ],
    });
    const editor = await open();
    const { sessionId } = await editor.create();
    const prompt = editor.prompt(sessionId, "Hi");
    await editor.update("agent_message_chunk");
    assert.equal(editor.text(), "Hello ");
    go(null);
    assert.equal(await prompt, "end_turn");
    assert.equal(editor.text(), "Hello there.");
    assert.deepEqual(
      editor.ofKind("agent_thought_chunk").map(({ content }) => content),
      [{ type: "text", text: "Thinking first." }],
    );
    assert.equal(new Set(editor.ofKind("agent_message_chunk").map(({ messageId }) => messageId)).size, 1);
    assert.deepEqual(editor.ofKind("user_message_chunk"), []);
    const [used] = editor.ofKind("usage_update");
    assert.equal(used?.size, 100_000);
    assert.equal(used?.used, 1020);
    assert.equal(editor.ofKind("session_info_update")[0]?.title, "Hi");
  });

  it("shows tool calls with kind, location and state, the plan, command output and diffs", async () => {
    scripts(
      callTools([
        "plan",
        {
          items: [
            { text: "Look", state: "active" },
            { text: "Change", state: "pending" },
          ],
        },
      ]),
      callTools(["read", { path: "a.txt" }]),
      callTools(["edit", { path: "a.txt", edits: [{ old: "two", new: "2" }] }]),
      callTools(["write", { path: "new.txt", content: "fresh\n" }]),
      callTools(["bash", { command: "echo from-the-shell; touch made.txt" }]),
      answer("Done."),
    );
    writeFileSync(join(work(), "a.txt"), "one\ntwo\nthree\n");
    const editor = await open({ args: ["--mode", "edit"] });
    const { sessionId } = await editor.create();
    assert.equal(await editor.prompt(sessionId, "Change it"), "end_turn");
    assert.deepEqual(editor.ofKind("plan")[0]?.entries, [
      { content: "Look", priority: "medium", status: "in_progress" },
      { content: "Change", priority: "medium", status: "pending" },
    ]);
    const calls = editor.ofKind("tool_call");
    assert.deepEqual(
      calls.map(({ kind }) => kind),
      ["think", "read", "edit", "edit", "execute"],
    );
    assert.deepEqual(calls[1]?.locations, [{ path: join(work(), "a.txt") }]);
    const ended = (id: string | undefined) =>
      editor.ofKind("tool_call_update").findLast(({ toolCallId, content }) => toolCallId === id && content);
    assert.deepEqual(ended(calls[2]?.toolCallId)?.content, [
      { type: "diff", path: join(work(), "a.txt"), oldText: "one\ntwo\nthree\n", newText: "one\n2\nthree\n" },
    ]);
    assert.deepEqual(ended(calls[3]?.toolCallId)?.content, [
      { type: "diff", path: join(work(), "new.txt"), oldText: null, newText: "fresh\n" },
    ]);
    const [output] = ended(calls[4]?.toolCallId)?.content ?? [];
    assert.ok(output?.type === "content" && output.content.type === "text");
    assert.match(output.content.text, /^```\n[\s\S]*from-the-shell[\s\S]*\n```$/);
    for (const { toolCallId } of calls) {
      const states = editor.ofKind("tool_call_update").filter((one) => one.toolCallId === toolCallId);
      assert.ok(
        states.some(({ status }) => status === "completed"),
        toolCallId,
      );
    }
    // Edit mode still asks before a command; the editor approves.
    assert.deepEqual(
      editor.permissionRequests.map(({ toolCall }) => toolCall.toolCallId),
      [calls[4]?.toolCallId],
    );
  });

  it("shows command output in a display-only terminal if the editor supports it", async () => {
    scripts(callTools(["bash", { command: "echo one; cat ../pipe; exit 3" }]), answer("It failed."));
    execFileSync("mkfifo", [join(work(), "../pipe")]);
    const editor = await open({ capabilities: { _meta: { terminal_output: true } } });
    const { sessionId } = await editor.create();
    const prompt = editor.prompt(sessionId, "Run it");
    const pipe = await openFile(join(work(), "../pipe"), "w");
    const metaOf = (key: string, from = editor) =>
      [...from.ofKind("tool_call"), ...from.ofKind("tool_call_update")].flatMap((one) => one._meta?.[key] ?? []);
    const written = (from = editor): string =>
      metaOf("terminal_output", from)
        .map((one) => (one as { data: string }).data)
        .join("");
    await editor.waitFor(() => written() === "one\n" || undefined);
    await pipe.write("\x1b[32mtwo\x1b[0m\n\x1b]52;c;eA==\x07\n");
    await pipe.close();
    assert.equal(await prompt, "end_turn");
    const expected = "one\ntwo\n\\x1b]52;c;eA==\\x07\n(exit code 3)";
    assert.equal(written(), expected);
    const [call] = editor.ofKind("tool_call");
    const terminal_id = call?.toolCallId;
    assert.deepEqual(metaOf("terminal_info"), [{ terminal_id }]);
    assert.deepEqual(metaOf("terminal_exit"), [{ terminal_id, exit_code: null, signal: null }]);
    const last = editor.ofKind("tool_call_update").at(-1);
    assert.equal(last?.status, "failed");
    assert.deepEqual(last?.content, [{ type: "terminal", terminalId: terminal_id }]);
    const [asked] = editor.permissionRequests;
    assert.match(JSON.stringify(asked?.toolCall.content), /cat \.\.\/pipe/);

    const again = await open({ capabilities: { _meta: { terminal_output: true } } });
    await again.agent.request("session/load", { sessionId, cwd: work(), mcpServers: [] });
    assert.equal(written(again), expected);
    assert.deepEqual(metaOf("terminal_info", again), [{ terminal_id }]);
  });

  it("requests permission with the proposed diff, and respects a denial", async () => {
    scripts(callTools(["edit", { path: "a.txt", edits: [{ old: "two", new: "2" }] }]), answer("As you like."));
    writeFileSync(join(work(), "a.txt"), "one\ntwo\n");
    const editor = await open({ requestPermission: async () => selectOption("no") });
    const { sessionId } = await editor.create();
    assert.equal(await editor.prompt(sessionId, "Change it"), "end_turn");
    const [{ toolCall, options } = { toolCall: {}, options: [] }] = editor.permissionRequests;
    assert.deepEqual(options.map(({ optionId, kind }) => `${optionId} ${kind}`).sort(), [
      "always allow_always",
      "no reject_once",
      "session allow_always",
      "yes allow_once",
    ]);
    assert.deepEqual((toolCall as { content: unknown }).content, [
      { type: "diff", path: join(work(), "a.txt"), oldText: "one\ntwo\n", newText: "one\n2\n" },
    ]);
    assert.equal(readFileSync(join(work(), "a.txt"), "utf8"), "one\ntwo\n");
    assert.ok(editor.ofKind("tool_call_update").some(({ status }) => status === "failed"));
  });

  it("cancels a turn immediately, and removes its own prompts from the queue", async () => {
    const hanging: Script = { body: [chunk({ content: "So far" })], end: "open" };
    scripts(hanging);
    const editor = await open();
    const { sessionId } = await editor.create();
    const first = editor.prompt(sessionId, "Begin");
    await editor.update("agent_message_chunk");
    const second = editor.prompt(sessionId, "And then");
    await editor.agent.notify("session/cancel", { sessionId });
    assert.deepEqual(await Promise.all([first, second]), ["cancelled", "cancelled"]);
    assert.equal(at.received().length, 1);
    await at.received()[0]?.closed;
  });

  it("cancels a prompt when its request is cancelled", async () => {
    scripts({ body: [chunk({ content: "So far" })], end: "open" });
    const editor = await open();
    const { sessionId } = await editor.create();
    const controller = new AbortController();
    const prompt = editor.agent.request(
      "session/prompt",
      { sessionId, prompt: [{ type: "text", text: "Begin" }] },
      { cancellationSignal: controller.signal },
    );
    await editor.update("agent_message_chunk");
    controller.abort();
    assert.equal((await prompt).stopReason, "cancelled");
  });

  it("queues a prompt while a turn is running, or steers the turn if that option is set", async () => {
    let go: (value: unknown) => void = () => undefined;
    const first = new Promise((resolve) => {
      go = resolve;
    });
    scripts(
      { body: [first, ...((callTools(["read", { path: "a.txt" }]).body ?? []) as Iterable<string>)] },
      answer("Seen."),
      answer("The second."),
    );
    writeFileSync(join(work(), "a.txt"), "one\n");
    const editor = await open();
    const { sessionId, configOptions } = await editor.create();
    assert.ok(configOptions?.some(({ id }) => id === "busy"));
    const running = editor.prompt(sessionId, "First");
    await at.request(0);
    const { event } = await at.watch(sessionId);
    const queued = editor.prompt(sessionId, "Second");
    assert.equal((await event("prompt.queued")).steers, undefined);
    await editor.agent.request("session/set_config_option", { sessionId, configId: "busy", value: "steer" });
    const steered = editor.prompt(sessionId, "Mind the tests");
    assert.equal((await event("prompt.queued")).steers, "t1");
    go(null);
    assert.deepEqual(await Promise.all([running, queued, steered]), ["end_turn", "end_turn", "end_turn"]);
    const [, afterRead, second] = bodies();
    assert.match(JSON.stringify(afterRead?.messages), /Mind the tests/);
    assert.doesNotMatch(JSON.stringify(afterRead?.messages), /Second/);
    assert.match(JSON.stringify(second?.messages), /Second/);
  });

  it("offers modes and options, and runs prompts with them", async () => {
    scripts(answer("One."), answer("Two."));
    const editor = await open();
    const { sessionId, modes, configOptions } = await editor.create();
    assert.equal(modes?.currentModeId, "ask");
    assert.deepEqual(
      modes?.availableModes.map(({ id }) => id),
      ["plan", "ask", "edit", "auto"],
    );
    assert.deepEqual(
      configOptions?.map(({ id, category }) => `${id} ${category}`),
      ["mode mode", "agent _agent", "model model", "effort thought_level", "busy _queue"],
    );
    await editor.agent.request("session/set_mode", { sessionId, modeId: "plan" });
    const changed = await editor.update("config_option_update");
    assert.equal((changed.configOptions[0] as { currentValue: string }).currentValue, "plan");
    const set = await editor.agent.request("session/set_config_option", {
      sessionId,
      configId: "model",
      value: "here/other",
    });
    assert.equal((set.configOptions[2] as { currentValue: string }).currentValue, "here/other");
    await editor.agent.request("session/set_config_option", { sessionId, configId: "mode", value: "auto" });
    assert.equal((await editor.update("current_mode_update")).currentModeId, "auto");
    assert.equal(await editor.prompt(sessionId, "Go"), "end_turn");
    assert.equal(bodies()[0]?.model, "other");
    await assert.rejects(
      editor.agent.request("session/set_config_option", { sessionId, configId: "model", value: "none/such" }),
      { code: -32602 },
    );
    await assert.rejects(editor.agent.request("session/set_mode", { sessionId, modeId: "yolo" }), { code: -32602 });
  });

  it("accepts images, embedded files and links", async () => {
    scripts(answer("A square."));
    const editor = await open();
    const { sessionId } = await editor.create();
    const data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const { stopReason } = await editor.agent.request("session/prompt", {
      sessionId,
      prompt: [
        { type: "text", text: "Look at " },
        { type: "resource_link", uri: `file://${work()}/src/a.ts`, name: "a.ts" },
        { type: "text", text: " and " },
        { type: "resource", resource: { uri: `file://${work()}/b.ts`, text: "const embedded = 1;" } },
        { type: "image", data, mimeType: "image/png" },
      ],
    });
    assert.equal(stopReason, "end_turn");
    const asked = JSON.stringify(bodies()[0]?.messages.at(-1));
    assert.match(asked, /Look at @src\/a\.ts and @b\.ts/);
    assert.match(asked, /const embedded = 1;/);
    for (const [block, message] of [
      [{ type: "audio", data: "", mimeType: "audio/wav" }, /Audio is not supported/],
      [{ type: "image", data: "AA==", mimeType: "image/tiff" }, /image\/tiff/],
      [{ type: "text", text: "  " }, /empty/],
    ] as const)
      await assert.rejects(
        editor.agent.request("session/prompt", { sessionId, prompt: [block] }),
        (error: RequestError) => error.code === -32602 && message.test(error.message),
      );
  });

  it("lists sessions, loads one with its history, resumes it without, closes and deletes it", async () => {
    scripts(callTools(["read", { path: "a.txt" }]), answer("It says one."), answer("Still."));
    writeFileSync(join(work(), "a.txt"), "one\n");
    const editor = await open();
    const { sessionId } = await editor.create();
    await editor.prompt(sessionId, "What does it say?");
    await editor.close();

    const again = await open();
    const { sessions } = await again.agent.request("session/list", { cwd: work() });
    assert.deepEqual(
      sessions.slice(0, 1).map(({ sessionId: id, title, cwd }) => ({ id, title, cwd })),
      [{ id: sessionId, title: "What does it say?", cwd: work() }],
    );
    const place: LoadSessionRequest = { sessionId, cwd: work(), mcpServers: [] };
    const loaded = await again.agent.request("session/load", place);
    assert.equal(loaded.modes?.currentModeId, "ask");
    assert.deepEqual(
      again.updates.map(({ sessionUpdate }) => sessionUpdate),
      [
        "user_message_chunk",
        "tool_call",
        "tool_call_update",
        "agent_message_chunk",
        "usage_update",
        "session_info_update",
      ],
    );
    assert.equal(again.text(), "It says one.");
    await again.update("available_commands_update");

    const before = again.updates.length;
    await again.agent.request("session/resume", place);
    assert.equal(await again.prompt(sessionId, "And now?"), "end_turn");
    assert.ok(!again.updates.slice(before).some(({ sessionUpdate }) => sessionUpdate === "user_message_chunk"));
    await again.agent.request("session/close", { sessionId });
    await assert.rejects(again.prompt(sessionId, "Gone?"), { code: -32002 });
    await again.agent.request("session/delete", { sessionId });
    const left = await again.agent.request("session/list", {});
    assert.ok(!left.sessions.some((one) => one.sessionId === sessionId));
    await assert.rejects(again.agent.request("session/load", place), { code: -32002 });
  });

  it("reports why a turn did not complete", async () => {
    scripts(
      { status: 401, body: [JSON.stringify({ error: { message: "no such key" } })] },
      { body: [chunk({ content: "Very long" }), finish("length"), done] },
    );
    const editor = await open();
    const { sessionId } = await editor.create();
    await assert.rejects(editor.prompt(sessionId, "Hi"), (error: RequestError) => {
      assert.equal(error.code, -32041);
      assert.match(error.message, /key/);
      return true;
    });
    assert.equal(await editor.prompt(sessionId, "Again"), "max_tokens");
    assert.match(JSON.stringify(editor.ofKind("agent_thought_chunk")), /output limit/);
  });

  it("has built-in commands for the shell and notes", async () => {
    scripts(answer("Known."));
    const editor = await open();
    const { sessionId } = await editor.create();
    const { availableCommands } = await editor.update("available_commands_update");
    assert.deepEqual(
      availableCommands.map(({ name }) => name),
      ["shell", "note", "init", "review", "security-review"],
    );
    assert.equal(await editor.prompt(sessionId, "/shell echo mine"), "end_turn");
    assert.match(JSON.stringify(editor.ofKind("tool_call_update").at(-1)), /mine/);
    assert.equal(await editor.prompt(sessionId, "/note Tabs, never blanks"), "end_turn");
    assert.match(readFileSync(join(work(), "AGENTS.md"), "utf8"), /Tabs, never blanks/);
    assert.equal(at.received().length, 0);
  });
});
