/** Lays one layer of the configuration over another. Lists of rules and instructions grow, other lists and values are replaced. */
import type { Config } from "./config.ts";
import type { ConfigFile } from "./schema.ts";

export interface Layer {
  /** For people: a file, a variable or a flag. */
  source: string;
  value: ConfigFile;
}

export interface Merged {
  config: Config;
  sources: Record<string, string>;
}

type Plain = Record<string, unknown>;

const growing = new Set(["permissions.allow", "permissions.ask", "permissions.deny", "instructions"]);

export function startFrom(defaults: Config): Merged {
  const sources: Record<string, string> = {};
  note(defaults, "", "default", sources);
  return { config: structuredClone(defaults), sources };
}

export function lay(under: Merged, layer: Layer): Merged {
  const sources = { ...under.sources };
  const { $schema: _editors, ...value } = layer.value;
  const config = over({ ...under.config }, value, "", layer.source, sources) as unknown as Config;
  return { config, sources };
}

function over(under: Plain, value: Plain, path: string, source: string, sources: Record<string, string>): Plain {
  const result: Plain = { ...under };
  for (const [key, next] of Object.entries(value)) {
    const at = path === "" ? key : `${path}.${key}`;
    const before = under[key];
    if (next === undefined) continue;
    if (growing.has(at) && Array.isArray(before) && Array.isArray(next)) {
      result[key] = [...new Set([...before, ...next])];
      if (next.length > 0) sources[at] = before.length > 0 ? `${sources[at]}, ${source}` : source;
    } else if (isPlain(before) && isPlain(next)) result[key] = over(before, next, at, source, sources);
    else {
      result[key] = next;
      forget(at, sources);
      note(next, at, source, sources);
    }
  }
  return result;
}

function forget(path: string, sources: Record<string, string>): void {
  for (const key of Object.keys(sources))
    if (key === path || key.startsWith(`${path}.`)) Reflect.deleteProperty(sources, key);
}

function note(value: unknown, path: string, source: string, sources: Record<string, string>): void {
  if (isPlain(value))
    for (const [key, inner] of Object.entries(value))
      note(inner, path === "" ? key : `${path}.${key}`, source, sources);
  else sources[path] = source;
}

function isPlain(value: unknown): value is Plain {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
