/** What words with wildcards may stand for when the line runs. */
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { findPathArguments } from "./check-paths.ts";
import type { ReaderUse } from "./read-only-programs.ts";
import type { CommandPart } from "./shell.ts";
import { listMatches } from "./wildcards.ts";

export const areNamesPlain = (starts: readonly string[], folders: readonly string[], paths: PolicyPaths): boolean =>
  starts.every(
    (start) =>
      /^[^\s'"\\]+$/.test(start) &&
      folders.every((folder) => findPathArguments(start, folder, paths).every(({ path }) => paths.hasPlainNames(path))),
  );

/** The paths that a word with wildcards may stand for: those on the disk, and its literal start. */
export function expandWord(word: string, part: CommandPart, folder: string, paths: PolicyPaths): string[] {
  const at = part.words.indexOf(word);
  const prefix = at < 0 ? null : part.globs[at];
  if (prefix === null || prefix === undefined) return [word];
  if (/(^|\/)\.\.($|\/)/.test(word.slice(prefix.length))) return ["/.."];
  const start = prefix.slice(0, prefix.lastIndexOf("/") + 1) || ".";
  // These programs show a link itself, not its target.
  if (/^(du|stat|readlink|echo)$/.test(part.words[0] ?? "") && !part.words.some((one) => /^-\w*L/.test(one)))
    return [start];
  return [start, ...(listMatches(word, folder, paths.listNames) ?? ["/"])];
}

/** A name that begins with a dash is an option for the program. */
export function checkGlobOption(
  word: string,
  prefix: string | null | undefined,
  folders: readonly string[],
  paths: PolicyPaths,
) {
  if (prefix === null || prefix === undefined || !/^[*?[-]/.test(word)) return null;
  const matches = folders.flatMap((folder) => listMatches(word, folder, paths.listNames) ?? ["-"]);
  const option = matches.find((match) => match.startsWith("-"));
  return option === undefined
    ? null
    : { decision: "ask" as const, reason: `${word} may expand to an option (${option})`, overridesRules: false };
}

/** Why a part cannot be allowed by a prefix rule or as read-only. */
export function findPartRisk(
  part: CommandPart,
  use: ReaderUse,
  folders: readonly string[],
  paths: PolicyPaths,
): string | null {
  if (part.writes.length > 0) return `it writes to ${part.writes.join(", ")}`;
  const globs = part.words.filter((_, at) => part.globs[at] !== null);
  if (globs.length === 0 || part.words[0] === "echo") return null;
  const operands = "paths" in use && use.expands ? [...use.operands, ...use.limits] : [];
  const count = (list: readonly string[], word: string) => list.filter((one) => one === word).length;
  // A wildcard that matches nothing now is a value, such as --include=*.ts without quotes.
  const isOperand = (word: string) => count(operands, word) === count(part.words, word);
  const isValue = (word: string) => folders.every((folder) => listMatches(word, folder, paths.listNames)?.length === 0);
  return globs.every((word) => isOperand(word) || ("paths" in use && isValue(word)))
    ? null
    : "its wildcards may match other files when it runs";
}
