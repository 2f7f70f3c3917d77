/**
 * Kills a process group and, on Linux, every process with the call's marker, even after setsid, nohup or a double fork. Sends TERM first,
 * then KILL.
 */
import { readdirSync, readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { monotonic } from "../../protocol/monotonic.ts";
import { errorCode } from "./stat-real-path.ts";

/**
 * A marker is a number that all processes of a call inherit, as an environment variable and, for those started without it, as the limit
 * of file locks. No kernel enforces that limit any more, and a process keeps it however it is started.
 */
export const callMarkerName = "TUTTI_CALL";
/** For `/bin/sh`: sets both limits, the hard one so that it cannot be raised again. Shells have one of two options for it. */
export const setLimitMarker = (marker: string): string =>
  `ulimit -w ${marker} 2>/dev/null || ulimit -x ${marker} 2>/dev/null`;
export const limitMarkerLine = "Max file locks";

const termMs = 900;
const maxMs = 2500;
const firstPause = 30;
const longestPause = 200;

/** Resolves when no process is left, after at most 2.5 s. `group`: the process id of its leader. `mark`: null if processes carry no marker. */
export async function killTree(group: number, marker: string | null): Promise<void> {
  if (process.platform === "win32") return killWindowsTree(group);
  const start = monotonic();
  let pause = firstPause;
  for (let first = true; ; first = false) {
    const waited = monotonic() - start;
    const signal = waited < termMs ? "SIGTERM" : "SIGKILL";
    const groupLives = signalGroup(group, first || signal === "SIGKILL" ? signal : 0);
    const escaped = marker === null ? [] : await findMarked(marker);
    for (const stray of escaped) signalOne(stray, signal);
    // After KILL, a group can contain only zombies.
    const over = escaped.length === 0 && (!groupLives || signal === "SIGKILL");
    if (over || waited > maxMs) return;
    await sleep(pause);
    pause = Math.min(longestPause, pause * 1.5);
  }
}

/** How long a process may take to end by itself after its command. */
const graceMs = 100;

export interface Survivors {
  /** Their command lines. */
  commands: string[];
  /** True if there may be more of them, or processes that are ending. */
  any: boolean;
}

/** The processes at one time. */
export interface ProcessSnapshot {
  ids: ReadonlySet<string>;
  /** How many processes and threads the system has started since it runs; NaN if it does not say so. */
  started: number;
}

/** The processes that run now; none where the system has no list of them. */
export const listProcesses = (): ProcessSnapshot =>
  process.platform === "linux"
    ? { ids: new Set(listProcessIds()), started: countStarted() }
    : { ids: new Set(), started: Number.NaN };

const listProcessIds = (): string[] => readdirSync("/proc").filter((name) => /^\d+$/.test(name));

/**
 * The processes that a command left running when it ended. On Windows they are not listed. `before`: those that ran before the command,
 * which need no look, since a look at each takes longer than most commands.
 */
export async function findSurvivors(group: number, marker: string, before: ProcessSnapshot): Promise<Survivors> {
  if (process.platform === "win32") return { commands: [], any: true };
  const find = async (): Promise<Survivors> => {
    const any = signalGroup(group, 0);
    if (process.platform !== "linux") return { commands: any ? ["a process"] : [], any };
    const marked = await findMarked(marker, mayReuseIds(group, before) ? new Set() : before.ids);
    const commands = (await Promise.all(marked.map(readCommandLine))).filter((command) => command !== "");
    return { commands, any: any || marked.length > 0 };
  };
  const first = await find();
  if (first.commands.length === 0) return first;
  await sleep(graceMs);
  return find();
}

/**
 * True if a process that started after this one may have the ID of an earlier one. IDs are given in order, so that takes the last ID to be
 * lower than this one, or so many new processes that the IDs may have gone around once.
 */
function mayReuseIds(leader: number, before: ProcessSnapshot): boolean {
  const lastId = Number(readSystemFile("loadavg").trim().split(" ").at(-1));
  const idCount = Number(readSystemFile("sys/kernel/pid_max"));
  return !(lastId >= leader && countStarted() - before.started < idCount / 2);
}

const countStarted = (): number => Number(/^processes (\d+)$/m.exec(readSystemFile("stat"))?.[1]);

function readSystemFile(name: string): string {
  try {
    return readFileSync(`/proc/${name}`, "latin1");
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return "";
  }
}

/** Empty for a process that has ended. */
const readCommandLine = async (pid: number): Promise<string> =>
  (await readProcessFile(pid, "cmdline")).split("\0").join(" ").trim();

/** Windows has no process groups, but knows the parent of each process. */
function killWindowsTree(leader: number): Promise<void> {
  return new Promise((resolve) => {
    const ending = process
      .getBuiltinModule("node:child_process")
      .spawn("taskkill", ["/pid", String(leader), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    ending.once("close", () => resolve()).once("error", () => resolve());
  });
}

/** False if no process of the group is left. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  return signalOne(-group, signal);
}

function signalOne(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, signal);
    return true;
  } catch (error) {
    if (errorCode(error) === "EPERM") return true;
    if (errorCode(error) === "ESRCH") return false;
    throw error;
  }
}

/** The running processes with this marker. */
async function findMarked(marker: string, except: ReadonlySet<string> = new Set()): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const entry = `${callMarkerName}=${marker}\0`;
  const limit = new RegExp(`^${limitMarkerLine} .*\\b${marker} `, "m");
  const names = listProcessIds().filter((name) => !except.has(name));
  const found = await Promise.all(
    names.map(async (name) => {
      const isMarked =
        limit.test(await readProcessFile(name, "limits")) ||
        `${await readProcessFile(name, "environ")}\0`.includes(entry);
      return isMarked ? [Number(name)] : [];
    }),
  );
  return found.flat();
}

async function readProcessFile(pid: string | number, file: "limits" | "environ" | "cmdline"): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${file}`, "latin1");
  } catch (error) {
    // The process has ended, or belongs to another user.
    if (errorCode(error) === undefined) throw error;
    return "";
  }
}
