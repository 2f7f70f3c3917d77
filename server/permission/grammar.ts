/** The two libraries that decisions need, loaded when the first decision is near: neither belongs on the way to the first request. */
import type { Globs } from "./rules.ts";
import type { Syntax } from "./shell.ts";

export interface Grammar {
  syntax: Syntax;
  globs: Globs;
}

/** Patterns that were compiled already: the same few rules are asked at every call. */
const MOST_KEPT = 1_000;

let loading: Promise<Grammar> | null = null;

export function loadGrammar(): Promise<Grammar> {
  loading ??= load();
  return loading;
}

async function load(): Promise<Grammar> {
  const [{ parse, forEachChild }, { default: picomatch }] = await Promise.all([import("unbash"), import("picomatch")]);
  const kept = new Map<string, (path: string) => boolean>();
  const globs: Globs = (pattern, options) => {
    const key = `${options.dot} ${options.nocase} ${pattern}`;
    const matches = kept.get(key) ?? picomatch(pattern, options);
    if (kept.size >= MOST_KEPT) kept.clear();
    kept.set(key, matches);
    return matches;
  };
  return { syntax: { parse, forEachChild }, globs };
}
