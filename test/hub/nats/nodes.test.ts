/** A hub of several nodes on three real NATS servers: any node serves any guest and any owner. */
import assert from "node:assert/strict";
import { type Hub, openHub } from "../../../hub/hub.ts";
import { openNats } from "../../../hub/nats/nats.ts";
import { createInvite, joinRaw, openRawPublisher, openRawShare, randomId, randomToken } from "../../help/hub.ts";
import { hasNats, type NatsCluster, openNatsCluster } from "../../help/nats.ts";

if (hasNats())
  describe("A hub of several nodes", function () {
    this.timeout(60_000);
    let nats: NatsCluster;
    let one: string;
    let two: string;
    const hubs: Hub[] = [];
    const startNode = async (): Promise<string> => {
      const hub = await openHub({
        host: "127.0.0.1",
        port: 0,
        ...(await openNats({ servers: nats.urls, replicas: 3 })),
        log: () => undefined,
      });
      hubs.push(hub);
      return `http://127.0.0.1:${hub.port}`;
    };
    before(async () => {
      nats = await openNatsCluster(3);
      [one, two] = await Promise.all([startNode(), startNode()]);
    });
    after(async () => {
      await Promise.all(hubs.map((hub) => hub.close()));
      await nats?.close();
    });
    const frame = (epoch: number, seq: number, snapshot = false) => ({ type: "frame", epoch, seq, snapshot }) as const;

    it("R52: gives a guest at any node what was stored before it joined, and after", async () => {
      const invite = createInvite();
      const { publisher, share } = await openRawShare(one, [invite.entry]);
      publisher.send(frame(1, 1, true), Buffer.from("first"));
      assert.equal((await publisher.next("stored")).seq, 1);
      const guest = await joinRaw(two, share, invite);
      assert.equal((await guest.next("key")).key, invite.entry.key);
      assert.equal((await guest.next("owner")).online, true);
      assert.equal(Buffer.from((await guest.next("frame")).body).toString(), "first");
      // Larger than a message of NATS may be.
      const large = Buffer.alloc(3_000_000, "sealed ");
      publisher.send(frame(1, 2), large);
      assert.equal((await publisher.next("stored")).seq, 2);
      assert.ok(large.equals((await guest.next("frame")).body));
      publisher.send(frame(1, 3, true), Buffer.from("snapshot"));
      await publisher.next("stored");
      const late = await joinRaw(two, share, invite);
      assert.equal(Buffer.from((await late.next("frame")).body).toString(), "snapshot");
    });

    it("passes messages between a guest and an owner at different nodes, and says who has left", async () => {
      const invite = createInvite();
      const { publisher, share } = await openRawShare(one, [invite.entry]);
      const [id, other] = [randomId(), randomId()];
      const guest = await joinRaw(two, share, invite, { guest: id });
      const witness = await joinRaw(two, share, invite, { guest: other });
      await Promise.all([guest.next("owner"), witness.next("owner")]);
      const intent = Buffer.alloc(2_000_000, "intent ");
      guest.send({ type: "intent" }, intent);
      const received = await publisher.next("intent");
      assert.deepEqual([received.guest, received.invite], [id, invite.entry.invite]);
      assert.ok(intent.equals(received.body));
      publisher.send({ type: "direct", guest: id }, Buffer.from("answer"));
      assert.equal(Buffer.from((await guest.next("direct")).body).toString(), "answer");
      assert.deepEqual(
        witness.received.map(({ type }) => type).filter((type) => type === "direct"),
        [],
      );
      // The same guest, now at the owner's node: its old connection ends, and the owner gets no message that it has left.
      const again = await joinRaw(one, share, invite, { guest: id });
      assert.equal((await guest.next("error")).code, "denied");
      publisher.send({ type: "direct", guest: id }, Buffer.from("again"));
      assert.equal(Buffer.from((await again.next("direct")).body).toString(), "again");
      publisher.send({ type: "disconnect", guest: other });
      assert.equal((await witness.next("error")).code, "denied");
      assert.equal((await publisher.next("left")).guest, other);
      await again.close();
      assert.equal((await publisher.next("left")).guest, id);
    });

    it("R57: lets only the newest publisher publish, at whichever node", async () => {
      const [kept, revoked] = [createInvite(), createInvite()];
      const { publisher, share, token } = await openRawShare(one, [kept.entry, revoked.entry]);
      publisher.send(frame(1, 1, true), Buffer.from("one"));
      await publisher.next("stored");
      const [stays, goes] = await Promise.all([joinRaw(one, share, kept), joinRaw(one, share, revoked)]);
      await Promise.all([stays.next("frame"), goes.next("frame")]);
      const second = await openRawPublisher(two);
      second.send({ type: "publish", share, token });
      assert.deepEqual([(await second.next("publishing")).seq], [1]);
      const renewed = { ...kept.entry, key: randomToken() };
      second.send({ type: "epoch", epoch: 2, invites: [renewed] });
      await second.next("epochBegun");
      assert.equal((await publisher.next("error")).code, "fenced");
      assert.equal((await goes.next("error")).code, "revoked");
      assert.equal((await stays.next("key")).key, renewed.key);
      second.send(frame(2, 2, true), Buffer.from("two"));
      assert.equal((await second.next("stored")).seq, 2);
      assert.equal(Buffer.from((await stays.next("frame")).body).toString(), "two");
      const third = await openRawPublisher(one);
      third.send({ type: "publish", share, token: randomToken() });
      assert.equal((await third.next("error")).code, "denied");
    });

    it("S137: deletes everything of a share that ends, for the guests of all nodes", async () => {
      const invite = createInvite();
      const { publisher, share } = await openRawShare(one, [invite.entry]);
      publisher.send(frame(1, 1, true), Buffer.from("sealed"));
      await publisher.next("stored");
      const guest = await joinRaw(two, share, invite);
      await guest.next("frame");
      publisher.send({ type: "end" });
      await publisher.next("ended");
      assert.equal((await guest.next("error")).code, "ended");
      await guest.closed;
      const late = await joinRaw(two, share, invite);
      assert.equal((await late.next("error")).code, "ended");
      assert.deepEqual(
        late.received.filter(({ type }) => type === "frame"),
        [],
      );
    });

    it("says at every node that the owner is not connected, and when it is again", async () => {
      const invite = createInvite();
      const { publisher, share, token } = await openRawShare(one, [invite.entry]);
      const guest = await joinRaw(two, share, invite);
      assert.equal((await guest.next("owner")).online, true);
      await publisher.close();
      assert.equal((await guest.next("owner")).online, false);
      const again = await openRawPublisher(two);
      again.send({ type: "publish", share, token });
      await again.next("publishing");
      again.send({ type: "epoch", epoch: 2, invites: [invite.entry] });
      await again.next("epochBegun");
      assert.equal((await guest.next("owner")).online, true);
    });
  });
