/**
 * Long-running processes with messages over standard input and output. Each has its own process group, gets only the environment that
 * the user listed, is killed with all its children, and never outlives this program.
 */
import type { ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { StdioProcess, StdioProcesses, StdioProcessSpec } from "../ports.ts";
import { cleanSearchPath } from "../workspace/programs.ts";
import type { Environment } from "./environment.ts";
import { killTree } from "./kill-tree.ts";
import { randomHex } from "./random.ts";
import { errorCode } from "./stat-real-path.ts";
import { openWatchdog, type Watchdog } from "./watchdog.ts";

/** Characters of standard error that are kept for error messages. */
const MAX_STDERR = 8_000;
/** Bytes that may wait for a process that does not read. With more, it counts as hung. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** Time to read the remaining output after the process has exited. */
const DRAIN_MS = 200;

/** Variables that every program gets. The user lists all others. */
const PASSED_NAMES = ["PATH", "HOME", "LANG"];
const WINDOWS_NAMES = ["Path", "PATHEXT", "SystemRoot", "ComSpec", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "TEMP"];

export function openStdioProcesses(env: Environment): StdioProcesses {
  /** Not set in the environment: such a process gets exactly the variables that the user approved. */
  const marker = randomHex(9);
  const running = new Set<StdioProcess>();
  let watchdog: Watchdog | null = null;

  async function start(spec: StdioProcessSpec): Promise<StdioProcess> {
    const isPosix = process.platform !== "win32";
    const [program = "", ...rest] = spec.argv;
    const child = process.getBuiltinModule("node:child_process").spawn(program, rest, {
      cwd: spec.cwd,
      detached: isPosix,
      windowsHide: true,
      env: { ...pickEnvironment(env), ...spec.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    await waitForSpawn(child, program);
    const group = child.pid ?? 0;
    watchdog ??= openWatchdog(marker, env);
    watchdog.watch(group);
    let stderr = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr = `${stderr}${text}`.slice(-MAX_STDERR);
    });
    child.stdout.on("data", spec.onData);
    child.stdin.on("error", () => undefined);
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const exited = new Promise<number | null>((resolve) => {
      // The last output is still in the pipe, and a child process may keep the pipe open.
      child.once(
        "exit",
        (code) => void Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]).then(() => resolve(code)),
      );
    });
    let ending: Promise<void> | null = null;
    const stdioProcess: StdioProcess = {
      exited,
      stderrTail: () => stderr,
      write(text) {
        if (child.stdin.writableLength > MAX_UNREAD_BYTES) return false;
        child.stdin.write(text);
        return true;
      },
      closeStdin: () => void child.stdin.end(),
      setPaused: (paused) => void (paused ? child.stdout.pause() : child.stdout.resume()),
      kill() {
        ending ??= killTree(group, null).then(() => {
          watchdog?.forget(group);
          running.delete(stdioProcess);
          child.stdout.destroy();
          child.stderr.destroy();
        });
        return ending;
      },
    };
    running.add(stdioProcess);
    void exited.then(() => stdioProcess.kill());
    return stdioProcess;
  }

  return {
    start,
    async close() {
      await Promise.all([...running].map((one) => one.kill()));
    },
  };
}

function pickEnvironment(env: Environment): Record<string, string> {
  const names = process.platform === "win32" ? [...PASSED_NAMES, ...WINDOWS_NAMES] : PASSED_NAMES;
  const picked = Object.fromEntries(
    names.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
  return { ...picked, ...(picked.PATH !== undefined && { PATH: cleanSearchPath(picked.PATH) }) };
}

async function waitForSpawn(child: ChildProcess, program: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("spawn", resolve);
  child.once("error", reject);
  try {
    await promise;
  } catch (error) {
    const reason = errorCode(error) === "ENOENT" ? "the program was not found" : String((error as Error).message);
    throw new Error(`Cannot start ${program}: ${reason}`);
  }
  // Later errors are reported through `exited`.
  child.on("error", () => undefined);
}
