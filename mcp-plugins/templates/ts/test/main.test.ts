/** Starts the plugin as Tutti does, and exchanges JSON messages with it, one per line, over standard input and output. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

const plugin = spawn(process.execPath, [join(import.meta.dirname, "..", "main.ts")], {
  stdio: ["pipe", "pipe", "inherit"],
});
const responses = createInterface({ input: plugin.stdout })[Symbol.asyncIterator]();
let id = 0;

async function request(method: string, params: object = {}): Promise<Record<string, unknown>> {
  id += 1;
  plugin.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  const { value } = await responses.next();
  const response = JSON.parse(value ?? "null") as { id: number; result: Record<string, unknown> };
  assert.equal(response.id, id, value);
  return response.result;
}

before(async () => {
  await request("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  plugin.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
});
after(() => plugin.kill());

test("greets by name", async () => {
  const { content } = await request("tools/call", { name: "greet", arguments: { name: "Ada" } });
  assert.deepEqual(content, [{ type: "text", text: "Hello, Ada!" }]);
});

test("provides a slash command", async () => {
  const { messages } = await request("prompts/get", { name: "explain", arguments: { file: "main.ts" } });
  assert.match(JSON.stringify(messages), /Explain main\.ts/);
});

test("asks before edits of generated files", async () => {
  const call = { session: "s", cwd: "/", turn: "t", call: "c", tool: "edit", kind: "edit", title: "Edit" };
  const before = (input: object) => request("tutti/hook", { event: "tool.before", payload: { ...call, input } });
  assert.equal((await before({ new: "// DO NOT EDIT" })).decision, "ask");
  assert.deepEqual(await before({ new: "fine" }), {});
});
