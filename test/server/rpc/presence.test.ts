import assert from "node:assert/strict";
import { once } from "node:events";
import { connectTo } from "../../../client/local.ts";
import type { Participant } from "../../../protocol/method.ts";
import type { Part } from "../../../protocol/parts.ts";
import type { SessionView } from "../../../protocol/view.ts";
import { hello, type Raw, raw, type Served, served } from "../../help/served.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;
const notice = (text: string) => ({ type: "notice.shown", level: "info", text }) as const;

describe("who watches a session", () => {
  let at: Served;
  before(async () => {
    at = await served();
  });
  after(() => at.close());
  const made = () => at.server.sessions.create(at.folder, by, { ephemeral: true });
  const clientsIn = (message: Record<string, unknown>): string[] =>
    (message.params as { participants: Participant[] }).participants.map(({ client }) => client);
  const watches = async (name: string, session: string): Promise<Raw> => {
    const one = await raw(at.path, false);
    one.request("hello", "initialize", { ...hello, client: { name, version: "0" } });
    one.request("watch", "session/watch", { session });
    return one;
  };
  const isPresence = ({ method }: Record<string, unknown>): boolean => method === "session/presence";

  it("is told to each of them when one comes or goes, and to a new one after its view", async () => {
    const { id } = (await made()).view();
    const first = await watches("first", id);
    await first.next(({ id }) => id === "hello");
    assert.ok((await first.next()).result, "the view comes first");
    const alone = await first.next();
    assert.deepEqual([alone.method, clientsIn(alone)], ["session/presence", ["first"]]);
    const second = await watches("second", id);
    for (const one of [first, second]) {
      const { params } = await one.next(isPresence);
      const { participants } = params as { participants: Participant[] };
      assert.deepEqual(
        participants.map(({ client, role }) => [client, role]),
        [
          ["first", "owner"],
          ["second", "owner"],
        ],
      );
      assert.equal(new Set(participants.map((participant) => participant.id)).size, 2);
    }
    second.socket.destroy();
    assert.deepEqual(clientsIn(await first.next(isPresence)), ["first"]);
    const third = await watches("third", id);
    await first.next(isPresence);
    third.request("off", "session/unwatch", { session: id });
    assert.deepEqual(clientsIn(await first.next(isPresence)), ["first"]);
    for (const one of [first, third]) one.socket.destroy();
  });

  it("is said to a link's watcher, and is no event of the session", async () => {
    const session = await made();
    const { id, seq } = session.view();
    const link = await connectTo(at.path, undefined, { client: hello.client, answers: false });
    const { promise, resolve } = Promise.withResolvers<readonly Participant[]>();
    await link.watch(id, { snapshot: () => undefined, event: () => undefined, participantsChanged: resolve });
    assert.deepEqual(
      (await promise).map(({ client }) => client),
      ["test"],
    );
    assert.equal(session.view().seq, seq);
    await link.close();
  });

  it("does not pile up for one who does not read", async () => {
    const session = await made();
    const { id } = session.view();
    const slow = await watches("slow", id);
    await slow.next(isPresence);
    slow.socket.pause();
    for (let count = 0; count < 200; count++) await session.record(notice("x".repeat(20_000)), by);
    const other = await watches("other", id);
    await other.next(isPresence);
    other.socket.destroy();
    await once(other.socket, "close");
    slow.socket.resume();
    await slow.next(({ method }) => method === "session/snapshot");
    assert.deepEqual(clientsIn(await slow.next(isPresence)), ["slow"]);
    slow.socket.destroy();
  });

  it("sees as many parts as it asked for, also when it fell behind, and pages the others", async () => {
    const session = await made();
    const { id } = session.view();
    for (let count = 0; count < 20; count++) await session.record(notice(`notice ${count}`), by);
    const one = await raw(at.path);
    const ask = async (method: string, params: unknown) => {
      one.request("ask", method, params);
      return one.next(({ id }) => id === "ask");
    };
    const { view } = (await ask("session/watch", { session: id, parts: 5 })).result as { view: SessionView };
    assert.deepEqual([view.parts.length, view.earlier], [5, 15]);
    const before = view.parts[0]?.id;
    const page = (await ask("session/parts", { session: id, before, limit: 10 })).result as {
      parts: Part[];
      earlier: number;
    };
    assert.deepEqual([page.parts.length, page.earlier], [10, 5]);
    assert.deepEqual([...page.parts, ...view.parts], session.view().parts.slice(5));
    assert.ok((await ask("session/parts", { session: id, before: "none" })).error);
    one.socket.pause();
    for (let count = 0; count < 200; count++) await session.record(notice("x".repeat(20_000)), by);
    one.socket.resume();
    const { params } = await one.next(({ method }) => method === "session/snapshot");
    const shown = (params as { view: SessionView }).view;
    assert.deepEqual([shown.parts.length, shown.earlier], [5, 215]);
    one.socket.destroy();
  });

  it("is told when a link stops watching and begins again, each event once", async () => {
    const session = await made();
    const { id } = session.view();
    const link = await connectTo(at.path, undefined, { client: hello.client, answers: false });
    const seen: number[] = [];
    const watcher = { snapshot: () => undefined, event: ({ seq }: { seq: number }) => void seen.push(seq) };
    await link.watch(id, watcher);
    await link.call("sessionUnwatch", { session: id });
    await link.watch(id, watcher);
    await session.record(notice("once"), by);
    await link.call("serverStatus", {});
    assert.deepEqual(seen, [session.view().seq]);
    await link.close();
  });
});
