/**
 * The terminal UI in a real pseudo-terminal: how soon it is there, what it costs while nothing happens and while an answer streams,
 * and how long a key takes to become bytes. The floor of a start is a bare Node that writes the same mark into the same terminal.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { spawn } from "@lydell/node-pty";
import { type Lab, median, openLab } from "./lab.ts";
import { writeLongSession } from "./log.ts";

const bin = join(import.meta.dirname, "../bin/tutti.cjs");
const [COLUMNS, ROWS] = [200, 50];
const READY = /›/;
/** Clock ticks a second, as /proc counts them. */
const TICKS = 100;
const IDLE_MS = 10_000;

interface Sitting {
  pid: number;
  bytes(): number;
  /** Milliseconds from now until what is written from now on fits. */
  until(what: RegExp): Promise<number>;
  write(text: string): void;
  leave(): Promise<void>;
}

function sit(lab: Lab, argv: readonly string[]): Sitting {
  const [program = "", ...words] = argv;
  const terminal = spawn(program, words, {
    cols: COLUMNS,
    rows: ROWS,
    cwd: lab.cwd,
    name: "xterm-256color",
    env: { ...lab.env, TERM: "xterm-256color", COLORTERM: "truecolor" },
  });
  let bytes = 0;
  const waiting = new Set<(data: string) => void>();
  terminal.onData((data) => {
    bytes += Buffer.byteLength(data);
    for (const look of [...waiting]) look(data);
  });
  const gone = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  return {
    pid: terminal.pid,
    bytes: () => bytes,
    until(what) {
      const started = performance.now();
      let fresh = "";
      return new Promise((resolve) => {
        const look = (data: string): void => {
          fresh += data;
          if (!what.test(fresh)) return;
          waiting.delete(look);
          resolve(performance.now() - started);
        };
        waiting.add(look);
      });
    },
    write: (text) => terminal.write(text),
    async leave() {
      terminal.kill("SIGTERM");
      await gone;
    },
  };
}

const ours = (...words: string[]): string[] => [process.execPath, bin, ...words];

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const pss = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? Number.NaN) / 1024;

async function paint(lab: Lab, argv: readonly string[], what: RegExp): Promise<number> {
  const started = performance.now();
  const sitting = sit(lab, argv);
  await sitting.until(what);
  const took = performance.now() - started;
  await sitting.leave();
  return took;
}

/** From a key to the bytes that show it, one key after the other. */
async function keys(sitting: Sitting, count: number): Promise<number> {
  const took: number[] = [];
  for (let index = 0; index < count; index++) {
    const shown = sitting.until(/q/);
    sitting.write("q");
    took.push(await shown);
    await after(60);
  }
  return median(took);
}

export async function terminalBench(runs: number) {
  const lab = await openLab(false);
  const { env } = lab;
  env.XDG_RUNTIME_DIR = "";
  try {
    return await measured(lab, runs);
  } finally {
    await lab.run(ours("stop")).catch(() => undefined);
    lab.close();
  }
}

async function measured(lab: Lab, runs: number) {
  const dataDir = join(lab.env.HOME ?? "", ".local/share/tutti");
  const first: number[] = [];
  const bare: number[] = [];
  const mark = [process.execPath, "-e", "process.stdout.write('›'); setTimeout(() => {}, 1e6)"];
  for (let count = 0; count <= runs; count++) {
    const [one, other] = [await paint(lab, ours(), READY), await paint(lab, mark, READY)];
    if (count > 0) {
      first.push(one);
      bare.push(other);
    }
  }
  const session = await writeLongSession(dataDir, lab.cwd, 1_000);
  const resumed: number[] = [];
  for (let count = 0; count <= runs; count++) {
    const took = await paint(lab, ours("--session", session), /item 1000\./);
    if (count > 0) resumed.push(took);
  }
  const huge = await writeLongSession(dataDir, lab.cwd, 5_000, "huge");
  const opened: number[] = [];
  for (let count = 0; count <= runs; count++) {
    const took = await paint(lab, ours("--session", huge), /item 5000\./);
    if (count > 0) opened.push(took);
  }
  return [
    row("terminal: first usable picture", "ms", median(first), median(bare), "≤ 2.5 × floor"),
    row("terminal: 2,000 messages to their picture", "ms", median(resumed), median(bare), "≤ 3 × floor"),
    row("terminal: 10,000 parts to their picture", "ms", median(opened), median(bare), ""),
    ...(await living(lab, huge)),
  ];
}

const row = (figure: string, unit: string, tutti: number, floor: number | null, aim: string) => ({
  figure,
  unit,
  tutti,
  floor,
  aim,
});

/** One terminal from its start through quiet, scrolling and an answer of 5,000 tokens. */
async function living(lab: Lab, huge: string) {
  lab.env.TUTTI_MODEL = "env/paced-5000-200";
  const sitting = sit(lab, ours("--model", "env/paced-5000-200"));
  await sitting.until(READY);
  await after(3_000);
  const memory = pss(sitting.pid);
  const quiet = { cpu: cpuSeconds(sitting.pid), bytes: sitting.bytes() };
  await after(IDLE_MS);
  const idle = { cpu: cpuSeconds(sitting.pid) - quiet.cpu, bytes: sitting.bytes() - quiet.bytes };
  const idleKey = await keys(sitting, 15);
  const before = { cpu: cpuSeconds(sitting.pid), bytes: sitting.bytes() };
  const ended = sitting.until(/\x1b\]2;Tutti: /);
  sitting.write("\r");
  await after(3_000);
  const busyKey = await keys(sitting, 15);
  await ended;
  const stream = { cpu: cpuSeconds(sitting.pid) - before.cpu, bytes: sitting.bytes() - before.bytes };
  const streamed = pss(sitting.pid);
  await sitting.leave();

  const reader = sit(lab, ours("--session", huge));
  await reader.until(/item 5000\./);
  await after(1_500);
  const scrollFrom = cpuSeconds(reader.pid);
  const frames = 60;
  for (let index = 0; index < frames; index++) {
    reader.write("\x1b[5~");
    await after(1000 / 30);
  }
  const scrolled = cpuSeconds(reader.pid) - scrollFrom;
  const hugeMemory = pss(reader.pid);
  await reader.leave();
  return [
    row("terminal: memory (PSS)", "MB", memory, null, "≤ 110"),
    row("terminal: CPU in 10 s of quiet", "s", idle.cpu, 0, "0"),
    row("terminal: bytes written in 10 s of quiet", "", idle.bytes, 0, "0"),
    row("terminal: from a key to its bytes, at rest", "ms", idleKey, null, "≤ 14"),
    row("terminal: from a key to its bytes, while an answer streams", "ms", busyKey, null, "≤ 16"),
    row("terminal: 5,000 tokens at 200 a second, CPU", "s", stream.cpu, null, "≤ 2.5"),
    row("terminal: bytes for each of these tokens", "", stream.bytes / 5_000, null, "≤ 60"),
    row("terminal: memory after them (PSS)", "MB", streamed, null, "≤ 110"),
    row("terminal: CPU for a page of 10,000 parts, 30 a second", "ms", (scrolled / frames) * 1000, null, "≤ 33"),
    row("terminal: memory in these 10,000 parts (PSS)", "MB", hugeMemory, null, ""),
  ];
}
