/**
 * The trust that the user granted to folders: `trust.json` in the data folder. The key is the real path of the opened root, the folder
 * in which a session, a command or a server was opened. It does not apply to folders above or below, to the repository, or to a path
 * in another case. Files between the root and the repository root belong to the opened root. The values are hashes of items: trust is
 * in an item's content, not in its location. Content that cannot be parsed counts as not trusted.
 */
import { readFileSync } from "node:fs";
import { replaceFile } from "./replace-file.ts";

/** By item hash: source and key of the item, to tell a changed item from a new one. */
export type TrustGrants = Readonly<Record<string, { source: string; key: string }>>;

export interface TrustStore {
  get(root: string): TrustGrants;
  all(): [root: string, TrustGrants][];
  /** On disk when the promise resolves. */
  grant(root: string, grants: TrustGrants): Promise<void>;
  /** Revokes everything granted to this root; false if there was nothing. */
  revoke(root: string): Promise<boolean>;
}

/** `file` is `trust.json`. */
export function openTrustStore(file: string): TrustStore {
  let writing: Promise<unknown> = Promise.resolve();

  /** Applies one change at a time, each to the result of the previous one. */
  function change<T>(
    next: (all: Record<string, TrustGrants>) => { all: Record<string, TrustGrants>; result: T },
  ): Promise<T> {
    const done = writing.then(async () => {
      const { all, result } = next(readGrants(file));
      await replaceFile(file, `${JSON.stringify(all, null, 2)}\n`);
      return result;
    });
    writing = done.catch(() => undefined);
    return done;
  }

  return {
    get: (root) => readGrants(file)[root] ?? {},
    all: () => Object.entries(readGrants(file)),
    grant: (root, grants) =>
      change((all) => ({ all: { ...all, [root]: { ...all[root], ...grants } }, result: undefined })),
    revoke: (root) =>
      change(({ [root]: taken, ...all }) => ({ all, result: taken !== undefined && Object.keys(taken).length > 0 })),
  };
}

const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);

const listEntries = (value: unknown): [string, unknown][] =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];

function readGrants(file: string): Record<string, TrustGrants> {
  let found: unknown;
  try {
    found = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    if (error instanceof Error) return {};
    throw error;
  }
  return Object.fromEntries(
    listEntries(found).map(([root, items]) => [
      root,
      Object.fromEntries(
        listEntries(items).flatMap(([id, place]) => {
          const { source, key } = Object.fromEntries(listEntries(place));
          return isHash(id) && typeof source === "string" && typeof key === "string" ? [[id, { source, key }]] : [];
        }),
      ),
    ]),
  );
}
