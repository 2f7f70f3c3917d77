/**
 * Ends a process group and, on Linux, everything that carries the mark of a call in its environment, wherever it went
 * (setsid, nohup, double fork). First asked with TERM, then ended with KILL.
 */
import { spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "./place.ts";

export const markName = "TUTTI_CALL";

const patience = 900;
const longest = 2500;
const firstPause = 30;
const longestPause = 200;

/** Resolves when nothing of it is left, at the latest after 2.5 s. `group` is the process id of its leader; null where nothing is marked. */
export async function endAll(group: number, mark: string | null): Promise<void> {
  if (process.platform === "win32") return endTree(group);
  const start = performance.now();
  let pause = firstPause;
  for (let first = true; ; first = false) {
    const waited = performance.now() - start;
    const signal = waited < patience ? "SIGTERM" : "SIGKILL";
    const groupLives = signalGroup(group, first || signal === "SIGKILL" ? signal : 0);
    const strays = mark === null ? [] : await marked(mark);
    for (const stray of strays) signalOne(stray, signal);
    // After KILL a group can only hold the dead that nobody has collected yet.
    const over = strays.length === 0 && (!groupLives || signal === "SIGKILL");
    if (over || waited > longest) return;
    await sleep(pause);
    pause = Math.min(longestPause, pause * 1.5);
  }
}

/** Windows has no groups, but knows who started whom. */
function endTree(leader: number): Promise<void> {
  return new Promise((resolve) => {
    const ending = spawn("taskkill", ["/pid", String(leader), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    ending.once("close", () => resolve()).once("error", () => resolve());
  });
}

/** False where no process of the group is left. */
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

/** The living processes with this mark in their environment. */
async function marked(mark: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const entry = `${markName}=${mark}\0`;
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    names.map(async (name) => ((await environmentOf(name)).includes(entry) ? [name] : [])),
  );
  return found.flat().map(Number);
}

async function environmentOf(pid: string): Promise<string> {
  try {
    return `${await readFile(`/proc/${pid}/environ`, "latin1")}\0`;
  } catch (error) {
    // Gone meanwhile, or of another user.
    if (errorCode(error) === undefined) throw error;
    return "";
  }
}
