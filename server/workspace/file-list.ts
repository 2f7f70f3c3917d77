/** All files and folders of a workspace, walked once and then kept: what an earlier walk found serves while a new one is under way. */
import type { Processes } from "../ports.ts";
import type { Entry } from "./fuzzy.ts";

export interface FileList {
  /** Waits for the first walk of a folder only. */
  entries(cwd: string): Promise<{ entries: readonly Entry[]; whole: boolean }>;
}

const MOST = 200_000;
const FRESH_MS = 5_000;
const WALK_MS = 20_000;
const ROOTS_KEPT = 8;

interface Walked {
  entries: readonly Entry[];
  whole: boolean;
  at: number;
}

export function openFileList(processes: Pick<Processes, "run">, now: () => number): FileList {
  const known = new Map<string, Walked>();
  const walking = new Map<string, Promise<Walked>>();
  const walk = (cwd: string): Promise<Walked> => {
    const under = walking.get(cwd);
    if (under) return under;
    const work = walked(processes, cwd)
      .then((found) => {
        const one = { ...found, at: now() };
        known.delete(cwd);
        known.set(cwd, one);
        for (const [oldest] of known) if (known.size > ROOTS_KEPT) known.delete(oldest);
        return one;
      })
      .finally(() => walking.delete(cwd));
    walking.set(cwd, work);
    return work;
  };
  return {
    async entries(cwd) {
      const before = known.get(cwd);
      if (!before) return walk(cwd);
      if (now() - before.at > FRESH_MS) void walk(cwd);
      return before;
    },
  };
}

/** By ripgrep, which knows what .gitignore names; no git runs. */
async function walked(processes: Pick<Processes, "run">, cwd: string): Promise<Omit<Walked, "at">> {
  const folders = new Set<string>();
  const entries: Entry[] = [];
  const enough = new AbortController();
  let rest = "";
  const add = (name: string): void => {
    entries.push({ name, small: name.toLowerCase() });
    if (entries.length >= MOST) enough.abort();
  };
  const { reason } = await processes.run({
    argv: ["rg", "--files", "--hidden", "--no-messages", "--null", "--glob", "!.git", "."],
    cwd,
    timeoutMs: WALK_MS,
    signal: enough.signal,
    onOutput(text) {
      const names = (rest + text).split("\0");
      rest = names.pop() ?? "";
      for (const raw of names) {
        const name = raw.replace(/^\.\//, "");
        for (let slash = name.lastIndexOf("/"); slash > 0; slash = name.lastIndexOf("/", slash - 1)) {
          const folder = name.slice(0, slash + 1);
          if (folders.has(folder)) break;
          folders.add(folder);
          add(folder);
        }
        add(name);
      }
    },
  });
  return { entries, whole: reason === "exited" };
}
