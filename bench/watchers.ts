/**
 * Measures many watchers of one session: real WebSocket clients in processes of their own, and the shipped server. The floor is a server
 * that only answers and sends.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { connectTo } from "../client/local.ts";
import type { Link } from "../protocol/link.ts";
import { emptyView, type SessionView } from "../protocol/view.ts";
import { type Lab, openLab, type Row } from "./lab.ts";

const PROCESSES = 2;
const RATE = 20;
const DELTAS = 200;
const CALL_MS = 10;
/** While some watchers do not read: turns with larger deltas, each of which ends with the whole text. About 8 MB for each watcher. */
const WIDE_TURNS = 10;
const WIDE_MODEL = "wide-20-5-20000";
/** Of a thousand watchers, so many stop reading. */
const SLOW_SHARE = 0.1;
const KIB = 1024;

const here = import.meta.dirname;

export async function benchmarkWatchers(sizes: readonly number[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of sizes) {
    const lab = await openLab(false);
    try {
      const tutti = await measureTutti(lab, count);
      const floor = await measureFloor(tutti.view, tutti.events, count);
      rows.push(...toRows(count, tutti, floor));
    } finally {
      lab.close();
    }
  }
  return rows;
}

interface Measured {
  joinMs: number;
  /** Of the server, for each watcher. */
  memory: Memory;
  lags: readonly number[];
  /** The watchers that got every event, without a gap. */
  complete: number;
}

interface MeasuredTutti extends Measured {
  view: SessionView;
  events: number;
  /** Milliseconds of another client's calls while watchers joined, and while events were sent. */
  joinCalls: readonly number[];
  calls: readonly number[];
  slow: { lags: readonly number[]; complete: number; snapshots: number; slow: number; memory: Memory };
}

/** In KiB. `live`: without what was collected but not given back to the system. */
interface Memory {
  resident: number;
  live: number;
}

const memoryEach = (before: Memory, after: Memory, count: number): Memory => ({
  resident: (after.resident - before.resident) / count,
  live: (after.live - before.live) / count,
});

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

function toRows(count: number, tutti: MeasuredTutti, floor: Measured): Row[] {
  const row = (figure: string, unit: string, value: number, other: number | null, aim: string): Row => ({
    figure: `${count} watchers: ${figure}`,
    unit,
    tutti: value,
    floor: other,
    aim,
  });
  return [
    row("all have joined", "ms", tutti.joinMs, floor.joinMs, "≤ 5,000"),
    row("another client's call meanwhile, p99", "ms", quantile(tutti.joinCalls, 0.99), null, "≤ 50"),
    row("server memory each", "KiB", tutti.memory.resident, floor.memory.resident, "≤ 64"),
    row("the same, live", "KiB", tutti.memory.live, floor.memory.live, ""),
    row(`lag of ${RATE} deltas/s, p50`, "ms", quantile(tutti.lags, 0.5), quantile(floor.lags, 0.5), ""),
    row("the same, p99", "ms", quantile(tutti.lags, 0.99), quantile(floor.lags, 0.99), "≤ 250"),
    row("another client's call meanwhile, p99", "ms", quantile(tutti.calls, 0.99), null, "≤ 50"),
    row("watchers that got every event", "", tutti.complete, floor.complete, "all"),
    row(`${tutti.slow.slow} stop reading: lag of the others, p99`, "ms", quantile(tutti.slow.lags, 0.99), null, ""),
    row("others that got every event", "", tutti.slow.complete, null, "all others"),
    row("slow ones that got a snapshot", "", tutti.slow.snapshots, null, "all slow ones"),
    row("memory of the server for each slow one", "KiB", tutti.slow.memory.resident, null, "≤ 1,500"),
  ];
}

interface Answer {
  rows: { events: number; gaps: number; snapshots: number; seq: number; participants: number; bytes: number }[];
  lags: number[];
}

/** The processes of the watchers. */
function openWatchers(): {
  tell(message: (index: number) => object): Promise<Answer>;
  close(): void;
} {
  const processes = Array.from({ length: PROCESSES }, () =>
    spawn(process.execPath, [join(here, "watcher-process.mjs")], { stdio: ["ignore", "inherit", "inherit", "ipc"] }),
  );
  return {
    async tell(message) {
      const answers = await Promise.all(
        processes.map(async (child, index) => {
          child.send(message(index));
          return (await nextMessage(child)) as Answer;
        }),
      );
      return { rows: answers.flatMap(({ rows }) => rows), lags: answers.flatMap(({ lags }) => lags) };
    },
    close() {
      for (const child of processes) child.disconnect();
    },
  };
}

/** Rejects if the process ends instead. */
function nextMessage(child: ChildProcess): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`A process of the benchmark ended with ${code}.`));
    child.once("exit", ended);
    child.once("message", (message) => {
      child.off("exit", ended);
      resolve(message);
    });
  });
}

async function readMemory(server: ChildProcess): Promise<Memory> {
  server.send({ memory: true });
  const { memory } = (await nextMessage(server)) as { memory: NodeJS.MemoryUsage };
  return { resident: memory.rss / KIB, live: (memory.heapUsed + memory.external) / KIB };
}

async function openServer(lab: Lab): Promise<{ server: ChildProcess; link: Link; url: string; token: string }> {
  const { HOME = "" } = lab.env;
  const data = join(HOME, "data");
  const folder = join(HOME, ".config/tutti");
  mkdirSync(folder, { recursive: true });
  const config = { model: `bench/paced-${DELTAS}-${RATE}`, providers: { bench: { baseUrl: lab.url } } };
  writeFileSync(join(folder, "tutti.jsonc"), JSON.stringify(config));
  const program = [join(here, "../bin/tutti.cjs"), "serve", "--listen", "127.0.0.1:0"];
  const server = spawn(process.execPath, ["--expose-gc", "--import", join(here, "memory.mjs"), ...program], {
    cwd: lab.cwd,
    env: { ...lab.env, TUTTI_DATA_DIR: data, TUTTI_BASE_URL: "" },
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
  const url = await new Promise<string>((resolve) => {
    server.stderr?.on("data", (chunk) => {
      const found = /ws:\/\/[\d.:]+/.exec(String(chunk));
      if (found) resolve(found[0]);
    });
  });
  const clientInfo = { client: { name: "bench", version: "0" }, answers: false };
  const link = await connectTo(join(data, "run/tutti.sock"), undefined, clientInfo);
  return { server, link, url, token: readFileSync(join(data, "server.token"), "utf8").trim() };
}

/** Calls the server every few milliseconds until told to stop; resolves with the times. */
function callRepeatedly(link: Link): () => Promise<number[]> {
  let stopped = false;
  const times: number[] = [];
  const work = async (): Promise<number[]> => {
    while (!stopped) {
      const startedAt = performance.now();
      await link.call("serverStatus", {});
      times.push(performance.now() - startedAt);
      await after(CALL_MS);
    }
    return times;
  };
  const done = work();
  return () => {
    stopped = true;
    return done;
  };
}

async function measureTutti(lab: Lab, count: number): Promise<MeasuredTutti> {
  const { server, link, url, token } = await openServer(lab);
  const watchers = openWatchers();
  try {
    const { session } = await link.call("sessionCreate", { cwd: lab.cwd });
    let view = emptyView;
    const ended = (): Promise<void> =>
      new Promise((resolve) => {
        onEnd = resolve;
      });
    let onEnd = (): void => undefined;
    await link.watch(session, {
      // Also in place of events that this client could not read in time.
      snapshot: (next) => {
        view = next;
        if (view.activity.state === "idle") onEnd();
      },
      event: ({ seq, event }) => {
        view = { ...view, seq };
        if (event.type === "turn.ended") onEnd();
      },
    });
    const runTurn = async (model: string): Promise<number> => {
      const before = view.seq;
      const end = ended();
      await link.call("turnPrompt", { session, text: "please go on", settings: { model: `bench/${model}` } });
      await end;
      await link.call("serverStatus", {});
      return view.seq - before;
    };
    await runTurn("stream-2000");
    const slow = Math.ceil((count * SLOW_SHARE) / PROCESSES);
    const before = await readMemory(server);
    const stopJoinCalls = callRepeatedly(link);
    const startedAt = performance.now();
    await watchers.tell(() => ({ url, token, session, count: count / PROCESSES }));
    const joinMs = performance.now() - startedAt;
    await untilQuiet(watchers);
    const joinCalls = await stopJoinCalls();
    const memory = memoryEach(before, await readMemory(server), count);
    const stopCalls = callRepeatedly(link);
    const events = await runTurn(`paced-${DELTAS}-${RATE}`);
    const calls = await stopCalls();
    await untilQuiet(watchers);
    const { rows, lags } = await watchers.tell(() => ({ take: true }));
    const complete = rows.filter((row) => row.events === events && row.gaps === 0).length;

    await watchers.tell(() => ({ pause: true, slow }));
    const beforeSlow = await readMemory(server);
    let sent = 0;
    for (let turn = 0; turn < WIDE_TURNS; turn++) sent += await runTurn(WIDE_MODEL);
    const slowMemory = memoryEach(beforeSlow, await readMemory(server), slow * PROCESSES);
    const during = await watchers.tell(() => ({ take: true }));
    await watchers.tell(() => ({ resume: true, slow }));
    await untilQuiet(watchers);
    const late = await watchers.tell(() => ({ take: true }));
    return {
      joinMs,
      memory,
      lags,
      complete,
      view: { ...view },
      events,
      joinCalls,
      calls,
      slow: {
        slow: slow * PROCESSES,
        lags: during.lags,
        complete: during.rows.filter((row) => row.events === sent && row.gaps === 0).length,
        snapshots: late.rows.filter((row) => row.snapshots > 0 && row.gaps === 0 && row.seq === view.seq).length,
        memory: slowMemory,
      },
    };
  } finally {
    watchers.close();
    await link.close();
    server.kill();
    await once(server, "exit");
  }
}

/** Until nothing more arrives at the watchers. */
async function untilQuiet(watchers: ReturnType<typeof openWatchers>): Promise<void> {
  let last = -1;
  for (;;) {
    const { rows } = await watchers.tell(() => ({ peek: true }));
    const bytes = rows.reduce((sum, row) => sum + row.bytes, 0);
    if (bytes === last) return;
    last = bytes;
    await after(1500);
  }
}

async function measureFloor(view: SessionView, events: number, count: number): Promise<Measured> {
  const server = spawn(
    process.execPath,
    ["--expose-gc", "--import", join(here, "memory.mjs"), join(here, "watchers-floor.mjs")],
    { stdio: ["ignore", "pipe", "inherit", "ipc"] },
  );
  const [line] = await once(server.stdout as NonNullable<typeof server.stdout>, "data");
  const url = String(line).trim();
  const watchers = openWatchers();
  try {
    server.send({ view });
    await nextMessage(server);
    const before = await readMemory(server);
    const startedAt = performance.now();
    await watchers.tell(() => ({ url, session: "bench", count: count / PROCESSES }));
    const joinMs = performance.now() - startedAt;
    const memory = memoryEach(before, await readMemory(server), count);
    await watchers.tell(() => ({ take: true }));
    server.send({ send: events, text: "agent reads " });
    await nextMessage(server);
    await untilQuiet(watchers);
    const { rows, lags } = await watchers.tell(() => ({ take: true }));
    return { joinMs, memory, lags, complete: rows.filter((row) => row.events === events && row.gaps === 0).length };
  } finally {
    watchers.close();
    server.kill();
  }
}
