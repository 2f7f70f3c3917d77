/**
 * The rules of a person: `tool` or `tool(pattern)`, read from text once and matched against what a call wants.
 * Deny and ask rules are read widely (whatever follows, any depth, any case), allow rules narrowly.
 */
import { isAbsolute, relative, resolve } from "node:path";
import { splitWords } from "./words.ts";

export interface Rules {
  allow: readonly string[];
  ask: readonly string[];
  deny: readonly string[];
}

export type Match =
  | { kind: "any" }
  /** `words` is null where the pattern is more than words; then only the very same line matches. `open`: whatever follows. */
  | { kind: "command"; line: string; words: string[] | null; open: boolean }
  | { kind: "path"; wide(path: string): boolean; narrow(path: string): boolean }
  | { kind: "domain"; domain: string };

export interface Rule {
  text: string;
  tool: string;
  match: Match;
}

export type Globs = (pattern: string, options: { dot: boolean; nocase: boolean }) => (path: string) => boolean;

/** Says what is wrong with a rule, or null: for the check of a configuration file, without loading anything. */
export function ruleProblem(text: string): string | null {
  const shape = split(text);
  if (shape === null)
    return `"${text}" is not a rule; write a tool or tool(pattern), such as bash(npm test) or edit(src/**).`;
  if (shape.pattern !== null && shape.pattern.trim() === "")
    return `"${text}" has an empty pattern; write ${shape.tool} for every use of it.`;
  return null;
}

function split(text: string): { tool: string; pattern: string | null } | null {
  const found = /^\s*([A-Za-z0-9_.*-]+)\s*(?:\(([\s\S]*)\))?\s*$/.exec(text);
  return found ? { tool: (found[1] ?? "").toLowerCase(), pattern: found[2] ?? null } : null;
}

/** A rule that cannot be read is left out; the configuration has refused it before. */
export function readRule(text: string, root: string, home: string, globs: Globs): Rule | null {
  const shape = split(text);
  if (shape === null || ruleProblem(text) !== null) return null;
  return { text, tool: shape.tool, match: readMatch(shape.tool, shape.pattern, root, home, globs) };
}

function readMatch(tool: string, pattern: string | null, root: string, home: string, globs: Globs): Match {
  if (pattern === null || pattern.trim() === "*" || pattern.trim() === ":*") return { kind: "any" };
  if (tool === "bash") {
    const open = /(:\*| \*)\s*$/.test(pattern);
    const line = pattern.trim().replace(/(:\*| \*)$/, "");
    return { kind: "command", line, words: splitWords(line), open };
  }
  if (pattern.startsWith("domain:")) return { kind: "domain", domain: pattern.slice(7).trim().toLowerCase() };
  return { kind: "path", ...pathMatch(pattern.trim(), root, home, globs) };
}

/** Patterns start at the workspace root; `/…` and `~/…` name places outside. Without a slash, a wide match looks at any depth. */
function pathMatch(pattern: string, root: string, home: string, globs: Globs) {
  const whole = pattern.startsWith("~/") ? resolve(home, pattern.slice(2)) : pattern;
  const outside = isAbsolute(whole);
  const from = outside ? whole : whole.replace(/^\.\//, "");
  const narrow = globs(from, { dot: true, nocase: false });
  const wide = globs(from.includes("/") ? from : `**/${from}`, { dot: true, nocase: true });
  const inside = globs(`${from.replace(/\/$/, "")}/**`, { dot: true, nocase: true });
  const shown = (path: string) => (outside ? path : relative(root, path).replaceAll("\\", "/"));
  return {
    narrow: (path: string) => narrow(shown(path)),
    wide: (path: string) => wide(shown(path)) || inside(shown(path)),
  };
}

/** Tool names match without regard to case; `*` stands for any run of characters. */
export function namesTool(rule: Rule, names: readonly string[]): boolean {
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

/** Exactly these words, or these words at the start where the rule is open. */
export function allowsWords(match: Match, words: readonly string[]): "exact" | "prefix" | null {
  if (match.kind !== "command" || match.words === null || match.words.length === 0) return null;
  if (!match.words.every((word, at) => words[at] === word)) return null;
  if (match.open) return "prefix";
  return match.words.length === words.length ? "exact" : null;
}
