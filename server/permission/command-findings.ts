/** What decisions on plain and on opaque command lines share. */

import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { isWithin } from "../workspace/within.ts";
import { checkPath, type PathArgument } from "./check-paths.ts";
import { isExempt, matchesTool, type Rule } from "./rules.ts";
import type { Syntax } from "./shell.ts";
import { mayNameProtectedFile } from "./wildcards.ts";

export type Decision = "allow" | "ask" | "deny";

export interface JudgedPart {
  command: string;
  decision: Decision;
  /** The text of the rule that decided, or null. */
  rule: string | null;
  reason: string;
  /** The rule to offer for "always", or null if each call needs approval. */
  always: string | null;
}

export interface ParsedRules {
  allow: readonly Rule[];
  ask: readonly Rule[];
  deny: readonly Rule[];
}

export interface CommandLineContext {
  tool: string;
  /** Set if a mode or a rule allows every command: the rule's text, or null for the mode. */
  any: { rule: string | null } | null;
  rules: ParsedRules;
  paths: PolicyPaths;
  syntax: Syntax;
}

export interface CommandJudge extends CommandLineContext {
  /** The rules for commands. */
  parsedRules: ParsedRules;
  /** An allow rule for exactly this line. */
  exact: Rule | null;
}

export const createDecider =
  (command: string) =>
  (decision: Decision, reason: string, rule: Rule | null = null, always: string | null = null): JudgedPart => ({
    command,
    decision,
    rule: rule?.text ?? null,
    reason,
    always,
  });

/** Much in code looks like a path but is none, so only paths in the workspace and protected files count. */
export function checkPathInCode(argument: PathArgument, paths: PolicyPaths) {
  const finding = checkPath(argument, "edit", paths);
  return finding?.overridesRules || isWithin(argument.path, paths.root) ? finding : null;
}

export const checkPattern = (word: string, writes: boolean) =>
  mayNameProtectedFile(word)
    ? {
        decision: "ask" as const,
        reason: `${word} may name a file that is protected or contains secrets`,
        overridesRules: writes,
      }
    : null;

export function findWorst(findings: readonly (ReturnType<typeof checkPath> | null)[]) {
  const all = findings.filter((finding) => finding !== null);
  return (
    all.find((finding) => finding.decision === "deny") ??
    all.find((finding) => finding.overridesRules) ??
    all[0] ??
    null
  );
}

export function findPathRule(
  rules: readonly Rule[],
  readPaths: readonly PathArgument[],
  writtenPaths: readonly PathArgument[],
): Rule | null {
  const matchesAny = (rule: Rule, names: readonly string[], list: readonly PathArgument[]) =>
    list.some(
      ({ path, named }) =>
        rule.match.kind === "path" &&
        (rule.match.matchesWide(path) || rule.match.matchesWide(named)) &&
        !isExempt(rule, names, (match) => match.kind === "path" && match.matchesNarrow(path)),
    );
  const [reading, writing] = [["read"], ["edit", "write", "patch"]];
  return (
    rules.find(
      (rule) =>
        (matchesTool(rule, reading) && matchesAny(rule, reading, readPaths)) ||
        (matchesTool(rule, writing) && matchesAny(rule, writing, writtenPaths)),
    ) ?? null
  );
}

export function createExactRule(text: string): string {
  return `bash(${text.trim()})`;
}
