/**
 * Measures the terminal UI in a pseudo-terminal: its start, its cost while idle and while a response streams, and the latency of
 * keys. The floor of a start is a Node process that writes the same character to the same terminal.
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
/** Clock ticks per second in /proc. */
const TICKS = 100;
const IDLE_MS = 10_000;

interface TerminalRun {
  pid: number;
  bytes(): number;
  /** Milliseconds from now until the new output matches. */
  waitFor(pattern: RegExp): Promise<number>;
  write(text: string): void;
  close(): Promise<void>;
}

function startTerminal(lab: Lab, argv: readonly string[]): TerminalRun {
  const [program = "", ...args] = argv;
  const terminal = spawn(program, args, {
    cols: COLUMNS,
    rows: ROWS,
    cwd: lab.cwd,
    name: "xterm-256color",
    env: { ...lab.env, TERM: "xterm-256color", COLORTERM: "truecolor" },
  });
  let bytes = 0;
  const listeners = new Set<(data: string) => void>();
  terminal.onData((data) => {
    bytes += Buffer.byteLength(data);
    for (const onData of [...listeners]) onData(data);
  });
  const exited = new Promise<void>((resolve) => terminal.onExit(() => resolve()));
  return {
    pid: terminal.pid,
    bytes: () => bytes,
    waitFor(pattern) {
      const started = performance.now();
      let output = "";
      return new Promise((resolve) => {
        const look = (data: string): void => {
          output += data;
          if (!pattern.test(output)) return;
          listeners.delete(look);
          resolve(performance.now() - started);
        };
        listeners.add(look);
      });
    },
    write: (text) => terminal.write(text),
    async close() {
      terminal.kill("SIGTERM");
      await exited;
    },
  };
}

const tuttiCommand = (...words: string[]): string[] => [process.execPath, bin, ...words];

function readCpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

const readPss = (pid: number): number =>
  Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1] ?? Number.NaN) / 1024;

async function measureFrame(lab: Lab, argv: readonly string[], pattern: RegExp): Promise<number> {
  const started = performance.now();
  const terminal = startTerminal(lab, argv);
  await terminal.waitFor(pattern);
  const duration = performance.now() - started;
  await terminal.close();
  return duration;
}

/** The median time from a key to the output that shows it. */
async function measureKeys(terminal: TerminalRun, count: number): Promise<number> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const shown = terminal.waitFor(/q/);
    terminal.write("q");
    times.push(await shown);
    await after(60);
  }
  return median(times);
}

export async function benchmarkTerminal(runs: number) {
  const lab = await openLab(false);
  const { env } = lab;
  env.XDG_RUNTIME_DIR = "";
  try {
    return await measureTerminal(lab, runs);
  } finally {
    await lab.run(tuttiCommand("stop")).catch(() => undefined);
    lab.close();
  }
}

async function measureTerminal(lab: Lab, runs: number) {
  const dataDir = join(lab.env.HOME ?? "", ".local/share/tutti");
  const first: number[] = [];
  const bare: number[] = [];
  const mark = [process.execPath, "-e", "process.stdout.write('›'); setTimeout(() => {}, 1e6)"];
  for (let count = 0; count <= runs; count++) {
    const [one, other] = [await measureFrame(lab, tuttiCommand(), READY), await measureFrame(lab, mark, READY)];
    if (count > 0) {
      first.push(one);
      bare.push(other);
    }
  }
  const session = await writeLongSession(dataDir, lab.cwd, 1_000);
  const resumed: number[] = [];
  for (let count = 0; count <= runs; count++) {
    const duration = await measureFrame(lab, tuttiCommand("--session", session), /item 1000\./);
    if (count > 0) resumed.push(duration);
  }
  const huge = await writeLongSession(dataDir, lab.cwd, 5_000, "huge");
  const opened: number[] = [];
  for (let count = 0; count <= runs; count++) {
    const duration = await measureFrame(lab, tuttiCommand("--session", huge), /item 5000\./);
    if (count > 0) opened.push(duration);
  }
  return [
    createRow("terminal: first usable frame", "ms", median(first), median(bare), "≤ 2.5 × floor"),
    createRow("terminal: first frame with 2,000 messages", "ms", median(resumed), median(bare), "≤ 3 × floor"),
    createRow("terminal: first frame with 10,000 parts", "ms", median(opened), median(bare), ""),
    ...(await measureUsage(lab, huge)),
  ];
}

const createRow = (figure: string, unit: string, tutti: number, floor: number | null, aim: string) => ({
  figure,
  unit,
  tutti,
  floor,
  aim,
});

/** Measures one terminal while idle, during a response of 5,000 tokens, and while scrolling. */
async function measureUsage(lab: Lab, huge: string) {
  lab.env.TUTTI_MODEL = "env/paced-5000-200";
  const terminal = startTerminal(lab, tuttiCommand("--model", "env/paced-5000-200"));
  await terminal.waitFor(READY);
  await after(3_000);
  const memory = readPss(terminal.pid);
  const idleStart = { cpu: readCpuSeconds(terminal.pid), bytes: terminal.bytes() };
  await after(IDLE_MS);
  const idle = { cpu: readCpuSeconds(terminal.pid) - idleStart.cpu, bytes: terminal.bytes() - idleStart.bytes };
  const idleKey = await measureKeys(terminal, 15);
  const before = { cpu: readCpuSeconds(terminal.pid), bytes: terminal.bytes() };
  const ended = terminal.waitFor(/\x1b\]2;Tutti: /);
  terminal.write("\r");
  await after(3_000);
  const busyKey = await measureKeys(terminal, 15);
  await ended;
  const stream = { cpu: readCpuSeconds(terminal.pid) - before.cpu, bytes: terminal.bytes() - before.bytes };
  const streamed = readPss(terminal.pid);
  await terminal.close();

  const reader = startTerminal(lab, tuttiCommand("--session", huge));
  await reader.waitFor(/item 5000\./);
  await after(1_500);
  const scrollFrom = readCpuSeconds(reader.pid);
  const frames = 60;
  for (let index = 0; index < frames; index++) {
    reader.write("\x1b[5~");
    await after(1000 / 30);
  }
  const scrolled = readCpuSeconds(reader.pid) - scrollFrom;
  const hugeMemory = readPss(reader.pid);
  await reader.close();
  return [
    createRow("terminal: memory (PSS)", "MB", memory, null, "≤ 110"),
    createRow("terminal: CPU in 10 s of idling", "s", idle.cpu, 0, "0"),
    createRow("terminal: bytes written in 10 s of idling", "", idle.bytes, 0, "0"),
    createRow("terminal: from a key to its output, idle", "ms", idleKey, null, "≤ 14"),
    createRow("terminal: from a key to its output, while a response streams", "ms", busyKey, null, "≤ 16"),
    createRow("terminal: 5,000 tokens at 200 a second, CPU", "s", stream.cpu, null, "≤ 2.5"),
    createRow("terminal: bytes written per token", "", stream.bytes / 5_000, null, "≤ 60"),
    createRow("terminal: memory afterwards (PSS)", "MB", streamed, null, "≤ 110"),
    createRow("terminal: CPU for a page of 10,000 parts, 30 a second", "ms", (scrolled / frames) * 1000, null, "≤ 33"),
    createRow("terminal: memory with 10,000 parts (PSS)", "MB", hugeMemory, null, ""),
  ];
}
