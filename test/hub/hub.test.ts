import assert from "node:assert/strict";
import { once } from "node:events";
import { readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hubHeaders } from "../../hub/hub.ts";
import { HUB_PROTOCOL } from "../../protocol/share/hub-messages.ts";
import {
  createInvite,
  joinRaw,
  openRawGuest,
  openRawPublisher,
  openRawShare,
  openTestHub,
  randomId,
  randomToken,
  type TestHub,
} from "../help/hub.ts";

const text = (body: Uint8Array): string => Buffer.from(body).toString();
const frame = (seq: number, snapshot = false, epoch = 1) => ({ type: "frame", epoch, seq, snapshot }) as const;

describe("A hub", () => {
  let hub: TestHub;
  beforeEach(async () => {
    hub = await openTestHub();
  });
  afterEach(() => hub.close());

  it("stores frames before it acknowledges them, and gives them to guests in order", async () => {
    const invite = createInvite();
    const { publisher, share } = await openRawShare(hub.url, [invite.entry]);
    const early = await joinRaw(hub.url, share, invite);
    assert.equal((await early.next("key")).key, invite.entry.key);
    for (let seq = 1; seq <= 20; seq++) publisher.send(frame(seq, seq === 1 || seq === 15), Buffer.from(`f${seq}`));
    let stored = 0;
    while (stored < 20) stored = (await publisher.next("stored")).seq;
    for (let seq = 1; seq <= 20; seq++) assert.equal(text((await early.next("frame")).body), `f${seq}`);
    await hub.restart();
    const late = await joinRaw(hub.url, share, invite);
    for (let seq = 15; seq <= 20; seq++) assert.equal(text((await late.next("frame")).body), `f${seq}`);
    const resumed = await joinRaw(hub.url, share, invite, { after: { epoch: 1, seq: 18 } });
    assert.equal(text((await resumed.next("frame")).body), "f19");
    const again = await openRawPublisher(hub.url);
    again.send({ type: "publish", share, token: randomToken() });
    assert.equal((await again.next("error")).code, "denied");
  });

  it("lets only the newest publisher publish", async () => {
    const invite = createInvite();
    const { publisher, share, token } = await openRawShare(hub.url, [invite.entry]);
    publisher.send(frame(1, true), Buffer.from("first"));
    await publisher.next("stored");
    const second = await openRawPublisher(hub.url);
    second.send({ type: "publish", share, token });
    assert.deepEqual(
      [(await second.next("publishing")).epoch, (await joinRaw(hub.url, share, invite)).received.length],
      [1, 0],
    );
    second.send({ type: "epoch", epoch: 2, invites: [invite.entry] });
    await second.next("epochBegun");
    assert.equal((await publisher.next("error")).code, "fenced");
    const third = await openRawPublisher(hub.url);
    third.send({ type: "publish", share, token });
    await third.next("publishing");
    third.send({ type: "epoch", epoch: 2, invites: [] });
    assert.equal((await third.next("error")).code, "fenced");
    second.send(frame(2, true, 2), Buffer.from("second"));
    assert.equal((await second.next("stored")).seq, 2);
  });

  it("disconnects the guests of a revoked invite, and refuses it from then on", async () => {
    const [kept, revoked] = [createInvite(), createInvite()];
    const { publisher, share } = await openRawShare(hub.url, [kept.entry, revoked.entry]);
    const [stays, goes] = [await joinRaw(hub.url, share, kept), await joinRaw(hub.url, share, revoked)];
    await stays.next("key");
    await goes.next("key");
    const renewed = { ...kept.entry, key: randomToken() };
    publisher.send({ type: "epoch", epoch: 2, invites: [renewed] });
    assert.equal((await goes.next("error")).code, "revoked");
    await goes.closed;
    assert.deepEqual((await stays.next("key")).key, renewed.key);
    await hub.restart();
    assert.equal((await (await joinRaw(hub.url, share, revoked)).next("error")).code, "revoked");
  });

  it("refuses wrong, expired and unknown links with the same care", async () => {
    const [invite, short] = [createInvite(), createInvite(30)];
    const { share } = await openRawShare(hub.url, [invite.entry, short.entry]);
    const codeOf = async (...input: Parameters<typeof joinRaw>) => (await (await joinRaw(...input)).next("error")).code;
    assert.equal(await codeOf(hub.url, share, { ...invite, token: randomToken() }), "notFound");
    assert.equal(await codeOf(hub.url, share, createInvite()), "notFound");
    assert.equal(await codeOf(hub.url, randomId(), invite), "notFound");
    const expiring = await joinRaw(hub.url, share, short);
    assert.equal((await expiring.next("error")).code, "expired");
    assert.equal(await codeOf(hub.url, share, short), "expired");
    assert.deepEqual(readdirSync(hub.folder), [share], "nothing is stored for a share that does not exist");
  });

  it("accepts no path, only the id of a share", async () => {
    for (const id of ["../../etc/passwd", "..%2f..%2fetc", "CON", "a".repeat(10_000), "\u2024\u2024/x", "x\0", ""]) {
      const guest = await openRawGuest(hub.url);
      guest.send({ type: "join", share: id, invite: randomId(), token: randomToken(), guest: randomId() });
      assert.equal((await guest.next("error")).code, "version", id);
    }
    assert.deepEqual(readdirSync(hub.folder), []);
  });

  it("passes messages between one guest and the owner only", async () => {
    const invite = createInvite();
    const { publisher, share } = await openRawShare(hub.url, [invite.entry]);
    const [one, two] = [await joinRaw(hub.url, share, invite), await joinRaw(hub.url, share, invite)];
    await two.next("key");
    one.send({ type: "intent" }, Buffer.from("please"));
    const intent = await publisher.next("intent");
    assert.deepEqual([text(intent.body), intent.invite], ["please", invite.entry.invite]);
    publisher.send({ type: "direct", guest: intent.guest }, Buffer.from("yes"));
    publisher.send(frame(1, true), Buffer.from("to all"));
    assert.equal(text((await one.next("direct")).body), "yes");
    assert.equal(text((await two.next("frame")).body), "to all");
    assert.equal(
      two.received.some(({ type }) => type === "direct"),
      false,
    );
    await one.close();
    assert.equal((await publisher.next("left")).guest, intent.guest);
  });

  it("says that the owner is not connected", async () => {
    const invite = createInvite();
    const { publisher, share } = await openRawShare(hub.url, [invite.entry]);
    const guest = await joinRaw(hub.url, share, invite);
    assert.equal((await guest.next("owner")).online, true);
    await publisher.close();
    assert.equal((await guest.next("owner")).online, false);
    guest.send({ type: "intent" }, Buffer.from("please"));
    assert.equal((await guest.next("owner")).online, false);
  });

  it("deletes everything of a share that ends", async () => {
    const invite = createInvite();
    const { publisher, share, token } = await openRawShare(hub.url, [invite.entry]);
    const guest = await joinRaw(hub.url, share, invite);
    publisher.send(frame(1, true), Buffer.from("content"));
    await guest.next("frame");
    publisher.send({ type: "end" });
    await publisher.next("ended");
    assert.equal((await guest.next("error")).code, "ended");
    assert.deepEqual(readdirSync(join(hub.folder, share)), ["share.json"]);
    await publisher.close();
    assert.equal((await (await joinRaw(hub.url, share, invite)).next("error")).code, "ended");
    const again = await openRawPublisher(hub.url);
    again.send({ type: "publish", share, token });
    assert.equal((await again.next("error")).code, "denied");
  });

  it("cuts off a frame that a crash interrupted, and goes on after the last whole one", async () => {
    const invite = createInvite();
    const { publisher, share, token } = await openRawShare(hub.url, [invite.entry]);
    for (let seq = 1; seq <= 3; seq++) publisher.send(frame(seq, seq === 1), Buffer.from(`frame ${seq}`));
    let stored = 0;
    while (stored < 3) stored = (await publisher.next("stored")).seq;
    await publisher.close();
    const log = join(hub.folder, share, "frames-1.log");
    truncateSync(log, statSync(log).size - 2);
    await hub.restart();
    const again = await openRawPublisher(hub.url);
    again.send({ type: "publish", share, token });
    assert.equal((await again.next("publishing")).seq, 2);
    again.send({ type: "epoch", epoch: 2, invites: [invite.entry] });
    again.send(frame(3, true, 2), Buffer.from("again"));
    assert.equal((await again.next("stored")).seq, 3);
    await hub.restart();
    const guest = await joinRaw(hub.url, share, invite);
    assert.equal(text((await guest.next("frame")).body), "again");
  });

  it("survives a damaged record of one share", async () => {
    const [bad, good] = [createInvite(), createInvite()];
    const broken = await openRawShare(hub.url, [bad.entry]);
    const whole = await openRawShare(hub.url, [good.entry]);
    writeFileSync(join(hub.folder, broken.share, "share.json"), "{");
    await hub.restart();
    assert.equal((await (await joinRaw(hub.url, broken.share, bad)).next("error")).code, "storage");
    assert.equal((await (await joinRaw(hub.url, whole.share, good)).next("key")).key, good.entry.key);
    assert.equal(
      hub.lines.some((line) => line.includes("storage failed")),
      true,
    );
    assert.equal(
      hub.lines.some((line) => line.includes(broken.share)),
      false,
      "a log line names a share",
    );
  });

  it("answers health checks and metrics, with strict headers", async () => {
    const health = await fetch(`${hub.url}/healthz`);
    assert.deepEqual([health.status, await health.text()], [200, "ok\n"]);
    for (const [name, value] of Object.entries(hubHeaders)) assert.equal(health.headers.get(name), value);
    const metrics = await (await fetch(`${hub.url}/metrics`)).text();
    assert.match(metrics, /^tutti_hub_guests 0$/m);
    assert.equal((await fetch(`${hub.url}/s/../../etc/passwd`)).status, 404);
    assert.equal((await fetch(hub.url, { method: "POST" })).status, 405);
  });

  it("accepts web pages of its own origin only, and none as publisher", async () => {
    const { WebSocket } = await import("ws");
    const statusOf = async (path: string, origin?: string): Promise<number> => {
      const socket = new WebSocket(`${hub.url.replace("http", "ws")}${path}`, HUB_PROTOCOL, origin ? { origin } : {});
      const [response] = await Promise.race([
        once(socket, "unexpected-response").then(([, answer]) => [answer]),
        once(socket, "open").then(() => [{ statusCode: 101 }]),
      ]);
      socket.on("error", () => undefined).terminate();
      return response.statusCode;
    };
    assert.equal(await statusOf("/join", hub.url), 101);
    assert.equal(await statusOf("/join", "https://evil.example"), 403);
    assert.equal(await statusOf("/publish", hub.url), 403);
    assert.equal(await statusOf("/publish"), 101);
    assert.equal(await statusOf("/other"), 404);
  });
});

describe("The limits of a hub", () => {
  it("end a share's publishing, a guest that floods, and connections that say nothing", async () => {
    const hub = await openTestHub({ bytesPerShare: 1000, intentsPerSecond: 1, intentBurst: 3, handshakeMs: 50 });
    try {
      const invite = createInvite();
      const { publisher, share } = await openRawShare(hub.url, [invite.entry]);
      const guest = await joinRaw(hub.url, share, invite);
      await guest.next("key");
      for (let count = 0; count < 10; count++) guest.send({ type: "intent" }, Buffer.from("flood"));
      assert.equal((await guest.next("error")).code, "tooFast");
      assert.equal((await (await openRawGuest(hub.url)).next("error")).code, "invalid");
      publisher.send(frame(1, true), Buffer.alloc(900));
      await publisher.next("stored");
      publisher.send(frame(2), Buffer.alloc(200));
      assert.equal((await publisher.next("error")).code, "quota");
    } finally {
      await hub.close();
    }
  });

  it("give a guest that is behind the newest snapshot, without delaying the others", async () => {
    const hub = await openTestHub({ backlog: 256 * 1024, bytesPerSecond: 1e9, burst: 1e9 });
    try {
      const invite = createInvite();
      const { publisher, share } = await openRawShare(hub.url, [invite.entry]);
      const [slow, fast] = [await joinRaw(hub.url, share, invite), await joinRaw(hub.url, share, invite)];
      await slow.next("key");
      slow.pause();
      const size = 128 * 1024;
      const count = 120;
      const named = (seq: number) => Buffer.concat([Buffer.from(`${seq}`.padEnd(8)), Buffer.alloc(size)]);
      for (let seq = 1; seq <= count; seq++) {
        publisher.send(frame(seq, seq === 1 || seq === count - 1), named(seq));
        await publisher.next("stored");
      }
      for (let seq = 1; seq <= count; seq++)
        assert.equal(text((await fast.next("frame")).body.subarray(0, 8)).trim(), `${seq}`);
      slow.resume();
      const seen: number[] = [];
      while (seen.at(-1) !== count) seen.push(Number(text((await slow.next("frame")).body.subarray(0, 8))));
      const jump = seen.findIndex((seq, index) => seq !== index + 1);
      assert.ok(jump > 0, "the guest was never behind");
      assert.deepEqual(seen.slice(jump), [count - 1, count]);
      assert.match(await (await fetch(`${hub.url}/metrics`)).text(), /^tutti_hub_slow_total [1-9]/m);
    } finally {
      await hub.close();
    }
  });
});
