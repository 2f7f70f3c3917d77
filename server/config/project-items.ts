/** What a project's files ask for, as items that a person says yes to one by one. An item is known by the hash of what it is. */
import { canonical } from "../plugins/canonical.ts";
import type { ProjectItem, Withheld } from "./items.ts";
import type { ConfigFile } from "./schema.ts";

/** The same bytes as `sha256` of server/node, which the configuration does not know. */
export const hashOf = (content: string | Uint8Array): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(content).digest("hex");

/** `files` are hashes of what it names, by the word that names it. */
export function itemOf(
  { path, kind, value, runs }: Withheld,
  source: string,
  files: readonly (readonly [string, string])[] = [],
): ProjectItem {
  const key = path.join(".");
  return { id: hashOf(canonical({ source, path, value, files })), kind, key, source, value, runs };
}

/** The part of a file that these pieces of it make. */
export function fileOf(pieces: readonly Withheld[]): ConfigFile {
  const file: Record<string, unknown> = {};
  for (const { path, value } of pieces) {
    const [first = "", second] = path;
    const grows = first === "instructions" || second === "allow";
    const holder = second === undefined ? file : within(file, first);
    const name = second ?? first;
    holder[name] = grows ? [...((holder[name] as unknown[] | undefined) ?? []), value] : value;
  }
  return file as ConfigFile;
}

function within(file: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = (file[name] ?? {}) as Record<string, unknown>;
  file[name] = found;
  return found;
}
