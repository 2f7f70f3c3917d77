/** Waits for files in a folder, and for processes, which it finds by a marker in their command line. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, readFile, watch } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** Resolves when the folder contains this file. */
export async function waitForFile(folder: string, name: string): Promise<void> {
  const stop = new AbortController();
  const changes = watch(folder, { signal: stop.signal });
  const first = changes.next();
  for (let change: Promise<unknown> = first; !existsSync(join(folder, name)); change = changes.next()) await change;
  stop.abort();
  await first.catch(() => undefined);
}

export async function findProcesses(mark: string): Promise<string[]> {
  if (!existsSync("/proc/self/environ")) {
    const all = execFileSync("ps", ["-axo", "command"], { encoding: "utf8" });
    return all.split("\n").filter((line) => line.includes(`MARK=${mark}`));
  }
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(join("/proc", pid, "cmdline"), "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(`MARK=${mark}`));
}

/** Waits up to two seconds until there is no such process. */
export async function waitForNoProcess(mark: string): Promise<void> {
  const until = performance.now() + 2_000;
  let living = await findProcesses(mark);
  while (living.length > 0 && performance.now() < until) {
    await pause(50);
    living = await findProcesses(mark);
  }
  assert.deepEqual(living, []);
}
