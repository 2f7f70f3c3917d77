import assert from "node:assert/strict";
import { once } from "node:events";
import { connectTo } from "../../../client/local.ts";
import {
  applyPresence,
  LISTED_PARTICIPANTS,
  nobody,
  type ParticipantList,
  type PresenceChange,
} from "../../../protocol/participants.ts";
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

const isPresence = ({ method }: Record<string, unknown>): boolean => String(method).startsWith("session/presence");

/** A watcher and what it knows of the participants. */
interface Follower {
  raw: RawConnection;
  list(): ParticipantList;
  /** Reads messages about presence until these are the listed clients, and returns the methods of those messages. */
  until(isExpected: (clients: string[], count: number) => boolean): Promise<unknown[]>;
}

describe("session presence", () => {
  let at: TestServer;
  before(async () => {
    at = await startTestServer();
  });
  after(() => at.close());
  const createSession = () => at.server.sessions.create(at.folder, by, { ephemeral: true });
  const startWatching = async (name: string, session: string): Promise<Follower> => {
    const raw = await connectRaw(at.path, false);
    raw.request("hello", "initialize", { ...initializeParams, client: { name, version: "0" } });
    raw.request("watch", "session/watch", { session });
    return follow(raw);
  };
  const follow = (raw: RawConnection): Follower => {
    let list = nobody;
    const until: Follower["until"] = async (isExpected) => {
      const { method, params } = await raw.next(isPresence);
      const { participants, count } = list;
      list =
        method === "session/presence"
          ? (params as ParticipantList)
          : applyPresence({ participants, count }, params as PresenceChange);
      const clients = list.participants.map(({ client }) => client);
      return isExpected(clients, list.count) ? [method] : [method, ...(await until(isExpected))];
    };
    return { raw, list: () => list, until };
  };
  const are =
    (...expected: string[]) =>
    (clients: string[], count: number): boolean =>
      count === expected.length && clients.join() === expected.join();

  it("sends a new watcher the list after its view, and the others the change", async () => {
    const { id } = (await createSession()).view();
    const first = await startWatching("first", id);
    await first.raw.next(({ id }) => id === "hello");
    assert.ok((await first.raw.next()).result, "the view comes first");
    const alone = await first.raw.next();
    assert.equal(alone.method, "session/presence");
    assert.deepEqual(
      (alone.params as ParticipantList).participants.map(({ client, role }) => [client, role]),
      [["first", "owner"]],
    );
    const second = await startWatching("second", id);
    assert.deepEqual(await second.until(are("first", "second")), ["session/presence"]);
    const change = await first.raw.next(isPresence);
    assert.equal(change.method, "session/presenceChanged");
    const { count, added, removed } = change.params as PresenceChange;
    assert.deepEqual([count, added.map(({ client }) => client), removed], [2, ["second"], []]);
    second.raw.socket.destroy();
    const { params } = await first.raw.next(isPresence);
    assert.deepEqual((params as PresenceChange).removed, [added[0]?.id]);
    const third = await startWatching("third", id);
    await first.raw.next(isPresence);
    third.raw.request("off", "session/unwatch", { session: id });
    assert.equal(((await first.raw.next(isPresence)).params as PresenceChange).count, 1);
    for (const { raw } of [first, third]) raw.socket.destroy();
  });

  it("sends many joins together, so that each watcher ends with the whole list", async () => {
    const { id } = (await createSession()).view();
    const names = Array.from({ length: 60 }, (_, index) => `w${index}`);
    const watchers = await Promise.all(names.map((name) => startWatching(name, id)));
    const isAll = (clients: string[], count: number): boolean =>
      count === names.length && new Set(clients).size === names.length;
    for (const watcher of watchers) {
      const methods = await watcher.until(isAll);
      assert.equal(methods[0], "session/presence");
      assert.ok(methods.slice(1).every((method) => method === "session/presenceChanged"));
      assert.ok(methods.length < names.length, `${methods.length} messages for ${names.length} joins`);
    }
    const [first, ...others] = watchers;
    for (const { raw } of others) raw.socket.destroy();
    await first?.until((clients, count) => count === 1 && clients.length === 1);
    first?.raw.socket.destroy();
  });

  it("lists a hundred watchers, and counts the others", async () => {
    const { id } = (await createSession()).view();
    const watchers: Follower[] = [];
    for (let index = 0; index < 130; index++) watchers.push(await startWatching(`w${index}`, id));
    const [first, second] = watchers as [Follower, Follower];
    await first.until((_, count) => count === 130);
    assert.deepEqual(
      first.list().participants.map(({ client }) => client),
      Array.from({ length: LISTED_PARTICIPANTS }, (_, index) => `w${index}`),
    );
    second.raw.socket.destroy();
    await first.until((clients, count) => count === 129 && clients.includes("w100") && !clients.includes("w1"));
    for (const { raw } of watchers.slice(2)) raw.socket.destroy();
    await first.until(are("w0"));
    first.raw.socket.destroy();
  });

  it("reaches a link's watcher, and is not a session event", async () => {
    const session = await createSession();
    const { id, seq } = session.view();
    const options = { client: initializeParams.client, answers: false };
    const link = await connectTo(at.path, undefined, options);
    const seen: string[][] = [];
    let wake = (): void => undefined;
    await link.watch(id, {
      snapshot: () => undefined,
      event: () => undefined,
      participantsChanged({ participants }) {
        seen.push(participants.map(({ client }) => client));
        wake();
      },
    });
    const until = async (length: number): Promise<void> => {
      while (seen.length < length) await new Promise<void>((resolve) => (wake = resolve));
    };
    await until(1);
    const other = await startWatching("other", id);
    await until(2);
    other.raw.socket.destroy();
    await until(3);
    assert.deepEqual(seen, [["test"], ["test", "other"], ["test"]]);
    assert.equal(session.view().seq, seq);
    await link.close();
  });

  it("does not accumulate for a client that does not read", async () => {
    const session = await createSession();
    const { id } = session.view();
    const slow = await startWatching("slow", id);
    await slow.until(are("slow"));
    slow.raw.socket.pause();
    for (let count = 0; count < 200; count++) await session.record(notice("x".repeat(20_000)), by);
    for (const name of ["one", "two"]) {
      const other = await startWatching(name, id);
      await other.until(are("slow", name));
      other.raw.socket.destroy();
      await once(other.raw.socket, "close");
    }
    slow.raw.socket.resume();
    await slow.raw.next(({ method }) => method === "session/snapshot");
    assert.deepEqual(await slow.until(are("slow")), ["session/presence"]);
    slow.raw.socket.destroy();
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
