/** The configuration for people to read: every value with its key and source, and no value that may be a key to anything. */
import type { Loaded } from "./config.ts";

export const hidden = "<hidden>";

export interface ListedValue {
  key: string;
  value: unknown;
  source: string;
}

const secretName =
  /(api[-_]?key|token|secret|password|passwd|credential|authorization|cookie|private[-_]?key|(^|\.)headers\.|(^|\.)query\.|^plugins\..*\.env\.)/i;
/** What keys look like: known beginnings, signed tokens, long runs without a blank or a slash, a password in an address. */
const secretShape =
  /\b(sk|pk|rk|gsk|xai|hf|r8|nvapi|csk|fw|tgp|ghp|gho|ghs|github_pat|glpat|xox[abprs]|AKIA|ASIA|AIza|ya29)[-_A-Za-z0-9.]{8,}|eyJ[\w-]{8,}\.|^[A-Za-z0-9+_=-]{32,}$|:\/\/[^/\s:@]+:[^/\s@]+@|\bBearer\s+\S|-----BEGIN/;
/** Words that are no secret although their names look like it. */
const harmlessName = /\.(keyHeader|cacheKeyField|maxTokensField)$/;

/** Hides by the name of the key, by the look of the value, and everything below a hidden name. */
export function mask(value: unknown, key = ""): unknown {
  if (typeof value === "string")
    return (secretName.test(key) && !harmlessName.test(key)) || secretShape.test(value) ? hidden : value;
  if (Array.isArray(value)) return value.map((item) => mask(item, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, mask(inner, key === "" ? name : `${key}.${name}`)]),
  );
}

export function listConfig(loaded: Loaded): ListedValue[] {
  return Object.entries(loaded.sources)
    .map(([key, source]) => ({ key, value: mask(valueAt(loaded.config, key), key), source }))
    .filter(({ value }) => value !== undefined)
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** One value, masked, with where it came from; undefined where nothing is set. */
export function getConfig(loaded: Loaded, key: string): ListedValue | undefined {
  const value = mask(valueAt(loaded.config, key), key);
  if (value === undefined) return undefined;
  const below = Object.entries(loaded.sources).filter(([name]) => name === key || name.startsWith(`${key}.`));
  return { key, value, source: [...new Set(below.map(([, source]) => source))].join(", ") };
}

/** Names may hold dots themselves, so the longest name that fits is taken at each step. */
function valueAt(value: unknown, key: string): unknown {
  if (key === "") return value;
  if (typeof value !== "object" || value === null) return undefined;
  const names = Object.keys(value).filter((name) => key === name || key.startsWith(`${name}.`));
  for (const name of names.toSorted((a, b) => b.length - a.length)) {
    const found = valueAt((value as Record<string, unknown>)[name], key.slice(name.length + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
