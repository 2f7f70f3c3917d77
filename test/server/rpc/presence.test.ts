import assert from "node:assert/strict";
import { once } from "node:events";
import { connectTo } from "../../../client/local.ts";
import type { Participant } from "../../../protocol/method.ts";
import type { Part } from "../../../protocol/parts.ts";
import type { SessionView } from "../../../protocol/view.ts";
import {
  connectRaw,
  initializeParams,
  type RawConnection,
  startTestServer,
  type TestServer,
} from "../../help/test-server.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;
const notice = (text: string) => ({ type: "notice.shown", level: "info", text }) as const;

describe("session presence", () => {
  let at: TestServer;
  before(async () => {
    at = await startTestServer();
  });
  after(() => at.close());
  const createSession = () => at.server.sessions.create(at.folder, by, { ephemeral: true });
  const getClients = (message: Record<string, unknown>): string[] =>
    (message.params as { participants: Participant[] }).participants.map(({ client }) => client);
  const startWatching = async (name: string, session: string): Promise<RawConnection> => {
    const client = await connectRaw(at.path, false);
    client.request("hello", "initialize", { ...initializeParams, client: { name, version: "0" } });
    client.request("watch", "session/watch", { session });
    return client;
  };
  const isPresence = ({ method }: Record<string, unknown>): boolean => method === "session/presence";

  it("is sent to all watchers when one joins or leaves, and to a new one after its view", async () => {
    const { id } = (await createSession()).view();
    const first = await startWatching("first", id);
    await first.next(({ id }) => id === "hello");
    assert.ok((await first.next()).result, "the view comes first");
    const alone = await first.next();
    assert.deepEqual([alone.method, getClients(alone)], ["session/presence", ["first"]]);
    const second = await startWatching("second", id);
    for (const watcher of [first, second]) {
      const { params } = await watcher.next(isPresence);
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
    assert.deepEqual(getClients(await first.next(isPresence)), ["first"]);
    const third = await startWatching("third", id);
    await first.next(isPresence);
    third.request("off", "session/unwatch", { session: id });
    assert.deepEqual(getClients(await first.next(isPresence)), ["first"]);
    for (const watcher of [first, third]) watcher.socket.destroy();
  });

  it("is sent for many joins together, and ends with the whole list at each watcher", async () => {
    const { id } = (await createSession()).view();
    const count = 60;
    const watchers = await Promise.all(Array.from({ length: count }, (_, index) => startWatching(`w${index}`, id)));
    for (const watcher of watchers)
      await watcher.next((message) => isPresence(message) && getClients(message).length === count);
    for (const watcher of watchers.slice(1)) watcher.socket.destroy();
    await watchers[0]?.next((message) => isPresence(message) && getClients(message).length === 1);
    watchers[0]?.socket.destroy();
  });

  it("reaches a link's watcher, and is not a session event", async () => {
    const session = await createSession();
    const { id, seq } = session.view();
    const link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
    const { promise, resolve } = Promise.withResolvers<readonly Participant[]>();
    await link.watch(id, { snapshot: () => undefined, event: () => undefined, participantsChanged: resolve });
    assert.deepEqual(
      (await promise).map(({ client }) => client),
      ["test"],
    );
    assert.equal(session.view().seq, seq);
    await link.close();
  });

  it("does not accumulate for a client that does not read", async () => {
    const session = await createSession();
    const { id } = session.view();
    const slow = await startWatching("slow", id);
    await slow.next(isPresence);
    slow.socket.pause();
    for (let count = 0; count < 200; count++) await session.record(notice("x".repeat(20_000)), by);
    const other = await startWatching("other", id);
    await other.next(isPresence);
    other.socket.destroy();
    await once(other.socket, "close");
    slow.socket.resume();
    await slow.next(({ method }) => method === "session/snapshot");
    assert.deepEqual(getClients(await slow.next(isPresence)), ["slow"]);
    slow.socket.destroy();
  });

  it("sends as many parts as requested, also to a client that fell behind, and pages the rest", async () => {
    const session = await createSession();
    const { id } = session.view();
    for (let count = 0; count < 20; count++) await session.record(notice(`notice ${count}`), by);
    const client = await connectRaw(at.path);
    const ask = async (method: string, params: unknown) => {
      client.request("ask", method, params);
      return client.next(({ id }) => id === "ask");
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
    client.socket.pause();
    for (let count = 0; count < 200; count++) await session.record(notice("x".repeat(20_000)), by);
    client.socket.resume();
    const { params } = await client.next(({ method }) => method === "session/snapshot");
    const shown = (params as { view: SessionView }).view;
    assert.deepEqual([shown.parts.length, shown.earlier], [5, 215]);
    client.socket.destroy();
  });

  it("sends each event once to a link that stops watching and starts again", async () => {
    const session = await createSession();
    const { id } = session.view();
    const link = await connectTo(at.path, undefined, { client: initializeParams.client, answers: false });
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
