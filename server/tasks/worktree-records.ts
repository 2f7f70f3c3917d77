/**
 * A record of each worktree that Tutti made, next to it. Only folders with a record are ever deleted. A lock shows that a process uses
 * the worktree, since the session of a subagent may not be stored.
 */
import { lstatSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { TuttiError } from "../../protocol/errors.ts";
import { acquireLock } from "../node/file-lock.ts";

const shape = z.object({
  /** The data folder whose sessions use it: several can share one cache. */
  dataDir: z.string(),
  /** The repository, and the commit that the worktree began with. */
  root: z.string(),
  base: z.string(),
  /** Null while the session of the subagent is being created. `owners` are the sessions that it works for. */
  task: z.object({ session: z.string(), owners: z.array(z.string()) }).nullable(),
});
export type WorktreeRecord = z.infer<typeof shape>;

export interface WorktreeRecords {
  /** The folder of a worktree with this name. */
  pathOf(name: string): string;
  /** Null unless `path` is that of a worktree in this folder. */
  nameOf(path: string): string | null;
  /** Also takes the lock, until `release` or the end of the process. */
  write(name: string, record: WorktreeRecord): void;
  read(name: string): WorktreeRecord | null;
  names(): string[];
  /** False if another process uses the worktree. */
  lock(name: string): boolean;
  /** True if this process has the lock. */
  isHeld(name: string): boolean;
  release(name: string): void;
  /** Forgets a worktree that was deleted. */
  remove(name: string): void;
}

/** As `newId` makes them; never hidden, and never with a separator. */
const NAME = /^[A-Za-z0-9]{1,64}$/;

export function openWorktreeRecords(folder: string): WorktreeRecords {
  const locks = new Map<string, () => void>();
  const createFolder = (): void => void mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (name: string, extension: "json" | "lock"): string => {
    if (!NAME.test(name)) throw new Error(`${JSON.stringify(name)} is no name of a worktree`);
    return join(folder, `${name}.${extension}`);
  };
  const lock = (name: string): boolean => {
    if (locks.has(name)) return true;
    const unlock = acquireLock(fileOf(name, "lock"));
    if (unlock) locks.set(name, unlock);
    return unlock !== null;
  };
  const release = (name: string): void => {
    locks.get(name)?.();
    locks.delete(name);
  };
  return {
    pathOf: (name) => fileOf(name, "json").slice(0, -".json".length),
    nameOf(path) {
      createFolder();
      const name = basename(path);
      return NAME.test(name) && dirname(path) === realpathSync(folder) ? name : null;
    },
    write(name, record) {
      createFolder();
      if (!lock(name)) throw new TuttiError("busy", `Another process uses the worktree ${join(folder, name)}.`);
      writeFileSync(fileOf(name, "json"), JSON.stringify(record), { mode: 0o600 });
    },
    read(name) {
      const file = fileOf(name, "json");
      if (lstatSync(file, { throwIfNoEntry: false })?.isFile() !== true) return null;
      try {
        return shape.parse(JSON.parse(readFileSync(file, "utf8")));
      } catch {
        return null;
      }
    },
    names: () =>
      readdirSync(folder)
        .filter((file) => file.endsWith(".json"))
        .map((file) => file.slice(0, -".json".length))
        .filter((name) => NAME.test(name)),
    lock,
    isHeld: (name) => locks.has(name),
    release,
    remove(name) {
      rmSync(fileOf(name, "json"), { force: true });
      release(name);
      rmSync(fileOf(name, "lock"), { force: true });
    },
  };
}
