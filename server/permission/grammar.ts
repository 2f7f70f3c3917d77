/** The two libraries that decisions need, loaded when the first decision is near: neither belongs on the way to the first request. */
import type { Globs } from "./rules.ts";
import type { Syntax } from "./shell.ts";

export interface Grammar {
  syntax: Syntax;
  globs: Globs;
}

export async function loadGrammar(): Promise<Grammar> {
  const [{ parse, forEachChild }, { default: picomatch }] = await Promise.all([import("unbash"), import("picomatch")]);
  return { syntax: { parse, forEachChild }, globs: (pattern, options) => picomatch(pattern, options) };
}
