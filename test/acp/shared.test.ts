/** What an editor shares with other clients: questions, sessions, its open files and its MCP servers. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CreateElicitationRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk";
import { neverResolves, selectOption } from "../help/acp.ts";
import { useEditorHome } from "../help/acp-home.ts";
import { serverPath } from "../help/plugins.ts";
import { answer, chunk } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

describe("a session shared by an editor", () => {
  const at = useEditorHome();
  const { open, scripts } = at;
  const work = (): string => at.home().work;

  it("cancels a question when another client answers first, and ignores a late answer", async () => {
    scripts(callTools(["bash", { command: "touch made.txt" }]), answer("Made."), answer("Still well."));
    const asked = Promise.withResolvers<void>();
    const withdrawn = Promise.withResolvers<void>();
    const late = Promise.withResolvers<RequestPermissionResponse>();
    const editor = await open({
      requestPermission(_, signal) {
        signal.addEventListener("abort", () => withdrawn.resolve(), { once: true });
        asked.resolve();
        return late.promise;
      },
    });
    const { sessionId } = await editor.create();
    const watched = await at.watch(sessionId);
    const prompt = editor.prompt(sessionId, "Make it");
    const { question, digest } = await watched.event("question.asked");
    await asked.promise;
    await watched.link.call("questionAnswer", { session: sessionId, question, digest, answer: { choice: "yes" } });
    await withdrawn.promise;
    assert.equal(await prompt, "end_turn");
    assert.equal(editor.permissionRequests.length, 1);
    assert.ok(existsSync(join(work(), "made.txt")));
    late.resolve(selectOption("no"));
    assert.equal(await editor.prompt(sessionId, "And?"), "end_turn");
    assert.equal(editor.text(), "Made.Still well.");
    assert.equal(editor.stderr(), "");
  });

  it("accepts the first answer, also from the editor", async () => {
    scripts(callTools(["bash", { command: "touch b.txt" }]), answer("Made."));
    const [first, second] = [await open(), await open({ requestPermission: neverResolves })];
    const { sessionId } = await first.create();
    await second.agent.request("session/resume", { sessionId, cwd: work() });
    assert.equal(await first.prompt(sessionId, "Make b"), "end_turn");
    // The second editor shows the first one's prompt and its result.
    await second.update("session_info_update");
    await second.update("agent_message_chunk");
    assert.deepEqual(
      second.ofKind("user_message_chunk").map(({ content }) => content),
      [{ type: "text", text: "Make b" }],
    );
    assert.deepEqual(first.ofKind("user_message_chunk"), []);
    assert.equal(second.text(), "Made.");
  });

  it("ends an editor's request when another client cancels the turn or drops the prompt", async () => {
    scripts({ body: [chunk({ content: "So far" })], end: "open" });
    const editor = await open();
    const { sessionId } = await editor.create();
    const watched = await at.watch(sessionId);
    const first = editor.prompt(sessionId, "Begin");
    await editor.update("agent_message_chunk");
    const second = editor.prompt(sessionId, "And then");
    const { prompt } = await watched.event("prompt.queued");
    await watched.link.call("queueDrop", { session: sessionId, prompt });
    assert.equal(await second, "cancelled");
    await watched.link.call("turnCancel", { session: sessionId });
    assert.equal(await first, "cancelled");
  });

  it("does not cancel another client's turn if only its own prompt is queued", async () => {
    scripts({ body: [chunk({ content: "For the other" })], end: "open" }, answer("Mine."));
    const editor = await open();
    const { sessionId } = await editor.create();
    const watched = await at.watch(sessionId);
    await watched.link.call("turnPrompt", { session: sessionId, text: "From the terminal" });
    await editor.update("agent_message_chunk");
    const mine = editor.prompt(sessionId, "From the editor");
    await watched.event("prompt.queued");
    await editor.agent.notify("session/cancel", { sessionId });
    assert.equal(await mine, "cancelled");
    const { sessions } = await watched.link.call("serverStatus", {});
    assert.ok(sessions.some(({ session, running }) => session === sessionId && running));
    await watched.link.call("turnCancel", { session: sessionId });
  });

  it("starts a stopped server again with the next prompt or session, and not before", async () => {
    writeFileSync(join(work(), "a.txt"), "on the disk\n");
    const isRunning = async (): Promise<boolean> => (await at.home().run(["status"])).code === 0;
    const read = Promise.withResolvers<{ content: string }>();
    const reading = Promise.withResolvers<void>();
    scripts(callTools(["read", { path: "a.txt" }]), answer("Again."));
    const editor = await open({
      capabilities: { fs: { readTextFile: true } },
      read() {
        reading.resolve();
        return read.promise;
      },
    });
    const { sessionId } = await editor.create();
    const prompt = editor.prompt(sessionId, "Read it");
    await reading.promise;
    await at.home().run(["stop"]);
    assert.equal(await prompt, "cancelled");
    // What the editor still had to answer, and what it sends by itself.
    read.resolve({ content: "late" });
    await editor.agent.notify("session/cancel", { sessionId });
    await assert.rejects(editor.agent.request("session/list", {}));
    await editor.agent.request("session/close", { sessionId }).catch(() => undefined);
    assert.equal(await isRunning(), false);
    await editor.agent.request("session/resume", { sessionId, cwd: work() });
    assert.equal(await isRunning(), true);
    await at.home().run(["stop"]);
    // The agent has noticed that the server is gone.
    await assert.rejects(editor.agent.request("session/list", {}));
    scripts(answer("Back."));
    assert.equal(await editor.prompt(sessionId, "And?"), "end_turn");
    assert.equal(await isRunning(), true);
  });

  it("misses nothing when the server closes the session, and reopens it with the next prompt", async () => {
    scripts(answer("One."), callTools(["read", { path: "none.txt" }]), answer("Two."));
    const editor = await open();
    const { sessionId } = await editor.create();
    await editor.prompt(sessionId, "First");
    await (await at.link()).call("sessionClose", { session: sessionId });
    assert.equal(await editor.prompt(sessionId, "Second"), "end_turn");
    assert.equal(editor.text(), "One.Two.");
    assert.equal(editor.ofKind("tool_call").length, 1);
    assert.equal(editor.ofKind("tool_call_update").at(-1)?.status, "failed");
    assert.deepEqual(editor.ofKind("user_message_chunk"), []);
  });

  it("asks with a form if the editor supports forms, otherwise with choices", async () => {
    const question = { question: "Which color?", choices: ["red", "blue"] };
    const forms: CreateElicitationRequest[] = [];
    scripts(callTools(["ask", question]), answer("So be it."));
    const withForms = await open({
      capabilities: { elicitation: { form: {} } },
      async elicit(request) {
        forms.push(request);
        return { action: "accept", content: { text: "a warm green" } };
      },
    });
    const one = await withForms.create();
    assert.equal(await withForms.prompt(one.sessionId, "Paint"), "end_turn");
    assert.match(JSON.stringify(forms[0]), /Which color\?.*red.*blue/);
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /a warm green/);

    scripts(callTools(["ask", question]), answer("So be it."));
    const without = await open({ requestPermission: async () => selectOption("2") });
    const two = await without.create();
    assert.equal(await without.prompt(two.sessionId, "Paint"), "end_turn");
    assert.deepEqual(
      without.permissionRequests[0]?.options.map(({ name }) => name),
      ["red", "blue"],
    );
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /"content":"blue"/);
  });

  it("cancels the turn when the user cancels instead of answering", async () => {
    scripts(callTools(["bash", { command: "touch never.txt" }]), answer("Not delivered."));
    const editor = await open({ requestPermission: async () => ({ outcome: { outcome: "cancelled" } }) });
    const { sessionId } = await editor.create();
    assert.equal(await editor.prompt(sessionId, "Make it"), "cancelled");
    assert.equal(existsSync(join(work(), "never.txt")), false);
  });

  it("reads and writes files through the editor", async () => {
    scripts(
      callTools(["read", { path: "a.txt" }]),
      callTools(["edit", { path: "a.txt", edits: [{ old: "unsaved", new: "changed" }] }]),
      answer("Done."),
    );
    writeFileSync(join(work(), "a.txt"), "on the disk\n");
    const texts = new Map([[join(work(), "a.txt"), "unsaved\n"]]);
    const written: [string, string][] = [];
    const editor = await open({
      args: ["--mode", "edit"],
      capabilities: { fs: { readTextFile: true, writeTextFile: true } },
      async read({ path }) {
        const content = texts.get(path);
        if (content === undefined) throw new Error("not there");
        return { content };
      },
      async write({ path, content }) {
        written.push([path, content]);
        texts.set(path, content);
        return {};
      },
    });
    const { sessionId } = await editor.create();
    assert.equal(await editor.prompt(sessionId, "Change it"), "end_turn");
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /unsaved/);
    assert.deepEqual(written, [[join(work(), "a.txt"), "changed\n"]]);
    assert.equal(readFileSync(join(work(), "a.txt"), "utf8"), "on the disk\n");
    // Another session of the same editor reads the editor's text too.
    const { sessionId: second } = await editor.create();
    for (const id of [second, sessionId]) {
      scripts(callTools(["read", { path: "a.txt" }]), answer("Read."));
      assert.equal(await editor.prompt(id, "Read it"), "end_turn");
      assert.match(JSON.stringify(at.received()[1]?.body.messages), /changed/);
    }
    // Another client's session in the same folder reads from disk.
    scripts(callTools(["read", { path: "a.txt" }]), answer("Read."));
    const other = await open();
    const { sessionId: theirs } = await other.create();
    assert.equal(await other.prompt(theirs, "Read it"), "end_turn");
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /on the disk/);
  });

  it("uses an MCP server of the editor only after two approvals", async () => {
    const memory = { name: "my memory", command: process.execPath, args: [serverPath("memory")], env: [] };
    scripts(answer("Without."), callTools(["my_memory__read_graph", {}]), answer("With."));
    const no = await open({ requestPermission: async () => selectOption("no") });
    await no.create({ mcpServers: [memory] });
    await no.update("tool_call_update", ({ status }) => status === "failed");
    const link = await at.link();
    const listed = async () => (await link.call("pluginsList", { cwd: work() })).plugins;
    assert.deepEqual(
      (await listed()).map(({ name, source, state }) => ({ name, source, state })),
      [{ name: "my_memory", source: "the client Test Editor (ACP)", state: "unapproved" }],
    );
    await no.close();

    const editor = await open();
    const { sessionId } = await editor.create({ mcpServers: [memory] });
    await editor.update(
      "tool_call_update",
      ({ toolCallId, status }) => toolCallId.endsWith(".use") && status === "completed",
    );
    assert.match(JSON.stringify(editor.permissionRequests[0]), /server-memory/);
    assert.match(JSON.stringify(editor.permissionRequests[1]), /read_graph/);
    assert.equal((await listed())[0]?.state, "ready");
    scripts(callTools(["my_memory__read_graph", {}]), answer("With."));
    assert.equal(await editor.prompt(sessionId, "Read the graph"), "end_turn");
    assert.match(JSON.stringify(at.received()[0]?.body.tools), /my_memory__read_graph/);
    await editor.close();
    assert.deepEqual(await listed(), []);
    await assert.rejects(
      (await open()).create({ mcpServers: [{ type: "sse", name: "old", url: "http://127.0.0.1:1", headers: [] }] }),
      { code: -32602 },
    );
  });

  it("has plugin commands, and expands their arguments", async () => {
    scripts(answer("Rain."));
    const everything = { name: "everything", command: process.execPath, args: [serverPath("everything")], env: [] };
    const editor = await open();
    const { sessionId } = await editor.create({ mcpServers: [everything] });
    const { availableCommands } = await editor.update("available_commands_update", (one) =>
      one.availableCommands.some(({ name }) => name.startsWith("everything:")),
    );
    const found = availableCommands.find(({ name }) => name === "everything:args-prompt");
    assert.deepEqual(found?.input, { hint: "city [state]" });
    assert.equal(await editor.prompt(sessionId, "/everything:args-prompt Paris"), "end_turn");
    assert.match(JSON.stringify(at.received()[0]?.body.messages), /What's weather in Paris\?/);
    assert.equal(await editor.prompt(sessionId, "/usr/bin/env is a path"), "end_turn");
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /\/usr\/bin\/env is a path/);
  });
});
