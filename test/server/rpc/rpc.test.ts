import assert from "node:assert/strict";
import type { Envelope } from "../../../protocol/events.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../../protocol/view.ts";
import {
  connectRaw,
  errorOf,
  frameMessage,
  initializeParams,
  type RawConnection,
  startTestServer,
  type TestServer,
} from "../../help/test-server.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;
const notice = (text: string) => ({ type: "notice.shown", level: "info", text }) as const;

const isEvent = ({ method }: { method?: unknown }): boolean => method === "session/event";

describe("a connection", () => {
  let at: TestServer;
  before(async () => {
    at = await startTestServer(200);
  });
  after(() => at.close());
  const withClient = async (work: (client: RawConnection) => Promise<void>, initialize = true): Promise<void> => {
    const client = await connectRaw(at.path, initialize);
    try {
      await work(client);
    } finally {
      client.socket.destroy();
    }
  };
  const assertAlive = () =>
    withClient(async (client) => {
      client.request(1, "server/status");
      assert.ok((await client.next()).result);
    });
  const ask = async (client: RawConnection, method: string, params?: unknown) => {
    client.request("ask", method, params);
    return client.next(({ id }) => id === "ask");
  };

  it("serves nothing before initialize, which can be called once", () =>
    withClient(async (client) => {
      assert.equal(errorOf(await ask(client, "server/status")).code, -32002);
      assert.equal(errorOf(await ask(client, "no/such")).code, -32002);
      const wrong = errorOf(await ask(client, "initialize", { ...initializeParams, protocol: 2 }));
      assert.match(wrong.message, /version 1, the client 2/);
      assert.equal(errorOf(await ask(client, "server/status")).code, -32002);
      const good = await ask(client, "initialize", initializeParams);
      assert.equal((good.result as { role: string }).role, "owner");
      assert.equal(errorOf(await ask(client, "initialize", initializeParams)).code, -32002);
    }, false));

  it("describes invalid methods and parameters, without a stack trace", () =>
    withClient(async (client) => {
      assert.equal(errorOf(await ask(client, "no/such")).code, -32601);
      assert.equal(errorOf(await ask(client, "constructor")).code, -32601);
      for (const params of [undefined, { session: 7 }, [1], {}]) {
        const { code, message, data } = errorOf(await ask(client, "session/watch", params));
        assert.deepEqual([code, data?.code], [-32602, "usage"]);
        assert.match(message, /session\/watch/);
        assert.doesNotMatch(message, /\n|at .*\.ts/);
      }
      const missing = errorOf(await ask(client, "session/watch", { session: "nosuch" }));
      assert.deepEqual([missing.code, missing.data?.code], [-32061, "notFound"]);
    }));

  it("continues after an unreadable message", () =>
    withClient(async (client) => {
      client.send(Buffer.concat([Buffer.from("Content-Length: 2\r\n\r\n"), Uint8Array.of(0xff, 0xfe)]));
      assert.equal(errorOf(await client.next()).code, -32700);
      client.send(frameMessage("[]"));
      assert.equal(errorOf(await client.next()).code, -32600);
      assert.ok((await ask(client, "server/status")).result);
    }));

  it("is closed with one error after an invalid frame", () =>
    withClient(async (client) => {
      client.send("Content-Length: -1\r\n\r\n{}Content-Length: +1\r\n\r\n");
      const rest = await client.rest();
      assert.equal(rest.length, 1);
      assert.equal(errorOf(rest[0] ?? {}).code, -32600);
    }));

  it("is closed if a header does not end", () =>
    withClient(async (client) => {
      client.send("Content-Le");
      assert.match(errorOf((await client.rest())[0] ?? {}).message, /header/);
    }));

  it("answers a flood of requests, each once, without blocking others", () =>
    withClient(async (client) => {
      const count = 20_000;
      const text = Array.from({ length: count }, (_, id) =>
        frameMessage(JSON.stringify({ jsonrpc: "2.0", id, method: "server/status" })),
      ).join("");
      client.send(text);
      await assertAlive();
      const seen = new Set<unknown>();
      while (seen.size < count) seen.add((await client.next()).id);
      assert.equal(seen.size, count);
    }));

  it("accepts any cancellation, and answers a running request once", () =>
    withClient(async (client) => {
      const cancel = (id: unknown) =>
        frameMessage(JSON.stringify({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } }));
      client.send(Array.from({ length: 10_000 }, (_, id) => cancel(`none${id}`)).join(""));
      client.send(cancel(undefined) + cancel({}) + frameMessage('{"jsonrpc":"2.0","method":"$/cancelRequest"}'));
      client.request("one", "session/list", {});
      client.send(cancel("one").repeat(50));
      const response = await client.next(({ id }) => id === "one");
      assert.ok(response.result !== undefined || errorOf(response).code === -32800);
      assert.ok((await ask(client, "server/status")).result);
    }));

  it("survives clients that disconnect in the middle of a frame", async () => {
    for (let count = 0; count < 200; count++) {
      const client = await connectRaw(at.path, false);
      client.send("Content-Length: 1000\r\n\r\n{");
      client.socket.destroy();
    }
    await assertAlive();
  });

  it("shows all watchers the same view, regardless of when they started", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    const client = await connectRaw(at.path);
    client.request("w", "session/watch", { session: id });
    for (let count = 0; count < 50; count++) await session.record(notice(`early ${count}`), by);
    const late = await connectRaw(at.path);
    late.request("w", "session/watch", { session: id });
    for (let count = 0; count < 50; count++) await session.record(notice(`late ${count}`), by);
    const whole = JSON.stringify(reduceAll(emptyView, session.envelopes()));
    for (const watcher of [client, late]) {
      let { view } = (await watcher.next(({ id }) => id === "w")).result as { view: SessionView };
      while (view.seq < session.view().seq) {
        const { envelope } = (await watcher.next(isEvent)).params as { envelope: Envelope };
        assert.equal(envelope.seq, view.seq + 1);
        view = reduce(view, envelope);
      }
      assert.equal(JSON.stringify(view), whole);
      watcher.socket.destroy();
    }
  });

  it("sends a slow watcher the view instead of the backlog, without delaying others", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    const [slow, fast] = [await connectRaw(at.path), await connectRaw(at.path)];
    for (const watcher of [slow, fast]) await ask(watcher, "session/watch", { session: id });
    slow.socket.pause();
    for (let count = 0; count < 300; count++) {
      await session.record(notice("x".repeat(20_000)), by);
      const { params } = await fast.next(isEvent);
      assert.equal((params as { envelope: Envelope }).envelope.seq, session.view().seq);
    }
    slow.socket.resume();
    const { params } = await slow.next(({ method }) => method === "session/snapshot");
    const { view } = params as { view: SessionView };
    assert.equal(JSON.stringify(view), JSON.stringify(session.view()));
    await session.record(notice("next"), by);
    const next = (await slow.next(isEvent)).params as { envelope: Envelope };
    assert.equal(next.envelope.seq, view.seq + 1);
    slow.socket.destroy();
    fast.socket.destroy();
  });

  it("keeps showing a session that was closed and opened again", async () => {
    const session = await at.server.sessions.create(at.folder, by, {});
    const { id } = session.view();
    const client = await connectRaw(at.path);
    await ask(client, "session/watch", { session: id });
    await ask(client, "session/close", { session: id });
    client.request("r", "session/rename", { session: id, title: "Again" });
    const { params } = await client.next(({ method }) => method === "session/snapshot");
    const { view } = params as { view: SessionView };
    assert.equal(view.title, "Again");
    client.request("r2", "session/rename", { session: id, title: "And on" });
    const next = (await client.next(({ method }) => method === "session/event")).params as { envelope: Envelope };
    assert.equal(next.envelope.seq, view.seq + 1);
    client.socket.destroy();
  });

  it("reported no errors", () => assert.deepEqual(at.reports, []));
});
