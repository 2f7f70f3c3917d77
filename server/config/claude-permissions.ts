/**
 * The `ask` and `deny` rules of the user's own Claude Code settings: what the user forbade there is forbidden here, too. Its `allow` rules
 * count only once they were imported. Loaded only if there is such a file.
 */
import { fromClaudeRule } from "../permission/foreign-tools.ts";
import { checkJsonLimits } from "./json-limits.ts";
import type { Layer } from "./merge.ts";
import { readSmallFile } from "./small-file.ts";

/** `lost`: rules that Tutti cannot have, as they are written. Null if the file has no such rules. */
export function readClaudePermissions(file: string): { layer: Layer; lost: string[] } | null {
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
  return { layer: { source: file, value: { permissions: { ask, deny } } }, lost };
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
