/**
 * What a person granted to folders: `trust.json` in the data folder. The key is the real path of the opened root, which is the folder
 * that a session, a command or a server was opened in, and nothing else: neither a folder above or below it, nor the repository that
 * it belongs to, nor a path with the same letters in another case. Files found on the way up to the repository's root belong to the root
 * that was opened. Below the key stand hashes of items: trust is in what an item says, not in where it lies.
 * What cannot be read in the file counts as no.
 */
import { readFileSync } from "node:fs";
import { replaceFile } from "./replace.ts";

/** By the hash of an item: the place that it had, so that a changed item can be told from a new one. */
export type Grants = Readonly<Record<string, { source: string; key: string }>>;

export interface TrustStore {
  of(root: string): Grants;
  all(): [root: string, Grants][];
  /** On the disk when it resolves. */
  grant(root: string, grants: Grants): Promise<void>;
  /** Takes back all of it; false where there was nothing. */
  revoke(root: string): Promise<boolean>;
}

/** `file` is `trust.json`. */
export function openTrustStore(file: string): TrustStore {
  let writing: Promise<unknown> = Promise.resolve();

  /** One change after the other, each on what the one before left. */
  function change<T>(next: (all: Record<string, Grants>) => { all: Record<string, Grants>; result: T }): Promise<T> {
    const done = writing.then(async () => {
      const { all, result } = next(readGrants(file));
      await replaceFile(file, `${JSON.stringify(all, null, 2)}\n`);
      return result;
    });
    writing = done.catch(() => undefined);
    return done;
  }

  return {
    of: (root) => readGrants(file)[root] ?? {},
    all: () => Object.entries(readGrants(file)),
    grant: (root, grants) =>
      change((all) => ({ all: { ...all, [root]: { ...all[root], ...grants } }, result: undefined })),
    revoke: (root) =>
      change(({ [root]: taken, ...all }) => ({ all, result: taken !== undefined && Object.keys(taken).length > 0 })),
  };
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

const entries = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

function readGrants(file: string): Record<string, Grants> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error) return {};
    throw error;
  }
  return Object.fromEntries(
    entries(found).map(([root, items]) => [
      root,
      Object.fromEntries(
        entries(items).flatMap(([id, place]) => {
          const { source, key } = Object.fromEntries(entries(place));
          return isHash(id) && typeof source === "string" && typeof key === "string" ? [[id, { source, key }]] : [];
        }),
      ),
    ]),
  );
}
