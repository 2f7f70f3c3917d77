// Many watchers of one session in one process, over WebSocket, as cheap as possible: they read only what is measured.
// By IPC: `{ url, token, session, count, slow }` lets so many join, of which the last `slow` stop reading when told; `{ pause }`,
// `{ resume }`, and `{ take }`, which returns what arrived since the last time.
import { WebSocket } from "ws";

const PARALLEL = 32;
const watchers = [];
let lags = [];

function join({ url, token, session }, name) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, token ? ["tutti.1", `tutti.token.${token}`] : [], { perMessageDeflate: false });
    const watcher = { socket, seq: 0, events: 0, gaps: 0, snapshots: 0, participants: 0, bytes: 0 };
    watchers.push(watcher);
    socket.on("error", reject);
    socket.on("open", () => {
      const client = { name, version: "0" };
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: { protocol: 1, client } }));
      socket.send(JSON.stringify({ jsonrpc: "2.0", id: 2, method: "session/watch", params: { session, parts: 100 } }));
    });
    socket.on("message", (data) => {
      watcher.bytes += data.length;
      const head = data.toString("latin1", 0, 60);
      if (head.includes('"session/event"')) {
        const [, seq, at] = /"seq":(\d+),"at":(\d+)/.exec(data.toString("latin1", 0, 200));
        if (watcher.seq > 0 && Number(seq) !== watcher.seq + 1) watcher.gaps += 1;
        watcher.seq = Number(seq);
        watcher.events += 1;
        lags.push(Date.now() - Number(at));
      } else if (head.includes('"session/snapshot"')) {
        watcher.snapshots += 1;
        watcher.seq = Number(/"seq":(\d+)/.exec(data.toString("latin1", 0, 400))[1]);
      } else if (head.includes('"session/presence"')) {
        const { participants, joined = [], left = [], count } = JSON.parse(data).params;
        watcher.participants = count ?? participants?.length ?? watcher.participants + joined.length - left.length;
      } else if (head.includes('"id":2')) {
        if (data.includes('"error"')) reject(new Error(String(data)));
        watcher.seq = Number(/"seq":(\d+)/.exec(data.toString("latin1", 0, 400))?.[1] ?? 0);
        resolve();
      }
    });
  });
}

async function joinAll(options) {
  const names = Array.from({ length: options.count }, (_, index) => `bench-${index}`);
  const work = async () => {
    for (let name = names.pop(); name !== undefined; name = names.pop()) await join(options, name);
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
}

process.on("message", async (message) => {
  const slow = watchers.slice(watchers.length - (message.slow ?? 0));
  if (message.count) await joinAll(message);
  if (message.pause) for (const { socket } of slow) socket.pause();
  if (message.resume) for (const { socket } of slow) socket.resume();
  if (message.close) for (const { socket } of watchers.splice(0)) socket.terminate();
  const rows = watchers.map(({ socket, ...row }) => row);
  process.send({ rows, lags: message.take ? lags : [] });
  if (message.take) {
    lags = [];
    for (const watcher of watchers) Object.assign(watcher, { events: 0, gaps: 0, snapshots: 0, bytes: 0 });
  }
});
process.on("disconnect", () => process.exit());
