/**
 * Measures a hub, alone with its folder and as three nodes on three NATS servers: guests that join at once, the lag of frames, and how long
 * until a frame is acknowledged. The floor of the latter is the same bytes written to a file with `fdatasync`, or published to JetStream.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as after } from "node:timers/promises";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { createInvite, joinRaw, openRawShare } from "../test/help/hub.ts";
import { openNatsCluster } from "../test/help/nats.ts";
import type { Row } from "./lab.ts";

const FRAMES = 100;
const RATE = 20;
const BYTES = 400;
const ACKNOWLEDGED = 300;
const AT_ONCE = 500;

const bin = join(import.meta.dirname, "../bin/tutti.cjs");

interface Node {
  url: string;
  child: ChildProcess;
}

async function startNode(args: readonly string[]): Promise<Node> {
  const child = spawn(process.execPath, [bin, "hub", "--listen", "127.0.0.1:0", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
    const url = /listening at (http:\S+?);/.exec(line)?.[1];
    if (url !== undefined) return { url, child };
  }
  throw new Error("The hub has ended.");
}

const memoryOf = ({ child }: Node): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, "utf8"))?.[1] ?? 0);

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export async function benchmarkHub(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  const folder = mkdtempSync(join(tmpdir(), "tutti-bench-hub-"));
  const alone = await startNode(["--store", join(folder, "store")]);
  rows.push(...(await measure("one node", [alone], sizes, await measureFile(join(folder, "floor")))));
  alone.child.kill();
  const nats = await openNatsCluster(3);
  const args = ["--nats", nats.urls.join(","), "--nats-replicas", "3"];
  const nodes = await Promise.all([startNode(args), startNode(args), startNode(args)]);
  rows.push(...(await measure("three nodes", nodes, sizes, await measureJetStream(nats.urls))));
  for (const { child } of nodes) child.kill();
  await Promise.all(nodes.map(({ child }) => once(child, "exit")));
  await nats.close();
  rmSync(folder, { recursive: true, force: true });
  return rows;
}

async function measure(name: string, nodes: Node[], sizes: readonly number[], floor: number[]): Promise<Row[]> {
  const acknowledged = await measureAcknowledged(nodes);
  const aim = "≤ 3 × floor";
  const rows: Row[] = [
    {
      figure: `${name}: frame acknowledged, p50`,
      unit: "ms",
      tutti: quantile(acknowledged, 0.5),
      floor: quantile(floor, 0.5),
      aim,
    },
    { figure: "the same, p99", unit: "ms", tutti: quantile(acknowledged, 0.99), floor: quantile(floor, 0.99), aim: "" },
  ];
  for (const count of sizes) {
    const { joinMs, lags, complete, memory } = await measureGuests(nodes, count);
    const row = (figure: string, unit: string, tutti: number, aimed: string): Row => ({
      ...{ figure: `${name}, ${count} guests: ${figure}`, unit, tutti, floor: null, aim: aimed },
    });
    rows.push(
      row("all have joined", "ms", joinMs, "≤ 2 ms each"),
      row(`lag of ${RATE} frames/s, p50`, "ms", quantile(lags, 0.5), ""),
      row("the same, p99", "ms", quantile(lags, 0.99), "≤ 500"),
      row("guests that got every frame", "", complete, "all"),
      row("memory of the nodes for each", "KiB", memory, "≤ 64"),
    );
  }
  return rows;
}

const pick = (nodes: readonly Node[], index: number): string => nodes[index % nodes.length]?.url ?? "";

async function measureAcknowledged(nodes: Node[]): Promise<number[]> {
  const { publisher, epoch } = await openRawShare(pick(nodes, 0), [createInvite().entry]);
  const times: number[] = [];
  for (let seq = 1; seq <= ACKNOWLEDGED; seq++) {
    const began = performance.now();
    publisher.send({ type: "frame", epoch, seq, snapshot: seq === 1 }, Buffer.alloc(BYTES));
    await publisher.next("stored");
    times.push(performance.now() - began);
  }
  await publisher.close();
  return times;
}

async function measureGuests(nodes: Node[], count: number) {
  const invite = createInvite(60 * 60_000);
  const { publisher, share, epoch } = await openRawShare(pick(nodes, 0), [invite.entry]);
  publisher.send({ type: "frame", epoch, seq: 1, snapshot: true }, Buffer.alloc(BYTES));
  await publisher.next("stored");
  const before = nodes.reduce((sum, node) => sum + memoryOf(node), 0);
  const began = performance.now();
  const guests: Awaited<ReturnType<typeof joinRaw>>[] = [];
  const join = async (index: number): Promise<void> => {
    const guest = await joinRaw(pick(nodes, index), share, invite);
    await guest.next("frame");
    guests.push(guest);
  };
  // A node keeps at most 1,024 connections that have not sent their first message yet.
  for (let from = 0; from < count; from += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => join(from + index)));
  const joinMs = performance.now() - began;
  const lags: number[] = [];
  const receive = async (guest: (typeof guests)[number]): Promise<boolean> => {
    for (let expected = 2; expected < FRAMES + 2; expected++) {
      const body = Buffer.from((await guest.next("frame")).body);
      if (body.readUInt32BE(0) !== expected) return false;
      lags.push(performance.now() - body.readDoubleBE(4));
    }
    return true;
  };
  const receiving = guests.map(receive);
  for (let seq = 2; seq < FRAMES + 2; seq++) {
    const body = Buffer.alloc(BYTES);
    body.writeUInt32BE(seq, 0);
    body.writeDoubleBE(performance.now(), 4);
    publisher.send({ type: "frame", epoch, seq, snapshot: false }, body);
    await after(1000 / RATE);
  }
  const complete = (await Promise.all(receiving)).filter(Boolean).length;
  const memory = (nodes.reduce((sum, node) => sum + memoryOf(node), 0) - before) / count;
  for (const guest of guests) guest.terminate();
  publisher.send({ type: "end" });
  await publisher.next("ended");
  await publisher.close();
  return { joinMs, lags, complete, memory };
}

async function measureFile(path: string): Promise<number[]> {
  const file = await open(path, "a");
  const times: number[] = [];
  for (let count = 0; count < ACKNOWLEDGED; count++) {
    const began = performance.now();
    await file.appendFile(Buffer.alloc(BYTES));
    await file.datasync();
    times.push(performance.now() - began);
  }
  await file.close();
  return times;
}

async function measureJetStream(servers: readonly string[]): Promise<number[]> {
  const connection = await connect({ servers: [...servers] });
  const manager = await jetstreamManager(connection);
  await manager.streams.add({ name: "FLOOR", subjects: ["floor"], num_replicas: 3 });
  const stream = jetstream(connection);
  const times: number[] = [];
  for (let count = 0; count < ACKNOWLEDGED; count++) {
    const began = performance.now();
    await stream.publish("floor", Buffer.alloc(BYTES));
    times.push(performance.now() - began);
  }
  await connection.close();
  return times;
}
