/** Creates trust items from a project's settings, and merges granted settings. An item is identified by the hash of its content. */
import { toCanonicalJson } from "./canonical-json.ts";
import type { ConfigFile } from "./schema.ts";
import type { ProjectItem, WithheldSetting } from "./trust-items.ts";

/** Same as `sha256` of server/node, which config/ must not import. */
export const hashContent = (content: string | Uint8Array): string =>
  process.getBuiltinModule("node:crypto").createHash("sha256").update(content).digest("hex");

/** `files`: hashes of the files that the value names, by path. */
export function createItem(
  { path, kind, value, runs }: WithheldSetting,
  source: string,
  files: readonly (readonly [string, string])[] = [],
): ProjectItem {
  const key = path.join(".");
  return { id: hashContent(toCanonicalJson({ source, path, value, files })), kind, key, source, value, runs };
}

/** The configuration that these settings form together. */
export function mergeSettings(settings: readonly WithheldSetting[]): ConfigFile {
  const file: Record<string, unknown> = {};
  for (const { path, value } of settings) {
    const [first = "", second] = path;
    const appends = first === "instructions" || first === "passEnvironment" || second === "allow";
    const target = second === undefined ? file : getObject(file, first);
    const name = second ?? first;
    target[name] = appends ? [...((target[name] as unknown[] | undefined) ?? []), value] : value;
  }
  return file as ConfigFile;
}

function getObject(file: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = (file[name] ?? {}) as Record<string, unknown>;
  file[name] = found;
  return found;
}
