import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { isDisconnected } from "../../client/errors.ts";
import { connectTo } from "../../client/local.ts";
import type { Envelope } from "../../protocol/events.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../protocol/view.ts";
import { initializeParams, startTestServer, type TestServer } from "../help/test-server.ts";

const by = { kind: "person", id: "local", name: "Ada" } as const;

describe("a remote link", () => {
  let at: TestServer;
  before(async () => {
    at = await startTestServer();
  });
  after(() => at.close());
  const link = () => connectTo(`unix:${at.path}`, undefined, { client: initializeParams.client, answers: true });

  it("keeps each watcher's view equal to the folded log, whenever it started and however fast events arrive", async () => {
    const session = await at.server.sessions.create(at.folder, by, { ephemeral: true });
    const { id } = session.view();
    const links = [await link(), await link()];
    const views: SessionView[] = [];
    let lastSeq = Number.POSITIVE_INFINITY;
    let complete: () => void = () => undefined;
    const all = new Promise<void>((resolve) => {
      complete = resolve;
    });
    const watch = async (one: Awaited<ReturnType<typeof link>>): Promise<void> => {
      const index = views.push(emptyView) - 1;
      const set = (view: SessionView): void => {
        views[index] = view;
        if (views.every(({ seq }) => seq >= lastSeq)) complete();
      };
      await one.watch(id, {
        snapshot: set,
        event: (envelope: Envelope) => set(reduce(views[index] ?? emptyView, envelope)),
      });
    };
    for (let count = 0; count < 1000; count++) {
      const text = "x".repeat(count % 7 === 0 ? 20_000 : 10);
      const recorded = session.record({ type: "notice.shown", level: "info", text }, by);
      if (count === 100 || count === 500) void watch(links[count === 100 ? 0 : 1] as Awaited<ReturnType<typeof link>>);
      if (count === 700) void watch(links[0] as Awaited<ReturnType<typeof link>>);
      await recorded;
    }
    lastSeq = session.view().seq;
    await session.record({ type: "session.titled", title: "Done" }, by);
    await all;
    const whole = JSON.stringify(reduceAll(emptyView, session.envelopes()));
    await Promise.all(links.map((one) => one.call("serverStatus", {})));
    for (const view of views) assert.equal(JSON.stringify(view), whole);
    for (const one of links) await one.close();
  });

  it("rejects with the server's error code", async () => {
    const one = await link();
    await assert.rejects(one.call("turnCancel", {} as { session: string }), { name: "TuttiError", code: "usage" });
    await assert.rejects(one.call("sessionOpen", { session: "none" }), { name: "TuttiError", code: "notFound" });
    await one.close();
    assert.equal(await one.closed, null);
    await assert.rejects(one.call("serverStatus", {}), { name: "TuttiError" });
  });

  it("reports a lost connection if the server accepts and then drops it", async () => {
    const path = join(at.folder, "dropping.sock");
    const dropping = createServer((socket) => socket.destroy())
      .listen(path)
      .unref();
    await once(dropping, "listening");
    for (let count = 0; count < 50; count++)
      await assert.rejects(
        connectTo(path, undefined, { client: initializeParams.client, answers: true }),
        isDisconnected,
      );
    dropping.close();
  });

  it("reports that no server is listening, and that an address needs a token", async () => {
    await assert.rejects(connectTo(`${at.path}.none`, undefined, { client: initializeParams.client, answers: false }), {
      code: "notFound",
    });
    await assert.rejects(
      connectTo("ws://127.0.0.1:1", undefined, { client: initializeParams.client, answers: false }),
      {
        code: "usage",
        message: /--token-file/,
      },
    );
  });
});
