// The floor for watchers: the least that a WebSocket server can do. It answers each request with the same text, and sends the same text to all.
// Prints its port. By IPC: `{ view }` sets the answer, `{ send }` sends events with their time, so many, 20 a second.
import { WebSocketServer } from "ws";

let answer = "";
let seq = 0;
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false }, function () {
  process.stdout.write(`ws://127.0.0.1:${this.address().port}\n`);
});
server.on("connection", (socket) => {
  socket.on("error", () => undefined);
  socket.on("message", (data) => {
    const { id, method } = JSON.parse(data);
    socket.send(method === "session/watch" ? answer : JSON.stringify({ jsonrpc: "2.0", id, result: {} }));
  });
});
process.on("message", async ({ memory, view, send, text }) => {
  if (memory) return;
  if (view !== undefined) {
    answer = JSON.stringify({ jsonrpc: "2.0", id: 2, result: { view } });
    seq = view.seq;
  }
  const started = Date.now();
  for (let count = 1; count <= (send ?? 0); count++) {
    const event = { type: "text.delta", turn: "t1", part: "a1", text };
    const envelope = { seq: ++seq, at: Date.now(), by: { kind: "agent", id: "build", name: "build" }, event };
    const params = { session: "bench", envelope };
    const bytes = Buffer.from(JSON.stringify({ jsonrpc: "2.0", method: "session/event", params }));
    for (const socket of server.clients) socket.send(bytes, { binary: false });
    await new Promise((resolve) => setTimeout(resolve, started + count * 50 - Date.now()));
  }
  process.send({ sent: send ?? 0 });
});
