/** Many watchers of one session, over WebSocket: some do not read, some join while events are sent. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { WebSocket } from "ws";
import type { Envelope } from "../../../protocol/events.ts";
import { reduce, type SessionView } from "../../../protocol/view.ts";
import { lastParts } from "../../../protocol/window.ts";
import { MAX_BACKLOG } from "../../../server/transport/json-rpc-streams.ts";
import type { Transport } from "../../../server/transport/transport.ts";
import { openWebListener, type WebListener } from "../../../server/transport/web-listener.ts";
import { initializeParams, startTestServer, type TestServer } from "../../help/test-server.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;
const EVENT_BYTES = 20_000;
const notice = (text: string) => ({ type: "notice.shown", level: "info", text }) as const;
const hash = (view: SessionView): string => createHash("sha256").update(JSON.stringify(view)).digest("hex");

interface Watcher {
  socket: WebSocket;
  view(): SessionView;
  events(): number;
  snapshots(): number;
  /** Resolves when the view is this far. */
  reach(seq: number): Promise<void>;
}

describe("many watchers", () => {
  let at: TestServer;
  let web: WebListener;
  let token: string;
  const transports: Transport[] = [];
  before(async () => {
    at = await startTestServer();
    const options = { listen: "127.0.0.1:0", behindTlsProxy: false, hosts: [], origins: [] };
    web = await openWebListener(options, join(at.folder, "data"), (transport) => {
      transports.push(transport);
      return at.take(transport);
    });
    token = readFileSync(web.tokenFile, "utf8").trim();
  });
  after(async () => {
    await web.close();
    await at.close();
  });

  /** Resolves with the view of the session. */
  const startWatching = (session: string, parts?: number): Promise<Watcher> =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(web.url, { headers: { authorization: `Bearer ${token}` } });
      let view: SessionView | null = null;
      let events = 0;
      let snapshots = 0;
      let wake = (): void => undefined;
      const current = (): SessionView => {
        assert.ok(view);
        return view;
      };
      const watcher: Watcher = {
        socket,
        view: current,
        events: () => events,
        snapshots: () => snapshots,
        async reach(seq) {
          while (current().seq < seq)
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
        },
      };
      const send = (id: number, method: string, params: object): void =>
        socket.send(JSON.stringify({ jsonrpc: "2.0", id, method, params }));
      socket.on("error", reject);
      socket.on("open", () => {
        send(1, "initialize", initializeParams);
        send(2, "session/watch", { session, ...(parts !== undefined && { parts }) });
      });
      socket.on("message", (data) => {
        const { id, method, params, result } = JSON.parse(String(data));
        if (id === 2) {
          view = result.view as SessionView;
          resolve(watcher);
        }
        if (method === "session/snapshot") {
          snapshots += 1;
          view = params.view as SessionView;
        }
        if (method === "session/event" && view) {
          const { envelope } = params as { envelope: Envelope };
          events += 1;
          assert.equal(envelope.seq, view.seq + 1, "no event is missing, and none comes twice");
          view = reduce(view, envelope);
        }
        wake();
      });
    });

  it("do not notice that some of them have stopped reading, and those get the view instead of the backlog", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    transports.length = 0;
    const watchers: Watcher[] = [];
    for (let count = 0; count < 30; count++) watchers.push(await startWatching(id));
    const [slow, fast] = [watchers.slice(0, 8), watchers.slice(8)];
    const slowTransports = transports.slice(0, slow.length);
    const startSeq = session.view().seq;
    for (const { socket } of slow) socket.pause();
    // Until the system's buffers are full, too, and then as much again as may wait.
    let peak = 0;
    const isFull = (): boolean =>
      slowTransports.every((transport) => transport.backlog() > MAX_BACKLOG - EVENT_BYTES * 2);
    for (let more = 100; more > 0; more -= isFull() ? 1 : 0) {
      await session.record(notice("x".repeat(EVENT_BYTES)), by);
      await Promise.all(fast.map((watcher) => watcher.reach(session.view().seq)));
      peak = Math.max(peak, ...slowTransports.map((transport) => transport.backlog()));
    }
    assert.ok(peak <= MAX_BACKLOG + EVENT_BYTES, `${peak} bytes wait for a client that does not read`);
    const sent = session.view().seq - startSeq;
    for (const watcher of fast) {
      assert.deepEqual([watcher.events(), watcher.snapshots()], [sent, 0]);
      assert.equal(hash(watcher.view()), hash(session.view()));
    }
    for (const { socket } of slow) socket.resume();
    await Promise.all(slow.map((watcher) => watcher.reach(session.view().seq)));
    await session.record(notice("after that"), by);
    await Promise.all(watchers.map((watcher) => watcher.reach(session.view().seq)));
    for (const watcher of slow) {
      assert.equal(watcher.snapshots(), 1);
      assert.ok(watcher.events() < sent);
    }
    for (const watcher of watchers) assert.equal(hash(watcher.view()), hash(session.view()));
    for (const { socket } of watchers) socket.terminate();
  });

  it("have the same view, whenever they join and however many parts they ask for", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    for (let count = 0; count < 20; count++) await session.record(notice(`before ${count} ✓`), by);
    const joining: Promise<Watcher>[] = [];
    const windows = [undefined, 5, 10, undefined, 1, 2, 3];
    for (let count = 0; count < 42; count++) {
      joining.push(startWatching(id, windows[count % windows.length]));
      if (count % 6 === 5) await joining[count - 5];
      await session.record(notice(`meanwhile ${count}`), by);
    }
    const watchers = await Promise.all(joining);
    const { seq } = session.view();
    await Promise.all(watchers.map((watcher) => watcher.reach(seq)));
    for (const [index, watcher] of watchers.entries()) {
      const view = watcher.view();
      const whole = session.view();
      const parts = windows[index % windows.length];
      if (parts === undefined) assert.equal(hash(view), hash(whole));
      else {
        assert.ok(view.parts.length >= parts);
        assert.deepEqual(view.parts, lastParts(whole, view.parts.length).parts);
        assert.equal(view.earlier + view.parts.length, whole.parts.length);
      }
    }
    for (const { socket } of watchers) socket.terminate();
  });
});
