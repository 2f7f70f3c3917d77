/**
 * Processes that are spoken to over standard input and output for as long as they live: each in a group of its own, with nothing of
 * our environment but what a person listed, ended with all that it started, and never outliving this program.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Companion, CompanionSpec, Companions } from "../ports.ts";
import { errorCode } from "./place.ts";
import { randomHex } from "./random.ts";
import { endAll } from "./sweep.ts";
import { openWatchdog, type Watchdog } from "./watchdog.ts";

/** What a person is shown of what it wrote to standard error. */
const KEPT_COMPLAINTS = 8_000;
/** Bytes that may wait for a process that does not read; then it counts as hung. */
const UNREAD_MOST = 8 * 1024 * 1024;
/** How long its last words are waited for once it has ended. */
const DRAIN_MS = 200;

/** What every program needs to find its way; the rest is the person's to list. */
const PASSED = ["PATH", "HOME", "LANG"];
const PASSED_ON_WINDOWS = [
  "Path",
  "PATHEXT",
  "SystemRoot",
  "ComSpec",
  "USERPROFILE",
  "APPDATA",
  "LOCALAPPDATA",
  "TEMP",
];

export function openCompanions(from: Readonly<Record<string, string | undefined>>): Companions {
  /** Carried by nobody: such a process sees exactly the variables that a person was shown. */
  const mark = randomHex(9);
  const living = new Set<Companion>();
  let watchdog: Watchdog | null = null;

  async function start(spec: CompanionSpec): Promise<Companion> {
    const isPosix = process.platform !== "win32";
    const [program = "", ...rest] = spec.argv;
    const child = spawn(program, rest, {
      cwd: spec.cwd,
      detached: isPosix,
      windowsHide: true,
      env: { ...passedOn(from), ...spec.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    await started(child, program);
    const group = child.pid ?? 0;
    watchdog ??= openWatchdog(mark);
    watchdog.watch(group);
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      complaints = `${complaints}${text}`.slice(-KEPT_COMPLAINTS);
    });
    child.stdout.on("data", spec.onData);
    child.stdin.on("error", () => undefined);
    const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const gone = new Promise<number | null>((resolve) => {
      // What it wrote last is still in the pipe; something that it started may hold the pipe open.
      child.once(
        "exit",
        (code) => void Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]).then(() => resolve(code)),
      );
    });
    let ending: Promise<void> | null = null;
    const companion: Companion = {
      gone,
      complaints: () => complaints,
      write(text) {
        if (child.stdin.writableLength > UNREAD_MOST) return false;
        child.stdin.write(text);
        return true;
      },
      finish: () => void child.stdin.end(),
      hold: (held) => void (held ? child.stdout.pause() : child.stdout.resume()),
      end() {
        ending ??= endAll(group, null).then(() => {
          watchdog?.forget(group);
          living.delete(companion);
          child.stdout.destroy();
          child.stderr.destroy();
        });
        return ending;
      },
    };
    living.add(companion);
    void gone.then(() => companion.end());
    return companion;
  }

  return {
    start,
    async close() {
      await Promise.all([...living].map((one) => one.end()));
    },
  };
}

function passedOn(from: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const names = process.platform === "win32" ? [...PASSED, ...PASSED_ON_WINDOWS] : PASSED;
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = from[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function started(child: ChildProcess, program: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  child.once("spawn", resolve);
  child.once("error", reject);
  try {
    await promise;
  } catch (error) {
    const why = errorCode(error) === "ENOENT" ? "there is no such program" : String((error as Error).message);
    throw new Error(`${program} could not be started: ${why}`);
  }
  // Later trouble shows as its end.
  child.on("error", () => undefined);
}
