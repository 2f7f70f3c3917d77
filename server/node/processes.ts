/**
 * Real processes: each in a group and session of its own, without a terminal, with a clean environment and a mark by which all that it
 * started is found again. Nothing outlives its call, and nothing outlives this program.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessEnd, Processes, ProcessSpec } from "../ports.ts";
import { cleanEnvironment } from "./environment.ts";
import { type KeptOutput, keepOutput } from "./output.ts";
import { errorCode } from "./place.ts";
import { randomHex } from "./random.ts";
import { openSpill } from "./spill.ts";
import { endAll, markName } from "./sweep.ts";
import { openWatchdog } from "./watchdog.ts";

const headBytes = 15_000;
const tailBytes = 15_000;
const shownTail = 4_000;
const mostInBackground = 16;
/** How long something in the background may hold the output open after the command itself has ended. */
const drainMs = 200;

/** Both streams into one, in the order written. */
const joinStreams = ["/bin/sh", "-c", 'exec "$@" 2>&1', "sh"];

export interface ProcessOptions {
  ripgrep: string;
  /** Names of variables that a person lets through to commands. */
  passEnvironment?: readonly string[];
}

interface Started {
  end: Promise<ProcessEnd>;
  kept: KeptOutput;
}

interface InBackground extends Started {
  command: string;
  stop: AbortController;
  ended: ProcessEnd | null;
}

export function openProcesses(options: ProcessOptions): Processes & { close(): Promise<void> } {
  const instance = randomHex(9);
  const watchdog = openWatchdog(instance);
  const background = new Map<string, InBackground>();
  const endings = new Set<Promise<void>>();
  const stopAll = new AbortController();
  let calls = 0;

  function start(spec: ProcessSpec): Started {
    calls += 1;
    const mark = `${instance}-${calls}`;
    const kept = keepOutput(headBytes, tailBytes);
    return { kept, end: follow(spec, mark, kept) };
  }

  async function follow(spec: ProcessSpec, mark: string, kept: KeptOutput): Promise<ProcessEnd> {
    const failed = (why: string): ProcessEnd => ({ ...kept.end(), code: null, reason: "failed", head: why });
    if (spec.signal?.aborted) return { ...kept.end(), code: null, reason: "cancelled" };
    const program = spec.argv[0];
    if (program === undefined) return failed("There is no command to run.");
    if (!(await isFolder(spec.cwd))) return failed(`The folder ${spec.cwd} does not exist, so nothing was run in it.`);

    const child = spawnMarked(spec, mark, options.passEnvironment ?? []);
    const group = child.pid;
    if (group === undefined) return failed(await spawnProblem(child, program));
    watchdog.watch(group);
    try {
      const drained = drain(child, spec, kept);
      const { code, reason } = await ended(child, spec, stopAll.signal, () => endAll(group, mark));
      await Promise.race([drained.done, sleep(drainMs, undefined, { ref: false })]);
      const blob = await drained.close();
      return { ...kept.end(), code, reason, ...(blob === null ? {} : { blob }) };
    } finally {
      sweep(group, mark);
    }
  }

  /** What the command left behind goes while its result is already on its way. */
  function sweep(group: number, mark: string): void {
    const ending = endAll(group, mark).then(() => watchdog.forget(group));
    endings.add(ending);
    void ending.finally(() => endings.delete(ending));
  }

  return {
    ripgrep: options.ripgrep,
    run: (spec) => start(spec).end,
    async background(spec) {
      const running = [...background.values()].filter((process) => process.ended === null).length;
      if (running >= mostInBackground)
        throw new Error(`${running} commands run in the background already. End one of them first.`);
      const id = `b${background.size + 1}`;
      const stop = new AbortController();
      const signal = spec.signal === undefined ? stop.signal : AbortSignal.any([spec.signal, stop.signal]);
      const entry: InBackground = {
        ...start({ ...spec, signal }),
        command: spec.argv.at(-1) ?? "",
        stop,
        ended: null,
      };
      background.set(id, entry);
      void entry.end.then((end) => {
        entry.ended = end;
      });
      return { id };
    },
    listBackground: () =>
      [...background].map(([id, { command, ended, kept }]) => {
        const { head, tail } = ended ?? kept.end();
        return {
          id,
          command,
          running: ended === null,
          code: ended?.code ?? null,
          tail: (tail === "" ? head : tail).slice(-shownTail),
        };
      }),
    async killBackground(id) {
      const entry = background.get(id);
      if (entry === undefined || entry.ended !== null) return false;
      entry.stop.abort();
      await entry.end;
      return true;
    },
    async close() {
      stopAll.abort();
      await Promise.all([...background.values()].map((entry) => entry.end));
      await Promise.all(endings);
    },
  };
}

function spawnMarked(spec: ProcessSpec, mark: string, listed: readonly string[]): ChildProcess {
  const isPosix = process.platform !== "win32";
  const [program = "", ...rest] = isPosix ? [...joinStreams, ...spec.argv] : spec.argv;
  // Windows has a shell where Git is installed, under another name.
  return spawn(!isPosix && program === "/bin/sh" ? "bash" : program, rest, {
    cwd: spec.cwd,
    detached: isPosix,
    windowsHide: true,
    env: { ...cleanEnvironment(process.env, listed), ...spec.env, PWD: spec.cwd, [markName]: mark },
    stdio: [spec.stdin === undefined ? "ignore" : "pipe", "pipe", isPosix ? "ignore" : "pipe"],
  });
}

async function spawnProblem(child: ChildProcess, program: string): Promise<string> {
  const error = await new Promise<unknown>((resolve) => child.once("error", resolve));
  return `${program} could not be started (${errorCode(error) ?? String(error)}).`;
}

/** Waits for the command itself, not for what it left behind; the one who asked, a timeout or the end of all may end it. */
async function ended(
  child: ChildProcess,
  spec: ProcessSpec,
  stopAll: AbortSignal,
  end: () => Promise<void>,
): Promise<{ code: number | null; reason: ProcessEnd["reason"] }> {
  const exited = new Promise<number | null>((resolve) => {
    child.once("exit", (code) => resolve(code));
    child.once("error", () => resolve(null));
  });
  const timeout = spec.timeoutMs === undefined ? undefined : AbortSignal.timeout(spec.timeoutMs);
  const signals = [spec.signal, stopAll, timeout].filter((signal) => signal !== undefined);
  const any = AbortSignal.any(signals);
  const stop = () => void end();
  any.addEventListener("abort", stop, { once: true });
  if (any.aborted) stop();
  const code = await exited;
  any.removeEventListener("abort", stop);
  if (!any.aborted) return { code, reason: "exited" };
  return { code: null, reason: any.reason === timeout?.reason ? "timeout" : "cancelled" };
}

/** Takes the output as fast as it can be kept: what is too much waits in the process that writes it. */
function drain(child: ChildProcess, spec: ProcessSpec, kept: KeptOutput) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const disk = openSpill(spec.blobs);
  let closed = false;
  let taking: Promise<void> = Promise.resolve();

  async function take(piece: Uint8Array): Promise<void> {
    if (closed) return;
    const overflows = kept.bytes() + piece.length > headBytes + tailBytes;
    const soFar = overflows ? kept.whole() : null;
    kept.add(piece);
    spec.onOutput?.(decoder.decode(piece, { stream: true }));
    if (soFar !== null) await disk.add(soFar);
    if (overflows) await disk.add(piece);
  }

  async function read(stream: ChildProcess["stdout"]): Promise<void> {
    if (stream === null) return;
    try {
      for await (const piece of stream) {
        taking = taking.then(() => take(piece as Uint8Array));
        await taking;
      }
    } catch (error) {
      // The pipe is closed under a reader whose command has ended.
      if (!closed) throw error;
    }
  }

  if (child.stdin !== null) {
    child.stdin.on("error", () => child.stdin?.destroy());
    child.stdin.end(spec.stdin);
  }
  let failure: unknown = null;
  const done = Promise.all([read(child.stdout), read(child.stderr)]).then(
    () => undefined,
    (error: unknown) => {
      failure = error;
    },
  );
  return {
    done,
    async close(): Promise<string | null> {
      await taking.catch((error: unknown) => {
        failure = error;
      });
      closed = true;
      child.stdout?.destroy();
      child.stderr?.destroy();
      await done;
      const blob = await disk.close();
      if (failure !== null) throw failure;
      const rest = decoder.decode();
      if (rest !== "") spec.onOutput?.(rest);
      return blob;
    },
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
