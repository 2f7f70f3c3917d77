// A minimal plugin. With the argument `hook` it has a hook for each call; with `flood` it sends notifications endlessly.
import { createInterface } from "node:readline";

const mode = process.argv[2];
const declaration = { version: 1, hooks: [{ event: "tool.before" }] };
const handlers = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    serverInfo: { name: "bench", version: "1" },
    capabilities: { tools: {}, ...(mode === "hook" && { experimental: { "dev.tutti/plugin": declaration } }) },
  }),
  "tools/list": () => ({ tools: [{ name: "act", description: "does nothing", inputSchema: { type: "object" } }] }),
  "tools/call": () => ({ content: [{ type: "text", text: "done" }] }),
};

createInterface({ input: process.stdin }).on("line", (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result: handlers[method]?.(params) ?? {} })}\n`);
  if (mode === "flood" && method === "tools/call") flood();
});

function flood() {
  const params = { level: "info", data: "x".repeat(200) };
  const line = `${JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params })}\n`;
  const write = () => {
    while (process.stdout.write(line));
    process.stdout.once("drain", write);
  };
  write();
}
