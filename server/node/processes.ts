/**
 * Runs commands, each in its own process group and session, without a terminal, with a clean environment and a marker to find all its
 * child processes. No process outlives its call or this program.
 */
import type { ChildProcess } from "node:child_process";
import { stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessEnd, Processes, ProcessSpec } from "../ports.ts";
import { buildCommandEnvironment, type Environment } from "./environment.ts";
import { callMarkerName, findSurvivors, killTree, listProcesses, type Survivors, setLimitMarker } from "./kill-tree.ts";
import { createOutputBuffer, type OutputBuffer } from "./output-buffer.ts";
import { openOutputFile } from "./output-file.ts";
import { randomHex } from "./random.ts";
import { redactBytes, type StreamRedactor } from "./redact-bytes.ts";
import { errorCode } from "./stat-real-path.ts";
import { openWatchdog } from "./watchdog.ts";

const headBytes = 15_000;
const tailBytes = 15_000;
const maxTailLength = 4_000;
const maxBackground = 16;
/** How long a child process may keep the output open after the command has ended. */
const drainMs = 200;

/** Marks the process, and merges both streams, in the order written. */
const startScript = (marker: string): string => `${setLimitMarker(marker)}; exec "$@" 2>&1`;

export interface ProcessOptions {
  ripgrep: () => string;
  /** The environment from which that of commands is built. */
  env: Environment;
  /** Removes keys from output that is stored. */
  redactor: StreamRedactor;
}

interface StartedProcess {
  end: Promise<ProcessEnd>;
  output: OutputBuffer;
}

interface BackgroundProcess extends StartedProcess {
  command: string;
  stop: AbortController;
  result: ProcessEnd | null;
}

/** Nine digits, the first of which is not 0. */
const randomDigits = (): string => String(100_000_000 + (Number.parseInt(randomHex(6), 16) % 900_000_000));

export function openProcesses(options: ProcessOptions): Processes & { close(): Promise<void> } {
  const instanceId = randomDigits();
  const watchdog = openWatchdog(instanceId, options.env);
  const background = new Map<string, BackgroundProcess>();
  const endings = new Set<Promise<void>>();
  const stopAll = new AbortController();
  let calls = 0;

  function start(spec: ProcessSpec): StartedProcess {
    calls += 1;
    const marker = `${instanceId}${String(calls).padStart(6, "0")}`;
    const output = createOutputBuffer(headBytes, tailBytes);
    return { output, end: runProcess(spec, marker, output) };
  }

  async function runProcess(spec: ProcessSpec, marker: string, output: OutputBuffer): Promise<ProcessEnd> {
    const failed = (message: string): ProcessEnd => ({ ...output.end(), code: null, reason: "failed", head: message });
    if (spec.signal?.aborted) return { ...output.end(), code: null, reason: "cancelled" };
    const program = spec.argv[0];
    if (program === undefined) return failed("The command is empty.");
    if (!(await isFolder(spec.cwd))) return failed(`The folder ${spec.cwd} does not exist.`);

    watchdog.start();
    const before = listProcesses();
    const child = spawnMarked(spec, marker, options.env);
    const group = child.pid;
    if (group === undefined) return failed(await describeSpawnError(child, program));
    watchdog.watch(group);
    let survivors: Survivors = { commands: [], any: true };
    try {
      const drained = drain(child, spec, output, options.redactor);
      const { code, reason } = await ended(child, spec, stopAll.signal, () => killTree(group, marker));
      await Promise.race([drained.done, sleep(drainMs, undefined, { ref: false })]);
      const blob = await drained.close();
      if (reason === "exited") survivors = await findSurvivors(group, marker, before);
      const leftRunning = survivors.commands;
      return {
        ...output.end(),
        code,
        reason,
        ...(blob === null ? {} : { blob }),
        ...(leftRunning.length === 0 ? {} : { leftRunning }),
      };
    } finally {
      if (survivors.any) cleanUp(group, marker);
      else watchdog.forget(group);
    }
  }

  /** Kills what the command left running, without delaying its result. */
  function cleanUp(group: number, marker: string): void {
    const ending = killTree(group, marker).then(() => watchdog.forget(group));
    endings.add(ending);
    void ending.finally(() => endings.delete(ending));
  }

  return {
    ripgrep: options.ripgrep,
    run: (spec) => start(spec).end,
    async background(spec) {
      const running = [...background.values()].filter((process) => process.result === null).length;
      if (running >= maxBackground)
        throw new Error(`${running} commands are already running in the background. Stop one of them first.`);
      const id = `b${background.size + 1}`;
      const stop = new AbortController();
      const signal = spec.signal === undefined ? stop.signal : AbortSignal.any([spec.signal, stop.signal]);
      const entry: BackgroundProcess = {
        ...start({ ...spec, signal }),
        command: spec.argv.at(-1) ?? "",
        stop,
        result: null,
      };
      background.set(id, entry);
      void entry.end.then((end) => {
        entry.result = end;
      });
      return { id };
    },
    listBackground: () =>
      [...background].map(([id, { command, result, output }]) => {
        const { head, tail } = result ?? output.end();
        return {
          id,
          command,
          running: result === null,
          code: result?.code ?? null,
          tail: (tail === "" ? head : tail).slice(-maxTailLength),
        };
      }),
    async killBackground(id) {
      const entry = background.get(id);
      if (entry === undefined || entry.result !== null) return false;
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

function spawnMarked(spec: ProcessSpec, marker: string, env: Environment): ChildProcess {
  const isPosix = process.platform !== "win32";
  const [program = "", ...rest] = isPosix ? ["/bin/sh", "-c", startScript(marker), "sh", ...spec.argv] : spec.argv;
  // On Windows, Git installs a shell under another name.
  return process
    .getBuiltinModule("node:child_process")
    .spawn(!isPosix && program === "/bin/sh" ? "bash" : program, rest, {
      cwd: spec.cwd,
      detached: isPosix,
      windowsHide: true,
      env: {
        ...buildCommandEnvironment(env),
        ...spec.env,
        PWD: spec.cwd,
        [callMarkerName]: marker,
      },
      stdio: [spec.stdin === undefined ? "ignore" : "pipe", "pipe", isPosix ? "ignore" : "pipe"],
    });
}

async function describeSpawnError(child: ChildProcess, program: string): Promise<string> {
  const error = await new Promise<unknown>((resolve) => child.once("error", resolve));
  return `Cannot start ${program} (${errorCode(error) ?? String(error)}).`;
}

/** Waits for the command itself, not for its child processes. The caller, the timeout or `close` can kill it. */
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

/** Reads the output as fast as it can be stored; back pressure slows down the process. */
function drain(child: ChildProcess, spec: ProcessSpec, output: OutputBuffer, redactor: StreamRedactor) {
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  const outputFile = openOutputFile(spec.blobs);
  const clean = spec.blobs ? redactBytes(redactor) : null;
  let closed = false;
  let reading: Promise<void> = Promise.resolve();

  async function addPiece(piece: Uint8Array): Promise<void> {
    const exceedsBuffer = output.bytes() + piece.length > headBytes + tailBytes;
    const bufferedOutput = exceedsBuffer ? output.whole() : null;
    output.add(piece);
    spec.onOutput?.(decoder.decode(piece, { stream: true }));
    if (bufferedOutput !== null) await outputFile.add(bufferedOutput);
    if (exceedsBuffer) await outputFile.add(piece);
  }
  async function readPiece(piece: Uint8Array): Promise<void> {
    if (!closed) await addPiece(clean ? clean.add(piece) : piece);
  }

  async function read(stream: ChildProcess["stdout"]): Promise<void> {
    if (stream === null) return;
    try {
      for await (const piece of stream) {
        reading = reading.then(() => readPiece(piece as Uint8Array));
        await reading;
      }
    } catch (error) {
      // The pipe is closed because the command has ended.
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
      await reading.catch((error: unknown) => {
        failure = error;
      });
      if (clean) await addPiece(clean.end());
      closed = true;
      child.stdout?.destroy();
      child.stderr?.destroy();
      await done;
      const blob = await outputFile.close();
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
