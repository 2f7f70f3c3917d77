/**
 * The files and folders of a workspace, listed once by ripgrep, which knows what .gitignore names, and then kept: a list that has
 * become old serves once more while another is made. No git runs in a folder that nobody has trusted.
 */
import type { Clock, Processes } from "../ports.ts";
import { type Entry, entryOf } from "./fuzzy.ts";

export interface Listed {
  /** Relative to the root, folders with `/` at their end; grows while the first list is made. */
  readonly entries: readonly Entry[];
  /** False while it is made, and where there is more than a list holds. */
  readonly whole: boolean;
}

export interface FileList {
  /** `hidden`: also what begins with a dot. Waits for a first list, though not longer than a person would. */
  of(root: string, hidden: boolean): Promise<Listed>;
}

interface Kept {
  listed: Listed;
  /** By the monotonic clock; null before there is a whole list. */
  at: number | null;
  walking: Promise<void> | null;
}

const MOST = 200_000;
const FRESH_MS = 5_000;
const PATIENCE_MS = 1_500;
const WALK_MS = 30_000;
const KEPT = 8;
const LONGEST_NAME = 8_192;

export function openFileList(processes: Pick<Processes, "run" | "ripgrep">, clock: Clock): FileList {
  const kept = new Map<string, Kept>();
  const walk = async (one: Kept, root: string, hidden: boolean): Promise<void> => {
    const entries: Entry[] = [];
    if (one.at === null) one.listed = { entries, whole: false };
    const whole = await list(processes, root, hidden, entries);
    Object.assign(one, { listed: { entries, whole }, at: clock.monotonic(), walking: null });
  };
  return {
    async of(root, hidden) {
      const key = `${hidden ? "all" : "shown"} ${root}`;
      const one: Kept = kept.get(key) ?? { listed: { entries: [], whole: false }, at: null, walking: null };
      kept.delete(key);
      kept.set(key, one);
      for (const [oldest] of kept) if (kept.size > KEPT) kept.delete(oldest);
      if (one.at === null || clock.monotonic() - one.at > FRESH_MS) one.walking ??= walk(one, root, hidden);
      if (one.at === null) await atMost(PATIENCE_MS, one.walking, clock);
      return one.listed;
    },
  };
}

async function atMost(ms: number, work: Promise<unknown> | null, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, clock.sleep(ms, done.signal)]);
  done.abort();
}

/** Fills `entries`; false where that was not all. A root that cannot be listed has no files. */
async function list(
  processes: Pick<Processes, "run" | "ripgrep">,
  root: string,
  hidden: boolean,
  entries: Entry[],
): Promise<boolean> {
  const folders = new Set<string>();
  const enough = new AbortController();
  const add = (name: string): void => {
    if (entries.length >= MOST) enough.abort();
    else entries.push(entryOf(name));
  };
  const addFoldersOf = (name: string): void => {
    for (let slash = name.lastIndexOf("/"); slash > 0; slash = name.lastIndexOf("/", slash - 1)) {
      const folder = name.slice(0, slash + 1);
      if (folders.has(folder)) return;
      folders.add(folder);
      add(folder);
    }
  };
  let rest = "";
  const { reason } = await processes.run({
    argv: [
      ...[processes.ripgrep, "--files", "--null", "--no-config", "--no-messages", "--no-require-git"],
      ...(hidden ? ["--hidden", "--glob=!.git"] : []),
    ],
    cwd: root,
    timeoutMs: WALK_MS,
    signal: enough.signal,
    onOutput(text) {
      const names = (rest + text).split("\0");
      rest = (names.pop() ?? "").slice(0, LONGEST_NAME);
      for (const name of names) {
        addFoldersOf(name);
        add(name);
      }
    },
  });
  return reason === "exited";
}
