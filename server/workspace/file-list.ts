/**
 * The files and folders of a workspace, listed by ripgrep, which respects .gitignore, and cached. A stale list is returned once more
 * while it is refreshed. Git is not used, because the settings of an untrusted repository can make it run programs.
 */
import { existsSync } from "node:fs";
import type { Clock, Processes } from "../ports.ts";
import { createEntry, type SearchEntry } from "./fuzzy.ts";
import { isInRepository } from "./repository.ts";

export interface FileListing {
  /** Relative to the root, folders with a trailing `/`. Grows while the first list is created. */
  readonly entries: readonly SearchEntry[];
  /** False while the list is created, and if it reached its size limit. */
  readonly complete: boolean;
}

export interface FileList {
  /** `hidden`: includes names that start with a dot. Waits briefly for a first list. */
  get(root: string, hidden: boolean): Promise<FileListing>;
}

interface CachedListing {
  listed: FileListing;
  /** On the monotonic clock; null before the first complete list. */
  at: number | null;
  refreshing: Promise<void> | null;
}

const MAX_ENTRIES = 200_000;
const FRESH_MS = 5_000;
const FIRST_LIST_MS = 1_500;
const WALK_MS = 30_000;
const MAX_CACHED = 8;
const MAX_NAME_LENGTH = 8_192;

export function openFileList(processes: Pick<Processes, "run" | "ripgrep">, clock: Clock): FileList {
  const cache = new Map<string, CachedListing>();
  const refresh = async (one: CachedListing, root: string, hidden: boolean): Promise<void> => {
    const entries: SearchEntry[] = [];
    if (one.at === null) one.listed = { entries, complete: false };
    const complete = await listFiles(processes, root, hidden, entries);
    Object.assign(one, {
      listed: { entries, complete },
      at: clock.monotonic(),
      refreshing: null,
    } satisfies CachedListing);
  };
  return {
    async get(root, hidden) {
      const key = `${hidden ? "all" : "shown"} ${root}`;
      const one: CachedListing = cache.get(key) ?? {
        listed: { entries: [], complete: false },
        at: null,
        refreshing: null,
      };
      cache.delete(key);
      cache.set(key, one);
      for (const [oldest] of cache) if (cache.size > MAX_CACHED) cache.delete(oldest);
      if (one.at === null || clock.monotonic() - one.at > FRESH_MS) one.refreshing ??= refresh(one, root, hidden);
      if (one.at === null) await waitAtMost(FIRST_LIST_MS, one.refreshing, clock);
      return one.listed;
    },
  };
}

async function waitAtMost(ms: number, work: Promise<unknown> | null, clock: Clock): Promise<void> {
  const done = new AbortController();
  await Promise.race([work, clock.sleep(ms, done.signal)]);
  done.abort();
}

/** Fills `entries`; returns false if the list is incomplete. A root that cannot be listed has no files. */
async function listFiles(
  processes: Pick<Processes, "run" | "ripgrep">,
  root: string,
  hidden: boolean,
  entries: SearchEntry[],
): Promise<boolean> {
  const folders = new Set<string>();
  const enough = new AbortController();
  const add = (name: string): void => {
    if (entries.length >= MAX_ENTRIES) enough.abort();
    else entries.push(createEntry(name));
  };
  const addFoldersOf = (name: string): void => {
    for (let slash = name.lastIndexOf("/"); slash > 0; slash = name.lastIndexOf("/", slash - 1)) {
      const folder = name.slice(0, slash + 1);
      if (folders.has(folder)) return;
      folders.add(folder);
      add(folder);
    }
  };
  const inRepository = await isInRepository(root, async (path) => existsSync(path));
  let rest = "";
  const { reason } = await processes.run({
    argv: [
      ...[processes.ripgrep(), "--files", "--null", "--no-config", "--no-messages"],
      ...(inRepository ? [] : ["--no-require-git"]),
      ...(hidden ? ["--hidden", "--glob=!.git"] : []),
    ],
    cwd: root,
    timeoutMs: WALK_MS,
    signal: enough.signal,
    onOutput(text) {
      const names = (rest + text).split("\0");
      rest = (names.pop() ?? "").slice(0, MAX_NAME_LENGTH);
      for (const name of names) {
        addFoldersOf(name);
        add(name);
      }
    },
  });
  return reason === "exited";
}
