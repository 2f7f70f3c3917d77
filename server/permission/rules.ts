/**
 * Permission rules, `tool` or `tool(pattern)`: parsed once and matched against what a call accesses. Deny and ask rules match broadly (any
 * further words, any depth, any case), allow rules narrowly. Deny and ask rules can have exceptions, as in `bash unless bash(git log:*)`.
 */
import { isAbsolute, relative, resolve } from "node:path";
import { isWithin } from "../workspace/within.ts";
import { splitWords } from "./shell-words.ts";

export interface Rules {
  allow: readonly string[];
  ask: readonly string[];
  deny: readonly string[];
}

export type Match =
  | { kind: "any" }
  /**
   * `words` is null if the pattern is more than words; then only the exact line matches. `prefix`: any further words match, too.
   * `partial`, for a pattern such as `git push*`: broadly, the last word is the beginning of a word.
   */
  | { kind: "command"; line: string; words: string[] | null; prefix: boolean; partial: boolean }
  | { kind: "path"; matchesWide(path: string): boolean; matchesNarrow(path: string): boolean }
  | { kind: "domain"; domain: string };

export interface Rule {
  text: string;
  tool: string;
  match: Match;
  /** Exceptions: matched narrowly, like allow rules. They allow nothing by themselves. */
  unless: readonly Rule[];
}

export type GlobCompiler = (pattern: string, options: { dot: boolean; nocase: boolean }) => (path: string) => boolean;

/** The error message for an invalid rule, or null. For checking a configuration file, without loading a library. */
export const validateRule = (text: string): string | null =>
  splitExceptions(text)
    .map(validatePart)
    .find((problem) => problem !== null) ?? null;

/** A rule and its exceptions; ` unless ` in a pattern is part of the pattern. */
function splitExceptions(text: string): string[] {
  const parts: string[] = [];
  let [start, depth] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth !== 0 || !text.startsWith(" unless ", at)) continue;
    parts.push(text.slice(start, at));
    start = at + " unless ".length;
  }
  return [...parts, text.slice(start)];
}

function validatePart(text: string): string | null {
  const shape = splitRule(text);
  if (shape === null)
    return `"${text}" is not a rule; write a tool or tool(pattern), such as bash(npm test) or edit(src/**).`;
  if (shape.pattern !== null && shape.pattern.trim() === "")
    return `"${text}" has an empty pattern; write ${shape.tool} for every use of it.`;
  return shape.pattern === null || shape.tool === "bash" ? null : checkPathPattern(text, shape.pattern);
}

/** Matching takes time that grows with the power of the wildcards, and the rules of a project come from others. */
const MAX_PATTERN = 1_000;
const MAX_FOLDER_WILDCARDS = 4;
const MAX_NAME_WILDCARDS = 4;

function checkPathPattern(text: string, pattern: string): string | null {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  if (pattern.length > MAX_PATTERN)
    return `"${shown}" has a pattern of ${pattern.length} characters; use at most ${MAX_PATTERN}, or several rules.`;
  if ((pattern.match(/\*{2,}/g) ?? []).length > MAX_FOLDER_WILDCARDS)
    return `"${shown}" has too many wildcards; use ** at most ${MAX_FOLDER_WILDCARDS} times.`;
  const names = pattern.split("/").map((name) => (name.match(/\*+/g) ?? []).length);
  if (names.some((count) => count > MAX_NAME_WILDCARDS))
    return `"${shown}" has too many wildcards; use * at most ${MAX_NAME_WILDCARDS} times between two slashes.`;
  if ((pattern.match(/[+*@?!]\(/g) ?? []).length > 1)
    return `"${shown}" has several groups such as +(a|b); use at most one, or several rules.`;
  return null;
}

function splitRule(text: string): { tool: string; pattern: string | null } | null {
  const found = /^\s*([A-Za-z0-9_.*-]+)\s*(?:\(([\s\S]*)\))?\s*$/.exec(text);
  return found ? { tool: (found[1] ?? "").toLowerCase(), pattern: found[2] ?? null } : null;
}

/** Null for an invalid rule; the configuration check has reported it before. */
export function parseRule(text: string, root: string, home: string, globs: GlobCompiler): Rule | null {
  if (validateRule(text) !== null) return null;
  const parsed = splitExceptions(text).map((part) => {
    const { tool, pattern } = splitRule(part) ?? { tool: "", pattern: null };
    return { text: part.trim(), tool, match: parseMatch(tool, pattern, root, home, globs), unless: [] };
  });
  const [first, ...unless] = parsed;
  return first ? { ...first, text, unless } : null;
}

/** True if an exception of the rule applies. `matches` tests the pattern of an exception. */
export const isExempt = (rule: Rule, names: readonly string[], matches: (match: Match) => boolean): boolean =>
  rule.unless.some((one) => matchesTool(one, names) && (one.match.kind === "any" || matches(one.match)));

function parseMatch(tool: string, pattern: string | null, root: string, home: string, globs: GlobCompiler): Match {
  if (pattern === null || pattern.trim() === "*" || pattern.trim() === ":*") return { kind: "any" };
  if (tool === "bash") {
    const prefix = /(:\*| \*)\s*$/.test(pattern);
    const line = pattern.trim().replace(/(:\*| \*)$/, "");
    const partial = !prefix && /^[^*?]*[^\s*?]\*$/.test(line);
    return { kind: "command", line, words: splitWords(partial ? line.slice(0, -1) : line), prefix, partial };
  }
  if (pattern.startsWith("domain:")) return { kind: "domain", domain: pattern.slice(7).trim().toLowerCase() };
  return { kind: "path", ...compilePathMatch(pattern.trim(), root, home, globs) };
}

/** Patterns are relative to the workspace root; `/…` and `~/…` are absolute. Without a slash, a broad match applies at any depth. */
function compilePathMatch(pattern: string, root: string, home: string, globs: GlobCompiler) {
  const whole = pattern.startsWith("~/") ? resolve(home, pattern.slice(2)) : pattern;
  const outside = isAbsolute(whole);
  const from = outside ? whole : whole.replace(/^\.\//, "");
  const narrow = globs(from, { dot: true, nocase: false });
  const wide = globs(from.includes("/") ? from : `**/${from}`, { dot: true, nocase: true });
  const inside = globs(`${from.replace(/\/$/, "")}/**`, { dot: true, nocase: true });
  const shown = (path: string) => (outside ? path : relative(root, path).replaceAll("\\", "/"));
  return {
    // The workspace itself is not a file in it.
    matchesNarrow: (path: string) => (from === "**" ? isWithin(path, root) : narrow(shown(path))),
    matchesWide: (path: string) => wide(shown(path)) || inside(shown(path)),
  };
}

/** Tool names match case-insensitively; `*` matches any characters. */
export function matchesTool(rule: Rule, names: readonly string[]): boolean {
  const parts = rule.tool.split("*").map((part) => part.replace(/[.\\+?^${}()|[\]-]/g, "\\$&"));
  const pattern = new RegExp(`^${parts.join(".*")}$`);
  return names.some((name) => pattern.test(name.toLowerCase()));
}

export function matchesDomain(match: Match, host: string, wide: boolean): boolean {
  if (match.kind === "any") return true;
  if (match.kind !== "domain") return false;
  const domain = match.domain.replace(/^\*\./, "");
  const below = host.endsWith(`.${domain}`);
  return match.domain.startsWith("*.") ? below : host === domain || (wide && below);
}

/** Matches exactly these words, or these words at the start for a prefix rule. */
export function matchWords(match: Match, words: readonly string[]): "exact" | "prefix" | null {
  if (match.kind !== "command" || match.partial || match.words === null || match.words.length === 0) return null;
  if (!match.words.every((word, at) => words[at] === word)) return null;
  if (match.prefix) return "prefix";
  return match.words.length === words.length ? "exact" : null;
}
