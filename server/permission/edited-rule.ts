/** Checks a rule that the user edited before it is saved: it must be valid, for the same tool, and not wider than a rule should be. Pure. */
import { needsExactRule } from "./program-tables.ts";
import { validateRule } from "./rules.ts";
import { splitWords } from "./shell-words.ts";

interface RuleText {
  tool: string;
  /** Null for a rule without parentheses. */
  pattern: string | null;
}

const splitRule = (text: string): RuleText => {
  const [, tool = text, pattern] = /^([^(]*)(?:\(([\s\S]*)\))?$/.exec(text.trim()) ?? [];
  return { tool: tool.trim().toLowerCase(), pattern: pattern?.trim() ?? null };
};

/** `offered`: the rule that the request proposed. Returns what is wrong with the edited one and what to do, or null. */
export function checkEditedRule(offered: string, edited: string): string | null {
  if (edited.trim() === offered.trim()) return null;
  const invalid = validateRule(edited);
  if (invalid !== null) return invalid;
  const [before, now] = [splitRule(offered), splitRule(edited)];
  if (now.tool !== before.tool)
    return `The rule ${edited.trim()} is for a different tool than the request; it must ${before.pattern === null ? `be ${offered}` : `begin with ${before.tool}(`}.`;
  const tooBroad = (advice: string): string => `The rule ${edited.trim()} is too broad to save: ${advice}`;
  if (before.pattern === null)
    return now.pattern === null ? null : `A rule for ${before.tool} has no pattern; save ${offered}.`;
  if (now.pattern === null || /^[:*\s]*$/.test(now.pattern))
    return tooBroad(`it would allow every use of ${now.tool}. Narrow it, for example to ${offered}.`);
  if (before.tool === "bash") return checkCommand(before.pattern ?? "", now.pattern, offered, tooBroad);
  if (now.pattern.startsWith("domain:"))
    return isNamedDomain(now.pattern.slice("domain:".length))
      ? null
      : tooBroad("name the domain, such as domain:example.com or domain:*.example.com.");
  return /[^*?./~\\{}[\],!\s]/.test(now.pattern)
    ? null
    : tooBroad(`it would match every file. Name a folder or a file type, such as ${now.tool}(src/**).`);
}

const PREFIX = /(:\*| \*)$/;
/** What runs is named by the word after these. */
const RUNNERS = /^(run|run-script|exec|x|dlx)$/;

function checkCommand(
  before: string,
  now: string,
  offered: string,
  tooBroad: (advice: string) => string,
): string | null {
  const isPrefix = PREFIX.test(now);
  const words = splitWords(now.replace(PREFIX, ""));
  if (words === null) return `A rule for more than one plain command must be the exact line of the request: ${offered}`;
  const [program = "", second = "", third] = words;
  const [known] = splitWords(before.replace(PREFIX, "")) ?? [];
  if (known === undefined)
    return `A rule for more than one plain command must be the exact line of the request: ${offered}`;
  if (program !== known) return `The rule is for a different program than the request: ${offered}`;
  if (!isPrefix) return null;
  if (words.length < 2 || second.startsWith("-"))
    return tooBroad(`it would allow everything that ${program} can do. Add the subcommand, or remove ":*".`);
  if (needsExactRule(words) || (RUNNERS.test(second) && third === undefined))
    return tooBroad(`the arguments of ${program} decide what runs. Remove ":*".`);
  return null;
}

const isNamedDomain = (domain: string): boolean =>
  domain === "localhost" || /^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/i.test(domain.trim());
