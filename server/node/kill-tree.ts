/**
 * Kills a process group and, on Linux, every process with the call's marker in its environment, even after setsid, nohup or a double
 * fork. Sends TERM first, then KILL.
 */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./stat-real-path.ts";

export const callMarkerName = "TUTTI_CALL";

const termMs = 900;
const maxMs = 2500;
const firstPause = 30;
const longestPause = 200;

/** Resolves when no process is left, after at most 2.5 s. `group`: the process id of its leader. `mark`: null if processes carry no marker. */
export async function killTree(group: number, marker: string | null): Promise<void> {
  if (process.platform === "win32") return killWindowsTree(group);
  const start = performance.now();
  let pause = firstPause;
  for (let first = true; ; first = false) {
    const waited = performance.now() - start;
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

/** Windows has no process groups, but knows the parent of each process. */
function killWindowsTree(leader: number): Promise<void> {
  return new Promise((resolve) => {
    const ending = spawn("taskkill", ["/pid", String(leader), "/t", "/f"], { stdio: "ignore", windowsHide: true });
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

/** The running processes with this marker in their environment. */
async function findMarked(marker: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const entry = `${callMarkerName}=${marker}\0`;
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => ((await readEnvironment(name)).includes(entry) ? [name] : [])),
  );
  return found.flat().map(Number);
}

async function readEnvironment(pid: string): Promise<string> {
  try {
    return `${await readFile(`/proc/${pid}/environ`, "latin1")}\0`;
  } catch (error) {
    // The process has ended, or belongs to another user.
    if (errorCode(error) === undefined) throw error;
    return "";
  }
}
