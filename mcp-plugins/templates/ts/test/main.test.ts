/** Starts the plugin as Tutti does and talks to it: one JSON message a line, over standard input and output. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";

const plugin = spawn(process.execPath, [join(import.meta.dirname, "..", "main.ts")], {
  stdio: ["pipe", "pipe", "inherit"],
});
const answers = createInterface({ input: plugin.stdout })[Symbol.asyncIterator]();
let id = 0;

async function ask(method: string, params: object = {}): Promise<Record<string, unknown>> {
  id += 1;
  plugin.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method, params })}\n`);
  const { value } = await answers.next();
  const answer = JSON.parse(value ?? "null") as { id: number; result: Record<string, unknown> };
  assert.equal(answer.id, id, value);
  return answer.result;
}

before(async () => {
  await ask("initialize", {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "test", version: "1" },
  });
  plugin.stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
});
after(() => plugin.kill());

test("it greets", async () => {
  const { content } = await ask("tools/call", { name: "greet", arguments: { name: "Ada" } });
  assert.deepEqual(content, [{ type: "text", text: "Hello, Ada!" }]);
});

test("it has a slash command", async () => {
  const { messages } = await ask("prompts/get", { name: "explain", arguments: { file: "main.ts" } });
  assert.match(JSON.stringify(messages), /Explain main\.ts/);
});

test("it has a person look at edits of generated files", async () => {
  const call = { session: "s", cwd: "/", turn: "t", call: "c", tool: "edit", kind: "edit", title: "Edit" };
  const before = (input: object) => ask("tutti/hook", { event: "tool.before", payload: { ...call, input } });
  assert.equal((await before({ new: "// DO NOT EDIT" })).decision, "ask");
  assert.deepEqual(await before({ new: "fine" }), {});
});
