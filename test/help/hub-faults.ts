/** Real hub nodes on real NATS servers, whose faults a test chooses, and what an owner and guests see of them. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { bin } from "./build.ts";
import { type createInvite, joinRaw, openRawPublisher, type RawClient } from "./hub.ts";

export interface HubNode {
  /** Changes when it is started again. */
  url(): string;
  start(): Promise<void>;
  kill(): Promise<void>;
  freeze(): void;
  thaw(): void;
}

export function createHubNode(nats: readonly string[], env: NodeJS.ProcessEnv): HubNode {
  let child: ChildProcess | null = null;
  let url = "";
  return {
    url: () => url,
    async start() {
      const args = [bin, "hub", "--listen", "127.0.0.1:0", "--nats", nats.join(","), "--nats-replicas", "3"];
      child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"], env });
      for await (const line of createInterface({ input: child.stderr as NodeJS.ReadableStream })) {
        const found = /listening at (http:\S+?);/.exec(line)?.[1];
        if (found === undefined) continue;
        url = found;
        child.stderr?.resume();
        return;
      }
      throw new Error("The hub has ended.");
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
    freeze: () => child?.kill("SIGSTOP"),
    thaw: () => child?.kill("SIGCONT"),
  };
}

/** Of a frame: all items, or one more and the one before it. */
type Content = { snapshot: number[] } | { item: number; after: number };

const includesAll = (all: readonly number[], some: readonly number[]): boolean => {
  const set = new Set(all);
  return some.every((item) => set.has(item));
};

type Invite = ReturnType<typeof createInvite>;

/** How long anything may be silent before a client connects again, as real ones do. */
const SILENT_MS = 4_000;

async function withinTime<T>(work: Promise<T>): Promise<T> {
  const timeout = pause(SILENT_MS, undefined, { ref: false }).then(() => {
    throw new Error("The hub does not answer.");
  });
  return Promise.race([work, timeout]);
}

export interface Writer {
  /** All that it has ever tried to write, in order. */
  items(): readonly number[];
  acknowledged(): readonly number[];
  /** Acknowledgements for frames of an epoch after a newer one had begun. */
  late(): readonly string[];
  /** Why its last connection has ended. */
  problem(): string;
  stop(): Promise<void>;
}

/**
 * An owner that goes on for ever: a new epoch with a snapshot of all items after each failure, and one more item a frame. `epochs` is shared
 * by all owners of one share: when each epoch had begun.
 */
export function startWriter(
  nodes: readonly HubNode[],
  share: { id: string; token: string; invite: Invite },
  history: { items: number[]; epochs: Map<number, number> },
  chance: () => number,
): Writer {
  const acknowledged: number[] = [];
  const late: string[] = [];
  let problem = "";
  let stopped = false;
  const write = async (publisher: Awaited<ReturnType<typeof openRawPublisher>>): Promise<void> => {
    publisher.send({ type: "publish", share: share.id, token: share.token });
    const { epoch: before, seq: last } = await withinTime(publisher.next("publishing"));
    const epoch = before + 1;
    publisher.send({ type: "epoch", epoch, invites: [share.invite.entry] });
    await withinTime(publisher.next("epochBegun"));
    history.epochs.set(epoch, performance.now());
    let lastItem: number | null = null;
    for (let seq = last + 1; !stopped; seq++) {
      const item = history.items.length;
      history.items.push(item);
      const isSnapshot = lastItem === null || chance() < 0.05;
      const content: Content = isSnapshot ? { snapshot: [...history.items] } : { item, after: lastItem ?? -1 };
      const sentAt = performance.now();
      publisher.send({ type: "frame", epoch, seq, snapshot: isSnapshot }, Buffer.from(JSON.stringify(content)));
      const stored = await withinTime(publisher.next("stored"));
      if (stored.seq < seq) throw new Error("an older frame was acknowledged");
      acknowledged.push(item);
      lastItem = item;
      const newer = history.epochs.get(epoch + 1);
      if (newer !== undefined && newer < sentAt) late.push(`frame ${seq} of epoch ${epoch}`);
    }
  };
  const running = (async () => {
    while (!stopped) {
      const node = nodes[Math.floor(chance() * nodes.length)];
      const note = (error: unknown): null => {
        problem = String(error);
        return null;
      };
      const publisher = await withinTime(openRawPublisher(node?.url() ?? "")).catch(note);
      if (publisher) await write(publisher).catch(note);
      publisher?.terminate();
      await pause(50);
    }
  })();
  return {
    items: () => history.items,
    acknowledged: () => acknowledged,
    late: () => late,
    problem: () => problem,
    async stop() {
      stopped = true;
      await running;
    },
  };
}

export interface Reader {
  items(): readonly number[];
  /** What it saw that no order of events explains. */
  problems(): readonly string[];
  /** Why its last connection has ended. */
  problem(): string;
  reconnects(): number;
  stop(): Promise<void>;
}

/** A guest that stays: it joins again, at any node, when its connection is over. */
export function startReader(nodes: readonly HubNode[], share: string, invite: Invite, chance: () => number): Reader {
  let items: number[] = [];
  const problems: string[] = [];
  let reconnects = 0;
  let problem = "";
  let stopped = false;
  let current: RawClient<never, never> | null = null;
  const read = async (guest: Awaited<ReturnType<typeof joinRaw>>): Promise<void> => {
    let isFirst = true;
    for (;;) {
      const { body } = await guest.next("frame");
      const content = JSON.parse(Buffer.from(body).toString()) as Content;
      if ("snapshot" in content) {
        // It has all that was shown; only a guest that has just joined may see an earlier moment.
        const continues = includesAll(content.snapshot, items) || (isFirst && includesAll(items, content.snapshot));
        if (!continues) problems.push(`a snapshot up to ${content.snapshot.at(-1)} after ${items.at(-1)}`);
        items = content.snapshot;
      } else {
        if (isFirst) problems.push("the first frame is no snapshot");
        if (content.after !== items.at(-1))
          problems.push(`${content.item}, which follows ${content.after}, after ${items.at(-1)}`);
        items.push(content.item);
      }
      isFirst = false;
    }
  };
  const running = (async () => {
    while (!stopped) {
      const node = nodes[Math.floor(chance() * nodes.length)];
      const note = (error: unknown): null => {
        problem = String(error);
        return null;
      };
      const guest = await withinTime(joinRaw(node?.url() ?? "", share, invite)).catch(note);
      current = guest as RawClient<never, never> | null;
      if (guest) await read(guest).catch(note);
      guest?.terminate();
      reconnects += 1;
      await pause(50);
    }
  })();
  return {
    items: () => items,
    problems: () => problems,
    problem: () => problem,
    reconnects: () => reconnects,
    async stop() {
      stopped = true;
      current?.terminate();
      await running;
    },
  };
}
