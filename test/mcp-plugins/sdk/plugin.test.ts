/** The plugin SDK: a plugin with every feature, as a program, used by the MCP SDK client. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { PLUGIN_KEY } from "../../../protocol/plugin.ts";
import { type StartedPlugin, start } from "../connect.ts";

const program = join(import.meta.dirname, "full-plugin.ts");
const location = { session: "s1", cwd: "/tmp" };
const callContext = { ...location, turn: "t1", call: "c1", kind: "execute", title: "run" };
const code = (expected: number, message = /./) => {
  return (error: { code?: unknown; message: string }): boolean =>
    error.code === expected && message.test(error.message);
};

describe("a plugin made with the SDK", () => {
  let plugin: StartedPlugin;
  before(async () => {
    plugin = await start([process.execPath, program], {
      capabilities: { elicitation: {} },
      answer({ method, params = {} }) {
        const answers = { "tutti/session/read": { title: "T", cwd: "/tmp", running: true, parts: [] } };
        if (method === "tutti/session/read") return answers[method];
        if (method === "tutti/model/complete") return { text: `quick ${params.prompt}` };
        if (method === "tutti/ui/ask") return { answer: `${params.title}?` };
        if (method === "tutti/session/prompt") return { prompt: `queued ${params.text}` };
        if (method === "elicitation/create") return { action: "accept", content: { name: "Ada" } };
        throw Object.assign(new Error("not here"), { code: -32601 });
      },
    });
  });
  after(() => plugin.close());

  it("is a plain MCP server with a declaration", () => {
    assert.deepEqual(plugin.client.getServerVersion(), { name: "orchestra", version: "1.2.3", title: "The orchestra" });
    assert.equal(plugin.client.getInstructions(), "Tune first.");
    const capabilities = plugin.client.getServerCapabilities();
    const declared = capabilities?.experimental?.[PLUGIN_KEY];
    assert.deepEqual(capabilities?.extensions?.[PLUGIN_KEY], declared);
    assert.deepEqual(declared, {
      version: 1,
      hooks: [
        { event: "session.started" },
        { event: "tool.before", match: "bash|edit", timeoutMs: 1000, onFailure: "closed" },
        { event: "turn.ended" },
      ],
      contributes: ["commands", "themes", "providers", "agents", "skills", "widgets", "keymaps"],
      widgets: [
        { name: "beat", slots: ["status", "dialog"], title: "Beat" },
        { name: "still", slots: ["home"] },
      ],
    });
  });

  it("lists its tools with schemas, from zod and from JSON Schema", async () => {
    const { tools } = await plugin.client.listTools();
    const [add, echo] = tools;
    assert.equal(tools.length, 7);
    assert.deepEqual(add, {
      name: "add",
      description: "Adds two numbers.",
      inputSchema: {
        type: "object",
        properties: { a: { type: "number" }, b: { type: "number", default: 1 } },
        required: ["a"],
      },
      outputSchema: {
        type: "object",
        properties: { sum: { type: "number" } },
        required: ["sum"],
      },
      annotations: { readOnlyHint: true },
    });
    assert.equal(echo?.title, "Echo");
    assert.deepEqual(echo?.inputSchema.required, ["text"]);
  });

  it("runs tools with validated input and defaults, and returns structured content", async () => {
    const result = await plugin.client.callTool({ name: "add", arguments: { a: 2 } });
    assert.deepEqual(result.structuredContent, { sum: 3 });
    assert.deepEqual(result.content, [{ type: "text", text: '{"sum":3}' }]);
    assert.deepEqual(await plugin.call("echo", { text: "la" }), { text: "la", failed: false });
    const drawn = await plugin.client.callTool({ name: "draw", arguments: {} });
    assert.deepEqual(drawn, {
      content: [
        { type: "text", text: "red" },
        { type: "resource_link", uri: "score://one", name: "one" },
        { type: "image", data: "AQID", mimeType: "image/png" },
      ],
      isError: true,
    });
  });

  it("reports invalid input to the model, and an unknown tool to the host", async () => {
    const zod = await plugin.call("add", { a: "two" });
    assert.ok(zod.failed);
    assert.match(zod.text, /Invalid input for add:[\s\S]*expected number[\s\S]*at a/);
    const schema = await plugin.call("echo");
    assert.ok(schema.failed);
    assert.match(schema.text, /required property 'text'/);
    await assert.rejects(plugin.call("sing"), code(-32602, /no tool sing/));
    await assert.rejects(plugin.call("toString"), code(-32602));
  });

  it("survives exceptions in tools, and keeps console output out of the protocol", async () => {
    assert.deepEqual(await plugin.call("break"), { text: "broken 1", failed: true });
    assert.deepEqual(await plugin.call("break"), { text: "broken 2", failed: true });
    assert.match(plugin.errors(), /on standard error/);
  });

  it("reports progress, and is notified of cancellation", async () => {
    const waiting = new AbortController();
    const reported: unknown[] = [];
    const call = plugin.client.callTool({ name: "wait", arguments: {} }, undefined, {
      signal: waiting.signal,
      onprogress(progress) {
        reported.push(progress);
        waiting.abort();
      },
    });
    await assert.rejects(call);
    assert.deepEqual(reported, [{ progress: 1, total: 3, message: "waiting" }]);
    const { params } = await plugin.heard("tutti/notify");
    assert.deepEqual(params, { level: "warning", text: "cancelled" });
  });

  it("provides prompts as commands", async () => {
    const { prompts } = await plugin.client.listPrompts();
    assert.deepEqual(prompts[0], {
      name: "play",
      title: "Play",
      description: "Plays a piece.",
      arguments: [{ name: "piece", description: "Which one", required: true }, { name: "tempo" }],
    });
    const { messages } = await plugin.client.getPrompt({ name: "play", arguments: { piece: "the fugue" } });
    assert.deepEqual(messages, [{ role: "user", content: { type: "text", text: "Play the fugue moderato." } }]);
    const duet = await plugin.client.getPrompt({ name: "duet" });
    assert.deepEqual(
      duet.messages.map(({ role }) => role),
      ["user", "assistant"],
    );
    await assert.rejects(plugin.client.getPrompt({ name: "play" }), code(-32602, /needs piece/));
    await assert.rejects(plugin.client.getPrompt({ name: "solo" }), code(-32602, /no prompt solo/));
  });

  it("provides resources, fixed and by template", async () => {
    const { resources } = await plugin.client.listResources();
    assert.deepEqual(resources, [{ uri: "score://one", name: "one", mimeType: "text/plain" }]);
    const { resourceTemplates } = await plugin.client.listResourceTemplates();
    assert.deepEqual(resourceTemplates, [{ uriTemplate: "score://{name}/raw", name: "raw" }]);
    const one = await plugin.client.readResource({ uri: "score://one" });
    assert.deepEqual(one.contents, [{ uri: "score://one", mimeType: "text/plain", text: "do re mi" }]);
    const raw = await plugin.client.readResource({ uri: "score://two/raw" });
    assert.deepEqual(raw.contents, [{ uri: "score://two/raw", blob: Buffer.from("two").toString("base64") }]);
    await assert.rejects(plugin.client.readResource({ uri: "score://" }), code(-32002));
  });

  it("runs hooks; no response is empty, and the host handles failures", async () => {
    const denied = await plugin.hook("tool.before", { ...callContext, tool: "bash", input: { command: "rm" } });
    assert.deepEqual(denied, { decision: "deny", reason: '{"command":"rm"}' });
    assert.deepEqual(await plugin.hook("tool.before", { ...callContext, tool: "edit", input: {}, later: 1 }), {});
    assert.deepEqual(await plugin.hook("session.started", { ...location, reason: "new" }), { context: "It is new." });
    assert.deepEqual(await plugin.hook("notification", { ...location, text: "x" }), {});
    const ended = { ...location, turn: "t", outcome: "done", text: "", files: [], continued: 0 };
    await assert.rejects(plugin.hook("turn.ended", ended), code(-32603, /no baton/));
    await assert.rejects(plugin.hook("turn.ended", location), code(-32602));
    await assert.rejects(plugin.hook("rehearsal", location), code(-32602));
  });

  it("provides all contributions", async () => {
    const gold = { name: "gold", kind: "dark", colors: { accent: "#ffd700" } };
    assert.deepEqual(await plugin.ask("tutti/theme/list"), { themes: [gold] });
    const hall = { baseUrl: "http://127.0.0.1:9/v1" };
    assert.deepEqual(await plugin.ask("tutti/provider/list"), { providers: { hall } });
    const token = { token: "key of hall", expiresAt: 5 };
    assert.deepEqual(await plugin.ask("tutti/provider/token", { provider: "hall" }), token);
    const critic = { name: "critic", description: "Finds faults.", prompt: "Be kind." };
    assert.deepEqual(await plugin.ask("tutti/agent/list"), { agents: [critic] });
    const skills = [
      { name: "tuning", description: "When it sounds wrong." },
      { name: "breathing", description: "Before a solo." },
    ];
    assert.deepEqual(await plugin.ask("tutti/skill/list"), { skills });
    assert.deepEqual(await plugin.ask("tutti/skill/read", { name: "tuning" }), { text: "Turn the pegs." });
    assert.deepEqual(await plugin.ask("tutti/skill/read", { name: "breathing" }), { text: "In and out." });
    await assert.rejects(plugin.ask("tutti/skill/read", { name: "constructor" }), code(-32602));
    const keymaps = [{ name: "keys", bindings: { "ctrl+b": "beat" } }];
    assert.deepEqual(await plugin.ask("tutti/keymap/list"), { keymaps });
  });

  it("renders widgets: plain lines become spans, keys can close the dialog", async () => {
    const place = { widget: "beat", slot: "status", width: 8, height: 1, view: null };
    assert.deepEqual(await plugin.ask("tutti/widget/render", place), {
      lines: [[{ text: "status" }], [{ text: "♩", fg: "accent" }, { text: " 8 none" }]],
      refreshMs: 1000,
    });
    assert.deepEqual(await plugin.ask("tutti/widget/render", { ...place, widget: "still" }), {
      lines: [[{ text: "still" }]],
    });
    assert.deepEqual(await plugin.ask("tutti/widget/key", { widget: "beat", key: "escape" }), { close: true });
    assert.deepEqual(await plugin.ask("tutti/widget/key", { widget: "still", key: "q" }), {});
    await assert.rejects(plugin.ask("tutti/widget/render", { ...place, widget: "none" }), code(-32602));
  });

  it("sends requests to the host with the context of a call", async () => {
    const done = await plugin.call("sessions", { session: "s1" });
    assert.deepEqual(done, { text: "queued quick T?", failed: false });
    assert.deepEqual(await plugin.call("form"), { text: "Ada, quiet", failed: false });
  });

  it("announces changes at any time, once the host is ready", async () => {
    assert.deepEqual((await plugin.heard("tutti/changed")).params, { what: "themes" });
  });

  it("rejects unknown methods", async () => {
    await assert.rejects(plugin.ask("tutti/dance"), code(-32601));
  });
});

describe("the same plugin in another host", () => {
  it("works without Tutti: unsupported requests fail in the tool", async () => {
    const plugin = await start([process.execPath, program]);
    try {
      assert.deepEqual(await plugin.call("form"), { text: "nobody", failed: false });
      const refused = await plugin.call("sessions", { session: "s" });
      assert.ok(refused.failed);
      assert.match(refused.text, /-32601/);
    } finally {
      await plugin.close();
    }
  });

  it("exits at the end of its input, after its responses", async () => {
    const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "ignore"] });
    let out = "";
    child.stdout.on("data", (piece) => {
      out += piece;
    });
    const started = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "pipe", version: "1" } };
    const messages = [
      { id: 1, method: "initialize", params: started },
      { method: "notifications/initialized" },
      { id: 2, method: "tutti/skill/read", params: { name: "breathing" } },
      { id: 3, method: "tools/call", params: { name: "echo", arguments: { text: "last" } } },
    ];
    child.stdin.end(messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""));
    const [code] = await once(child, "close");
    assert.equal(code, 0);
    assert.ok(out.includes("In and out.") && out.includes('"last"'), out);
  });
});
