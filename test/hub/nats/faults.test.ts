/**
 * What is acknowledged is kept, in order and once, while hub nodes are killed, paused and cut off, and NATS servers paused and started
 * again. `TUTTI_FAULT_SECONDS` makes the run longer. `TUTTI_FAULT_KILL_NATS` also kills servers: they write later than they acknowledge,
 * so version 2.9 may lose what it has acknowledged.
 */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { build } from "../../help/build.ts";
import { createInvite, openRawShare, randomId } from "../../help/hub.ts";
import {
  createHubNode,
  type HubNode,
  type Reader,
  startReader,
  startWriter,
  type Writer,
} from "../../help/hub-faults.ts";
import { hasNats, type NatsCluster, openNatsCluster, openProxy, type TestProxy } from "../../help/nats.ts";
import { createRandom, seed } from "../../help/seed.ts";

const KILLS_NATS = process.env.TUTTI_FAULT_KILL_NATS !== undefined;
const SECONDS = Number(process.env.TUTTI_FAULT_SECONDS ?? "8");

/** All is well again within this time. */
const RECOVERY_MS = 30_000;

if (hasNats())
  describe("A hub whose nodes and servers fail", function () {
    this.timeout((SECONDS + 90) * 1000);
    let nats: NatsCluster;
    const proxies: TestProxy[] = [];
    const nodes: HubNode[] = [];
    let writers: Writer[] = [];
    let readers: Reader[] = [];
    before(async () => {
      build();
      nats = await openNatsCluster(3);
      for (const _ of nats.servers) {
        const behind = await Promise.all(nats.urls.map(openProxy));
        proxies.push(...behind);
        nodes.push(
          createHubNode(
            behind.map(({ url }) => url),
            process.env,
          ),
        );
      }
      await Promise.all(nodes.map((node) => node.start()));
    });
    after(async () => {
      await Promise.all([...writers, ...readers].map((one) => one.stop()));
      for (const one of [...nats.servers, ...nodes]) one.thaw();
      await Promise.all(nodes.map((node) => node.kill()));
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await nats.close();
    });

    it("R49, R56, R57: loses no acknowledged frame, repeats none and keeps their order", async () => {
      const random = createRandom();
      const share = { id: randomId(), token: "", invite: createInvite(24 * 60 * 60_000) };
      const opened = await openRawShare(nodes[0]?.url() ?? "", [share.invite.entry], share.id);
      share.token = opened.token;
      await opened.publisher.close();
      const history = { items: [] as number[], epochs: new Map<number, number>() };
      writers = [startWriter(nodes, share, history, random)];
      readers = Array.from({ length: 5 }, () => startReader(nodes, share.id, share.invite, random));

      const faults: [name: string, run: (index: number) => Promise<void>][] = [
        [
          KILLS_NATS ? "kill a NATS server" : "start a NATS server again",
          async (index) => {
            await (KILLS_NATS ? nats.servers[index]?.kill() : nats.servers[index]?.stop());
            await pause(1_000);
            await nats.servers[index]?.start();
          },
        ],
        [
          "pause a NATS server",
          async (index) => {
            nats.servers[index]?.freeze();
            await pause(1_500);
            nats.servers[index]?.thaw();
          },
        ],
        [
          "kill a hub node",
          async (index) => {
            await nodes[index]?.kill();
            await nodes[index]?.start();
          },
        ],
        [
          "pause a hub node",
          async (index) => {
            nodes[index]?.freeze();
            await pause(1_500);
            nodes[index]?.thaw();
          },
        ],
        [
          "cut a hub node off from NATS",
          async (index) => {
            const own = proxies.slice(index * 3, index * 3 + 3);
            for (const proxy of own) proxy.cut();
            await pause(1_500);
            for (const proxy of own) proxy.heal();
          },
        ],
      ];
      const done: string[] = [];
      const until = Date.now() + SECONDS * 1000;
      for (let count = 0; Date.now() < until || count < faults.length; count++) {
        // Each kind once, then by chance.
        const [name, run] = faults[count < faults.length ? count : Math.floor(random() * faults.length)] ?? [
          "",
          async () => undefined,
        ];
        done.push(name);
        // In the middle, another server of the same owner takes the share over, while the first one goes on.
        if (count === 2) writers.push(startWriter(nodes, share, history, random));
        if (count === 4) await writers[0]?.stop();
        await run(Math.floor(random() * 3));
        await pause(300);
      }
      // All is well again: the owner goes on, and every guest has all that was acknowledged.
      const [, second] = writers;
      const before = second?.acknowledged().length ?? 0;
      const recovers = Date.now() + RECOVERY_MS;
      while ((second?.acknowledged().length ?? 0) < before + 20) {
        assert.ok(
          Date.now() < recovers,
          `the owner cannot go on: SEED=${seed}; ${done.join(", ")}; ${second?.problem()}`,
        );
        await pause(50);
      }
      await Promise.all(writers.map((writer) => writer.stop()));
      const acknowledged = writers.flatMap((writer) => writer.acknowledged()).toSorted((one, other) => one - other);
      readers.push(startReader(nodes, share.id, share.invite, random));
      const last = acknowledged.at(-1) ?? -1;
      const caughtUp = Date.now() + RECOVERY_MS;
      while (!readers.every((reader) => reader.items().includes(last))) {
        const seen = readers.map((reader) => `${reader.items().at(-1)} (${reader.problem()})`).join("; ");
        assert.ok(Date.now() < caughtUp, `not all guests have ${last}: SEED=${seed}; ${done.join(", ")}; ${seen}`);
        await pause(50);
      }
      const report = `SEED=${seed}; ${done.join(", ")}; ${acknowledged.length} acknowledged of ${history.items.length}, ${history.epochs.size} epochs, ${readers.map((reader) => reader.reconnects()).join(" ")} reconnects`;
      process.stdout.write(`    ${report}\n`);
      for (const writer of writers) assert.deepEqual(writer.late(), [], report);
      for (const reader of readers) {
        assert.deepEqual(reader.problems(), [], report);
        const items = reader.items();
        assert.ok(
          items.every((item, index) => index === 0 || item > (items[index - 1] ?? -1)),
          `out of order or repeated: ${report}`,
        );
        const missing = acknowledged.filter((item) => !items.includes(item));
        assert.deepEqual(missing, [], report);
      }
    });
  });
