/**
 * The `ask` and `deny` rules of Claude Code settings: what they forbid is forbidden here, too. The user's own `allow` rules count only
 * once they were imported, and those of a project never. Loaded only if there is such a file.
 */
import { fromClaudeRule } from "../permission/foreign-tools.ts";
import { checkJsonLimits } from "./json-limits.ts";
import type { Layer } from "./merge.ts";
import { readSmallFile } from "./small-file.ts";

/** Rules that Tutti cannot have are problems. Null if the file has no rules. */
export function readClaudePermissions(file: string): { layer: Layer; problems: string[] } | null {
  const read = readSmallFile(file);
  if (read === null || "problem" in read || checkJsonLimits(read.text) !== null) return null;
  const rules = readRules(read.text);
  const lost: string[] = [];
  const convert = (list: unknown): string[] =>
    (Array.isArray(list) ? list : []).flatMap((rule) => {
      const converted = typeof rule === "string" ? fromClaudeRule(rule) : null;
      if (converted === null) lost.push(String(rule));
      return converted ?? [];
    });
  const [ask, deny] = [convert(rules.ask), convert(rules.deny)];
  if (ask.length + deny.length + lost.length === 0) return null;
  return { layer: { source: file, value: { permissions: { ask, deny } } }, problems: describeLost(lost) };
}

/** A project's file may have any number of rules of any length. */
const MAX_LISTED = 10;
const MAX_SHOWN = 100;

function describeLost(lost: readonly string[]): string[] {
  const listed = lost.slice(0, MAX_LISTED).map((rule) => {
    const shown = rule.length > MAX_SHOWN ? `${rule.slice(0, MAX_SHOWN)}…` : rule;
    return `The rule ${JSON.stringify(shown)} has no effect: Tutti has no such rule.`;
  });
  const more = lost.length - listed.length;
  return more > 0 ? [...listed, `${more} more rules have no effect.`] : listed;
}

function readRules(text: string): { ask?: unknown; deny?: unknown } {
  try {
    const settings = JSON.parse(text.replace(/^\ufeff/, "")) as {
      permissions?: { ask?: unknown; deny?: unknown };
    } | null;
    return settings?.permissions ?? {};
  } catch {
    // Reported where the file's hooks are read.
    return {};
  }
}
