/** The draft of version 2 with other clients: version negotiation, wire format, and shared sessions. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { CreateElicitationRequest, RequestPermissionResponse } from "@agentclientprotocol/sdk/experimental/v2";
import { neverResolves } from "../help/acp.ts";
import { useEditorHome } from "../help/acp-home.ts";
import { createSchemaCheck, errorCode, type Json, startRawAgent } from "../help/acp-lines.ts";
import { selectOption } from "../help/acp-v2.ts";
import { serverPath } from "../help/plugins.ts";
import { answer, chunk } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

const flag = ["--draft-v2"];
const info = { name: "editor", version: "1" };

describe("the draft of version 2 and version 1", () => {
  const at = useEditorHome();
  const fits = createSchemaCheck("v2");

  it("serves the draft to an editor that requests it, with the flag", async () => {
    const { initializeResult } = await at.openDraft();
    assert.equal(initializeResult.protocolVersion, 2);
    assert.equal(initializeResult.info.name, "tutti");
    assert.deepEqual(initializeResult.capabilities, {
      session: { prompt: { image: {}, embeddedContext: {} }, mcp: { stdio: {}, http: {} }, delete: {} },
    });
    // Without the flag the response is version 1, which a client of version 2 rejects.
    await assert.rejects(at.openDraft({ args: [] }));
  });

  it("responds to each version with its schema, and rejects an older one", async () => {
    for (const [args, params, version] of [
      [flag, { protocolVersion: 2, info }, 2],
      [flag, { protocolVersion: 2, info, capabilities: { elicitation: { form: {} }, later: {} }, more: 1 }, 2],
      [flag, { protocolVersion: 999 }, 2],
      [flag, { protocolVersion: 1 }, 1],
      [[], { protocolVersion: 2, info }, 1],
    ] as const) {
      const one = startRawAgent(at.home(), args);
      one.ask(1, "initialize", params);
      const { result } = (await one.next()) as { result: Json };
      (version === 2 ? fits : createSchemaCheck("v1"))("InitializeResponse", result);
      assert.equal(result.protocolVersion, version);
      assert.equal(await one.end(), 0);
    }
    const one = startRawAgent(at.home(), flag);
    one.ask(1, "session/list", {});
    assert.equal(errorCode(await one.next()), -32600);
    one.ask(2, "initialize", { protocolVersion: 0 });
    assert.equal(errorCode(await one.next()), -32022);
    await one.end();
  });

  it("serves an editor of version 1 with the flag", async () => {
    at.scripts(callTools(["bash", { command: "touch one.txt" }]), answer("Made."));
    const editor = await at.open({ args: flag, capabilities: { fs: { readTextFile: true } } });
    assert.equal(editor.initializeResult.protocolVersion, 1);
    const { sessionId, modes } = await editor.create();
    assert.equal(modes?.currentModeId, "ask");
    assert.equal(await editor.prompt(sessionId, "Make it"), "end_turn");
    assert.equal(editor.text(), "Made.");
    assert.equal(editor.permissionRequests.length, 1);
    assert.ok(editor.ofKind("tool_call").length === 1 && existsSync(join(at.home().work, "one.txt")));
  });

  it("sends only messages that match the schema, and the status before a session is resumed", async () => {
    at.scripts(
      callTools(["plan", { items: [{ text: "Look", state: "active" }] }]),
      callTools(["write", { path: "x.txt", content: "x\n" }]),
      answer("Done."),
    );
    const one = startRawAgent(at.home(), flag);
    const cwd = at.home().work;
    const seen = new Set<string>();
    /** Answers requests and validates updates until a message matches. */
    const next = async (matches: (message: Json) => boolean): Promise<Json> => {
      for (;;) {
        const message = await one.next();
        if (message.method === "session/update") {
          fits("UpdateSessionNotification", message.params);
          seen.add(String(((message.params as Json).update as Json).sessionUpdate));
        }
        if (message.method === "session/request_permission") {
          fits("RequestPermissionRequest", message.params);
          const result = { outcome: { outcome: "selected", optionId: "yes" } };
          one.send(JSON.stringify({ jsonrpc: "2.0", id: message.id, result }));
        }
        if (matches(message)) return message;
      }
    };
    const answered = async (id: number, name: string): Promise<Json> => {
      const { result } = await next((message) => message.id === id && "result" in message);
      fits(name, result);
      return result as Json;
    };
    const isIdle = ({ params }: Json): boolean => ((params as Json | undefined)?.update as Json)?.state === "idle";
    one.ask(1, "initialize", { protocolVersion: 2, info });
    await answered(1, "InitializeResponse");
    one.ask(2, "session/new", { cwd });
    // Updates of a session are sent after the response with its id.
    assert.deepEqual([...seen], []);
    const { sessionId } = await answered(2, "NewSessionResponse");
    one.ask(3, "session/prompt", { sessionId, prompt: [{ type: "text", text: "Go" }] });
    await next(isIdle);
    for (const kind of ["user_message", "state_update", "plan_update", "tool_call_update", "agent_message_chunk"])
      assert.ok(seen.has(kind), kind);
    assert.ok(seen.has("available_commands_update"));
    seen.clear();
    one.ask(4, "session/resume", { sessionId, cwd });
    await answered(4, "ResumeSessionResponse");
    assert.deepEqual([...seen], ["state_update"]);
    for (const [id, method, params] of [
      [5, "no/such", {}],
      [6, "session/load", { sessionId, cwd }],
      [7, "auth/login", { methodId: "none" }],
    ] as const) {
      one.ask(id, method, params);
      assert.equal(errorCode(await next((message) => message.id === id)), -32601);
    }
    for (const [id, more] of [
      [8, { cwd: "relative" }],
      [9, { cwd, additionalDirectories: [cwd] }],
      [10, { cwd, mcpServers: [{ type: "sse", name: "old", url: "http://127.0.0.1:1" }] }],
    ] as const) {
      one.ask(id, "session/new", more);
      assert.equal(errorCode(await next((message) => message.id === id)), -32602);
    }
    await one.end();
  });
});

describe("a session shared by an editor of the draft", () => {
  const at = useEditorHome();
  const { openDraft, scripts } = at;
  const work = (): string => at.home().work;

  it("cancels a question when another client answers first, and ignores a late answer", async () => {
    scripts(callTools(["bash", { command: "touch made.txt" }]), answer("Made."), answer("Still well."));
    const asked = Promise.withResolvers<void>();
    const withdrawn = Promise.withResolvers<void>();
    const late = Promise.withResolvers<RequestPermissionResponse>();
    const editor = await openDraft({
      requestPermission(_, signal) {
        signal.addEventListener("abort", () => withdrawn.resolve(), { once: true });
        asked.resolve();
        return late.promise;
      },
    });
    const { sessionId } = await editor.create();
    const watched = await at.watch(sessionId);
    const messageId = await editor.prompt(sessionId, "Make it");
    const { question, digest } = await watched.event("question.asked");
    await editor.update("state_update", ({ state }) => state === "requires_action");
    await asked.promise;
    const second = await openDraft({ requestPermission: neverResolves });
    await second.agent.request("session/resume", { sessionId, cwd: work() });
    assert.equal((await second.update("state_update")).state, "requires_action");
    await watched.link.call("questionAnswer", { session: sessionId, question, digest, answer: { choice: "yes" } });
    await withdrawn.promise;
    assert.equal((await editor.turnEnd(messageId)).stopReason, "end_turn");
    assert.ok(existsSync(join(work(), "made.txt")));
    late.resolve(selectOption("no"));
    await editor.turnEnd(await editor.prompt(sessionId, "And?"));
    assert.deepEqual(editor.messages(), ["Made.", "Still well."]);
  });

  it("is shared by editors of both versions: each sees the other's prompts, and either answers", async () => {
    scripts(callTools(["bash", { command: "touch b.txt" }]), answer("Made."), answer("Again."));
    const [older, draft] = [await at.open({ requestPermission: neverResolves }), await openDraft()];
    const { sessionId } = await older.create();
    await draft.agent.request("session/resume", { sessionId, cwd: work() });
    assert.equal(await older.prompt(sessionId, "Make b"), "end_turn");
    const [{ messageId, content } = { messageId: "", content: null }] = draft.ofKind("user_message");
    assert.deepEqual(content, [{ type: "text", text: "Make b" }]);
    assert.equal((await draft.turnEnd(messageId)).stopReason, "end_turn");
    assert.ok(existsSync(join(work(), "b.txt")));
    await draft.turnEnd(await draft.prompt(sessionId, "From the draft"));
    await older.update("user_message_chunk", (one) => one.content.type === "text" && /draft/.test(one.content.text));
    assert.deepEqual(draft.messages(), ["Made.", "Again."]);
    await older.waitFor(() => older.text() === "Made.Again." || undefined);
  });

  it("cancels the turn when the user cancels instead of answering", async () => {
    scripts(callTools(["bash", { command: "touch never.txt" }]), answer("Not delivered."));
    const editor = await openDraft({ requestPermission: async () => ({ outcome: { outcome: "cancelled" } }) });
    const { sessionId } = await editor.create();
    const messageId = await editor.prompt(sessionId, "Make it");
    assert.equal((await editor.turnEnd(messageId)).stopReason, "cancelled");
    assert.equal(editor.ofKind("tool_call_update").at(-1)?.status, "cancelled");
    assert.equal(existsSync(join(work(), "never.txt")), false);
  });

  it("asks with a form if the editor supports forms", async () => {
    const forms: CreateElicitationRequest[] = [];
    scripts(callTools(["ask", { question: "Which color?", choices: ["red", "blue"] }]), answer("So be it."));
    const editor = await openDraft({
      capabilities: { elicitation: { form: {} } },
      async elicit(request) {
        forms.push(request);
        return { action: "accept", content: { text: "a warm green" } };
      },
    });
    const { sessionId } = await editor.create();
    await editor.turnEnd(await editor.prompt(sessionId, "Paint"));
    assert.match(JSON.stringify(forms[0]), /Which color\?/);
    assert.match(JSON.stringify(at.received()[1]?.body.messages), /a warm green/);
  });

  it("uses an MCP server of the editor after two approvals", async () => {
    scripts(callTools(["my_memory__read_graph", {}]), answer("With."));
    const memory = { type: "stdio", name: "my memory", command: process.execPath, args: [serverPath("memory")] };
    const editor = await openDraft();
    const { sessionId } = await editor.create({ mcpServers: [memory] });
    await editor.update(
      "tool_call_update",
      ({ toolCallId, status }) => toolCallId.endsWith(".use") && status === "completed",
    );
    assert.match(String(editor.permissionRequests[0]?.description), /server-memory/);
    assert.match(String(editor.permissionRequests[1]?.description), /read_graph/);
    await editor.turnEnd(await editor.prompt(sessionId, "Read the graph"));
    assert.match(JSON.stringify(at.received()[0]?.body.tools), /my_memory__read_graph/);
    await assert.rejects(editor.create({ mcpServers: [memory, memory] }), { code: -32602 });
  });

  it("cancels its request about an MCP server when the session is closed", async () => {
    const asked = Promise.withResolvers<void>();
    const withdrawn = Promise.withResolvers<void>();
    const editor = await openDraft({
      requestPermission(_, signal) {
        signal.addEventListener("abort", () => withdrawn.resolve(), { once: true });
        asked.resolve();
        return neverResolves();
      },
    });
    const other = { type: "stdio", name: "other", command: process.execPath, args: [serverPath("memory")] };
    const { sessionId } = await editor.create({ mcpServers: [other] });
    await asked.promise;
    await editor.agent.request("session/close", { sessionId });
    await withdrawn.promise;
  });

  it("misses nothing when the server closes the session, and reopens it with the next prompt", async () => {
    scripts(answer("One."), answer("Two."));
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    await editor.turnEnd(await editor.prompt(sessionId, "First"));
    await (await at.link()).call("sessionClose", { session: sessionId });
    const content = [
      { type: "text" as const, text: "Second, " },
      { type: "resource_link" as const, uri: `file://${work()}/a.ts`, name: "a.ts" },
    ];
    const messageId = await editor.prompt(sessionId, content);
    assert.equal((await editor.turnEnd(messageId)).stopReason, "end_turn");
    assert.deepEqual(editor.ofKind("user_message").at(-1), { sessionUpdate: "user_message", messageId, content });
    assert.deepEqual(editor.messages(), ["One.", "Two."]);
    assert.deepEqual(
      editor.ofKind("state_update").map(({ state }) => state),
      ["running", "idle", "running", "idle"],
    );
  });

  it("becomes idle with an error when the server is killed, and continues with the next prompt", async () => {
    scripts({ body: [chunk({ content: "So far" })], end: "open" }, answer("Back."));
    const editor = await openDraft();
    const { sessionId } = await editor.create();
    const messageId = await editor.prompt(sessionId, "Begin");
    await editor.update("agent_message_chunk");
    const { pid } = await (await at.link()).call("serverStatus", {});
    process.kill(pid, "SIGKILL");
    const { stopReason, error } = await editor.turnEnd(messageId);
    assert.equal(stopReason, "error");
    assert.match((error as { message: string }).message, /Lost the connection to the server/);
    assert.equal((await editor.turnEnd(await editor.prompt(sessionId, "Again"))).stopReason, "end_turn");
    assert.equal(editor.messages().at(-1), "Back.");
  });
});
