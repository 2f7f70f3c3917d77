import assert from "node:assert/strict";
import type { Envelope } from "../../../protocol/events.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../../protocol/view.ts";
import { fault, framed, hello, type Raw, raw, type Served, served } from "../../help/served.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;
const notice = (text: string) => ({ type: "notice.shown", level: "info", text }) as const;

const isEvent = ({ method }: { method?: unknown }): boolean => method === "session/event";

describe("a connection", () => {
  let at: Served;
  before(async () => {
    at = await served(200);
  });
  after(() => at.close());
  const with1 = async (work: (client: Raw) => Promise<void>, initialize = true): Promise<void> => {
    const client = await raw(at.path, initialize);
    try {
      await work(client);
    } finally {
      client.socket.destroy();
    }
  };
  const alive = () =>
    with1(async (client) => {
      client.request(1, "server/status");
      assert.ok((await client.next()).result);
    });
  const ask = async (client: Raw, method: string, params?: unknown) => {
    client.request("ask", method, params);
    return client.next(({ id }) => id === "ask");
  };

  it("serves nothing before initialize, and that once", () =>
    with1(async (client) => {
      assert.equal(fault(await ask(client, "server/status")).code, -32002);
      assert.equal(fault(await ask(client, "no/such")).code, -32002);
      const wrong = fault(await ask(client, "initialize", { ...hello, protocol: 2 }));
      assert.match(wrong.message, /version 1 .* client version 2/);
      assert.equal(fault(await ask(client, "server/status")).code, -32002);
      const good = await ask(client, "initialize", hello);
      assert.equal((good.result as { role: string }).role, "owner");
      assert.equal(fault(await ask(client, "initialize", hello)).code, -32002);
    }, false));

  it("says in a sentence what is wrong with a method or its parameters, without a stack", () =>
    with1(async (client) => {
      assert.equal(fault(await ask(client, "no/such")).code, -32601);
      assert.equal(fault(await ask(client, "constructor")).code, -32601);
      for (const params of [undefined, { session: 7 }, [1], {}]) {
        const { code, message, data } = fault(await ask(client, "session/watch", params));
        assert.deepEqual([code, data?.code], [-32602, "usage"]);
        assert.match(message, /session\/watch/);
        assert.doesNotMatch(message, /\n|at .*\.ts/);
      }
      const missing = fault(await ask(client, "session/watch", { session: "nosuch" }));
      assert.deepEqual([missing.code, missing.data?.code], [-32061, "notFound"]);
    }));

  it("stays in step after what cannot be read", () =>
    with1(async (client) => {
      client.send(Buffer.concat([Buffer.from("Content-Length: 2\r\n\r\n"), Uint8Array.of(0xff, 0xfe)]));
      assert.equal(fault(await client.next()).code, -32700);
      client.send(framed("[]"));
      assert.equal(fault(await client.next()).code, -32600);
      assert.ok((await ask(client, "server/status")).result);
    }));

  it("is closed with one error where it cannot be framed", () =>
    with1(async (client) => {
      client.send("Content-Length: -1\r\n\r\n{}Content-Length: +1\r\n\r\n");
      const rest = await client.rest();
      assert.equal(rest.length, 1);
      assert.equal(fault(rest[0] ?? {}).code, -32600);
    }));

  it("is closed where a header does not end", () =>
    with1(async (client) => {
      client.send("Content-Le");
      assert.match(fault((await client.rest())[0] ?? {}).message, /header/);
    }));

  it("answers a storm of requests, each once, and others meanwhile", () =>
    with1(async (client) => {
      const most = 20_000;
      const text = Array.from({ length: most }, (_, id) =>
        framed(JSON.stringify({ jsonrpc: "2.0", id, method: "server/status" })),
      ).join("");
      client.send(text);
      await alive();
      const seen = new Set<unknown>();
      while (seen.size < most) seen.add((await client.next()).id);
      assert.equal(seen.size, most);
    }));

  it("takes cancellations of anything, and answers a running request once", () =>
    with1(async (client) => {
      const cancel = (id: unknown) =>
        framed(JSON.stringify({ jsonrpc: "2.0", method: "$/cancelRequest", params: { id } }));
      client.send(Array.from({ length: 10_000 }, (_, id) => cancel(`none${id}`)).join(""));
      client.send(cancel(undefined) + cancel({}) + framed('{"jsonrpc":"2.0","method":"$/cancelRequest"}'));
      client.request("one", "session/list", {});
      client.send(cancel("one").repeat(50));
      const answer = await client.next(({ id }) => id === "one");
      assert.ok(answer.result !== undefined || fault(answer).code === -32800);
      assert.ok((await ask(client, "server/status")).result);
    }));

  it("outlives clients that leave in the middle of a frame", async () => {
    for (let count = 0; count < 200; count++) {
      const client = await raw(at.path, false);
      client.send("Content-Length: 1000\r\n\r\n{");
      client.socket.destroy();
    }
    await alive();
  });

  it("shows all watchers the same view, whenever they began", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    const client = await raw(at.path);
    client.request("w", "session/watch", { session: id });
    for (let count = 0; count < 50; count++) await session.record(notice(`early ${count}`), by);
    const late = await raw(at.path);
    late.request("w", "session/watch", { session: id });
    for (let count = 0; count < 50; count++) await session.record(notice(`late ${count}`), by);
    const whole = JSON.stringify(reduceAll(emptyView, session.envelopes()));
    for (const one of [client, late]) {
      let { view } = (await one.next(({ id }) => id === "w")).result as { view: SessionView };
      while (view.seq < session.view().seq) {
        const { envelope } = (await one.next(isEvent)).params as { envelope: Envelope };
        assert.equal(envelope.seq, view.seq + 1);
        view = reduce(view, envelope);
      }
      assert.equal(JSON.stringify(view), whole);
      one.socket.destroy();
    }
  });

  it("gives a watcher that does not read the view instead of the backlog, and delays nobody", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    const [slow, fast] = [await raw(at.path), await raw(at.path)];
    for (const one of [slow, fast]) await ask(one, "session/watch", { session: id });
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
    await session.record(notice("and on"), by);
    const on = (await slow.next(isEvent)).params as { envelope: Envelope };
    assert.equal(on.envelope.seq, view.seq + 1);
    slow.socket.destroy();
    fast.socket.destroy();
  });

  it("keeps showing a session that was closed and opened again", async () => {
    const session = await at.server.sessions.create(at.folder, by, {});
    const { id } = session.view();
    const client = await raw(at.path);
    await ask(client, "session/watch", { session: id });
    await ask(client, "session/close", { session: id });
    client.request("r", "session/rename", { session: id, title: "Again" });
    const { params } = await client.next(({ method }) => method === "session/snapshot");
    const { view } = params as { view: SessionView };
    assert.equal(view.title, "Again");
    client.request("r2", "session/rename", { session: id, title: "And on" });
    const on = (await client.next(({ method }) => method === "session/event")).params as { envelope: Envelope };
    assert.equal(on.envelope.seq, view.seq + 1);
    client.socket.destroy();
  });

  it("reported no fault of its own", () => assert.deepEqual(at.reports, []));
});
