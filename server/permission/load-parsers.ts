/** Loads the two libraries that decisions need. They are loaded lazily so that they do not delay the first request. */
import type { GlobCompiler } from "./rules.ts";
import type { Syntax } from "./shell.ts";

export interface Grammar {
  syntax: Syntax;
  globs: GlobCompiler;
}

/** Number of compiled patterns in the cache: the same few rules apply to every call. */
const MAX_CACHED = 1_000;

let loading: Promise<Grammar> | null = null;

export function loadGrammar(): Promise<Grammar> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Grammar> {
  const [{ parse, forEachChild }, { default: picomatch }] = await Promise.all([import("unbash"), import("picomatch")]);
  const cached = new Map<string, (path: string) => boolean>();
  const globs: GlobCompiler = (pattern, options) => {
    const key = `${options.dot} ${options.nocase} ${pattern}`;
    const matches = cached.get(key) ?? picomatch(pattern, options);
    if (cached.size >= MAX_CACHED) cached.clear();
    cached.set(key, matches);
    return matches;
  };
  return { syntax: { parse, forEachChild }, globs };
}
