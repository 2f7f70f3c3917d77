/**
 * Parsed definitions, in one JSON file in the cache folder, so that a start parses only files that have changed. An index that cannot be
 * read counts as empty.
 */
import { readFileSync } from "node:fs";
import { replaceFile } from "../config/replace-file.ts";
import type { Listing } from "./find-files.ts";

/** Increased when the form of a parsed definition changes. */
const VERSION = 3;
/** Above this, definitions that were not used are removed. */
const MAX_ENTRIES = 2_000;

export interface DefinitionIndex {
  /** `signature` changes with the file; `parse` runs if it is not the recorded one. */
  read<T>(key: string, signature: string, parse: () => Promise<T>): Promise<T>;
  /** Where the files of a folder were found; `keep` replaces it. */
  listing(key: string): { value: Listing | null; keep(listing: Listing | null): void };
  /** Writes what was added. A failure only costs time at the next start. */
  save(): Promise<void>;
}

type Entries = Record<string, [signature: string, value: unknown]>;

export function openDefinitionIndex(file: string): DefinitionIndex {
  const entries = new Map(Object.entries(readEntries(file)));
  const used = new Set<string>();
  let changed = false;
  return {
    async read<T>(key: string, signature: string, parse: () => Promise<T>) {
      used.add(key);
      const known = entries.get(key);
      // Only this module writes the file, and its version is the form of the value.
      if (known?.[0] === signature) return known[1] as T;
      const value = await parse();
      entries.set(key, [signature, value]);
      changed = true;
      return value;
    },
    listing(folder) {
      const key = `listing ${folder}`;
      used.add(key);
      const value = (entries.get(key)?.[1] as Listing | undefined) ?? null;
      return {
        value,
        keep(listing) {
          if (listing === value) return;
          if (listing) entries.set(key, ["", listing]);
          else entries.delete(key);
          changed = true;
        },
      };
    },
    async save() {
      if (!changed) return;
      changed = false;
      const kept = [...entries].filter(([key]) => entries.size <= MAX_ENTRIES || used.has(key));
      const content = JSON.stringify({ version: VERSION, entries: Object.fromEntries(kept) });
      await replaceFile(file, content).catch(() => undefined);
    },
  };
}

function readEntries(file: string): Entries {
  try {
    const { version, entries } = JSON.parse(readFileSync(file, "utf8")) as { version?: unknown; entries?: Entries };
    const isValid = (entry: unknown): boolean => Array.isArray(entry) && entry.length === 2 && entry[1] !== null;
    return version === VERSION && Object.values(entries ?? {}).every(isValid) ? (entries ?? {}) : {};
  } catch {
    return {};
  }
}
