// A plugin with as little work of its own as there can be. With the word `hook` it hears of each call; with `flood` it never stops talking.
import { createInterface } from "node:readline";

const how = process.argv[2];
const declaration = { version: 1, hooks: [{ event: "tool.before" }] };
const answers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    serverInfo: { name: "bench", version: "1" },
    capabilities: { tools: {}, ...(how === "hook" && { experimental: { "dev.tutti/plugin": declaration } }) },
  }),
  "tools/list": () => ({ tools: [{ name: "act", description: "does nothing", inputSchema: { type: "object" } }] }),
  "tools/call": () => ({ content: [{ type: "text", text: "done" }] }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: answers[method]?.(params) ?? {} })}\n`);
  if (how === "flood" && method === "tools/call") flood();
});

function flood() {
  const params = { level: "info", data: "x".repeat(200) };
  const line = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params })}\n`;
  const go = () => {
    while (process.stdout.write(line));
    process.stdout.once("drain", go);
  };
  go();
}
