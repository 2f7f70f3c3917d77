/** The connection: initialization, invalid messages, and lost connections. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { useEditorHome } from "../help/acp-home.ts";
import { createSchemaCheck, errorCode, type Json, startRawAgent } from "../help/acp-lines.ts";
import { answer, chunk } from "../help/scripted-endpoint.ts";
import { callTools } from "../help/tutti.ts";

const recorded = join(import.meta.dirname, "../fixtures/acp-initialize.json");

/** The type at each path, without the contents of lists. */
function shapeOf(value: unknown, path = ""): Map<string, string> {
  const type = Array.isArray(value) ? "list" : typeof value;
  const inside = type === "object" ? Object.entries(value as object) : [];
  return new Map([[path, type], ...inside.flatMap(([key, one]) => [...shapeOf(one, `${path}/${key}`)])]);
}

describe("the ACP connection", () => {
  const at = useEditorHome();
  const fits = createSchemaCheck("v1");

  it("responds to initialize with the schema, for any version and capabilities", async () => {
    for (const params of [
      { protocolVersion: 1 },
      { protocolVersion: 1, clientCapabilities: {}, clientInfo: null },
      { protocolVersion: 1, clientCapabilities: { fs: { readTextFile: true }, later: { things: true } }, more: 1 },
      { protocolVersion: 999 },
      { protocolVersion: 0 },
    ]) {
      const one = startRawAgent(at.home());
      one.ask(1, "initialize", params);
      const { result } = (await one.next()) as { result: Json };
      fits("InitializeResponse", result);
      assert.equal(result.protocolVersion, 1);
      assert.equal(await one.end(), 0);
    }
  });

  it("responds to initialize with the same fields as other agents, as recorded", async () => {
    const { request, answers } = JSON.parse(readFileSync(recorded, "utf8")) as {
      request: Json;
      answers: Record<string, Json>;
    };
    const one = startRawAgent(at.home());
    one.ask(1, "initialize", request);
    const ours = shapeOf(((await one.next()) as { result: Json }).result);
    await one.end();
    const others = Object.values(answers).map((answer) => {
      fits("InitializeResponse", answer);
      return shapeOf(answer);
    });
    assert.equal(others.length, 4);
    const [first, ...rest] = others;
    const common = [...(first ?? [])].filter(([path]) => rest.every((other) => other.has(path)));
    assert.ok(common.length >= 10);
    for (const [path] of common) assert.ok(ours.has(path), `all others have ${path}`);
    for (const other of others) for (const [path, type] of ours) assert.equal(other.get(path) ?? type, type, path);
  });

  it("continues after invalid lines, and rejects requests before initialize", async () => {
    const one = startRawAgent(at.home());
    one.send("this is not JSON");
    assert.equal(errorCode(await one.next()), -32700);
    one.send("[1, 2]");
    assert.equal(errorCode(await one.next()), -32600);
    one.send('"text"');
    assert.equal(errorCode(await one.next()), -32600);
    one.ask(1, "session/new", { cwd: at.home().work, mcpServers: [] });
    assert.equal(errorCode(await one.next(({ id }) => id === 1)), -32600);
    one.ask(2, "initialize", { protocolVersion: "one" });
    assert.equal(errorCode(await one.next(({ id }) => id === 2)), -32602);
    one.ask(3, "initialize", { protocolVersion: 1 });
    fits("InitializeResponse", (await one.next(({ id }) => id === 3)).result);
    one.ask(4, "no/such", {});
    assert.equal(errorCode(await one.next(({ id }) => id === 4)), -32601);
    one.ask(5, "session/new", { cwd: "relative", mcpServers: [] });
    assert.equal(errorCode(await one.next(({ id }) => id === 5)), -32602);
    one.ask(6, "session/prompt", { sessionId: "none", prompt: [{ type: "text", text: "Hi" }] });
    const unknown = await one.next(({ id }) => id === 6);
    assert.equal(errorCode(unknown), -32002);
    one.send('{"jsonrpc":"2.0","method":"session/cancel","params":{"sessionId":"none"}}');
    one.ask(7, "session/list", {});
    fits("ListSessionsResponse", (await one.next(({ id }) => id === 7)).result);
    one.ask(8, "authenticate", { methodId: "none" });
    assert.equal(errorCode(await one.next(({ id }) => id === 8)), -32602);
    await one.end();
  });

  it("sends only messages that match the schema", async () => {
    at.scripts(callTools(["read", { path: "none.txt" }]), callTools(["bash", { command: "touch x" }]), answer("Done."));
    const one = startRawAgent(at.home());
    one.ask(1, "initialize", { protocolVersion: 1 });
    await one.next();
    one.ask(2, "session/new", { cwd: at.home().work, mcpServers: [] });
    // Updates of a session are sent after the response with its id.
    const named = await one.next();
    assert.equal(named.id, 2);
    const made = named.result as { sessionId: string };
    fits("NewSessionResponse", made);
    one.ask(3, "session/prompt", { sessionId: made.sessionId, prompt: [{ type: "text", text: "Go" }] });
    const seen = new Set<string>();
    for (;;) {
      const message = await one.next();
      if (message.id === 3 && "result" in message) {
        fits("PromptResponse", message.result);
        break;
      }
      const { method, params, id } = message as { method: string; params: Json; id?: number };
      if (method === "session/update") {
        fits("SessionNotification", params);
        seen.add(String((params.update as Json).sessionUpdate));
      } else {
        assert.equal(method, "session/request_permission");
        fits("RequestPermissionRequest", params);
        const result = { outcome: { outcome: "selected", optionId: "yes" } };
        one.send(JSON.stringify({ jsonrpc: "2.0", id, result }));
      }
    }
    for (const kind of ["available_commands_update", "tool_call", "tool_call_update", "agent_message_chunk"])
      assert.ok(seen.has(kind), kind);
    await one.end();
  });

  it("continues a turn when the editor is killed, and another editor can load it", async () => {
    let go: (value: unknown) => void = () => undefined;
    const rest = new Promise((resolve) => {
      go = resolve;
    });
    at.scripts({ body: [chunk({ content: "Half " }), rest, ...(answer("and half.").body as Iterable<string>)] });
    const dying = await at.open();
    const { sessionId } = await dying.create();
    const lost = assert.rejects(dying.prompt(sessionId, "Say it"));
    await dying.update("agent_message_chunk");
    dying.child.kill("SIGKILL");
    await once(dying.child, "exit");
    await lost;
    const watched = await at.watch(sessionId);
    assert.equal(watched.view().activity.state, "running");
    go(null);
    assert.equal((await watched.event("turn.ended")).outcome, "done");
    const again = await at.open();
    await again.agent.request("session/load", { sessionId, cwd: at.home().work, mcpServers: [] });
    assert.equal(again.text(), "Half and half.");
  });

  it("reports that the server was killed, and reconnects with the next prompt, including the editor's files", async () => {
    at.scripts(
      { body: [chunk({ content: "So far" })], end: "open" },
      callTools(["read", { path: "a.txt" }]),
      answer("Back."),
    );
    writeFileSync(join(at.home().work, "a.txt"), "on the disk\n");
    const editor = await at.open({
      capabilities: { fs: { readTextFile: true } },
      read: async () => ({ content: "in the editor\n" }),
    });
    const { sessionId } = await editor.create();
    const prompt = assert.rejects(editor.prompt(sessionId, "Begin"), /Lost the connection to the server/);
    await editor.update("agent_message_chunk");
    const { pid } = await (await at.link()).call("serverStatus", {});
    process.kill(pid, "SIGKILL");
    await prompt;
    assert.equal(await editor.prompt(sessionId, "Again"), "end_turn");
    assert.match(editor.text(), /Back\.$/);
    assert.match(JSON.stringify(at.received()[2]?.body.messages), /in the editor/);
  });
});
