/** Merges configuration layers. Lists of rules, instructions and variable names are appended; other lists and values are replaced. */
import type { Config } from "./config.ts";
import type { ConfigFile } from "./schema.ts";

export interface Layer {
  /** Shown to the user: a file, a variable or a flag. */
  source: string;
  value: ConfigFile;
}

export interface Merged {
  config: Config;
  sources: Record<string, string>;
}

type PlainObject = Record<string, unknown>;

const appendedLists = new Set([
  "permissions.allow",
  "permissions.ask",
  "permissions.deny",
  "instructions",
  "passEnvironment",
]);

export function startMerge(defaults: Config): Merged {
  const sources: Record<string, string> = {};
  recordSources(defaults, "", "default", sources);
  return { config: structuredClone(defaults), sources };
}

export function mergeLayer(base: Merged, layer: Layer): Merged {
  const sources = { ...base.sources };
  const { $schema: _editors, ...value } = layer.value;
  const config = mergeValues({ ...base.config }, value, "", layer.source, sources) as unknown as Config;
  return { config, sources };
}

function mergeValues(
  base: PlainObject,
  value: PlainObject,
  path: string,
  source: string,
  sources: Record<string, string>,
): PlainObject {
  const result: PlainObject = { ...base };
  for (const [key, next] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const before = base[key];
    if (next === undefined) continue;
    if (appendedLists.has(at) && Array.isArray(before) && Array.isArray(next)) {
      result[key] = [...new Set([...before, ...next])];
      if (next.length > 0) sources[at] = before.length > 0 ? `${sources[at]}, ${source}` : source;
    } else if (isPlain(before) && isPlain(next)) result[key] = mergeValues(before, next, at, source, sources);
    else {
      result[key] = next;
      removeSources(at, sources);
      recordSources(next, at, source, sources);
    }
  }
  return result;
}

function removeSources(path: string, sources: Record<string, string>): void {
  for (const key of Object.keys(sources))
    if (key === path || key.startsWith(`${path}.`)) Reflect.deleteProperty(sources, key);
}

function recordSources(value: unknown, path: string, source: string, sources: Record<string, string>): void {
  if (isPlain(value))
    for (const [key, inner] of Object.entries(value))
      recordSources(inner, path === "" ? key : `${path}.${key}`, source, sources);
  else sources[path] = source;
}

function isPlain(value: unknown): value is PlainObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
