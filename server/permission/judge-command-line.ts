/**
 * Decides on a command line: for each part if it is plain, otherwise as a whole. The order of the checks matters:
 * deny rules, protected files, ask rules, exact allow rules, paths outside, prefix allow rules, the mode, read-only programs.
 */
import { resolve } from "node:path";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { checkPath, findPathArguments } from "./check-paths.ts";
import { checkHardLinks, checkReads } from "./check-reads.ts";
import {
  type CommandJudge,
  type CommandLineContext,
  checkPathInCode,
  checkPattern,
  createDecider,
  createExactRule,
  findPathRule,
  findWorst,
  type JudgedPart,
} from "./command-findings.ts";
import { areNamesPlain, checkGlobOption, expandWord, findPartRisk } from "./expand-words.ts";
import { checkHiddenWrites, checkSettingsChange } from "./hidden-writes.ts";
import { judgeOpaque } from "./judge-opaque-line.ts";
import {
  couldMatch,
  describeUnknown,
  findDangerousOption,
  findUnknownProgram,
  getBaseName,
  listReachableCommands,
  matchesForbidden,
  runsCode,
  splitCode,
} from "./program-tables.ts";
import { isKnownReader, parseReaderUse, type ReaderUse } from "./read-only-programs.ts";
import { isExempt, matchesTool, matchWords, type Rule } from "./rules.ts";
import { type CommandPart, parseCommandLine, type Syntax } from "./shell.ts";
import { suggestCommandRule } from "./suggest-rule.ts";

export function judgeCommandLine(command: string, cwd: string, context: CommandLineContext): JudgedPart[] {
  const line = parseCommandLine(command, context.syntax);
  const forCommands = (rules: readonly Rule[]) => rules.filter((rule) => matchesTool(rule, ["bash", context.tool]));
  const parsedRules = {
    allow: forCommands(context.rules.allow),
    ask: forCommands(context.rules.ask),
    deny: forCommands(context.rules.deny),
  };
  const judge = { ...context, parsedRules, exact: findExactRule(command, parsedRules.allow) };
  if (line.kind === "opaque") return [judgeOpaque(command, line, cwd, judge)];
  const reason = findReadersOnly(line.parts);
  return reason === null
    ? judgeParts(line.parts, cwd, judge)
    : [judgeOpaque(command, { kind: "opaque", reason, capped: false, found: line.found }, cwd, judge)];
}

/** True if the line can be checked part by part, and no part does more than read. */
export function onlyReads(command: string, syntax: Syntax): boolean {
  const line = parseCommandLine(command, syntax);
  return line.kind === "plain" && line.parts.every(isReading);
}

const isReading = ({ words, writes, input }: CommandPart): boolean =>
  writes.length === 0 && "paths" in parseReaderUse(words, input?.words);

/** Why the line must be judged as a whole: a part may only stand beside others that read. */
const findReadersOnly = (parts: readonly CommandPart[]): string | null =>
  parts.every(isReading) ? null : (parts.find(({ readersOnly }) => readersOnly !== null)?.readersOnly ?? null);

function findExactRule(command: string, allow: readonly Rule[]): Rule | null {
  return (
    allow.find((rule) => rule.match.kind === "command" && !rule.match.prefix && rule.match.line === command.trim()) ??
    null
  );
}

function judgeParts(parts: readonly CommandPart[], cwd: string, judge: CommandJudge): JudgedPart[] {
  // After `cd` the rest runs in the new folder, or, if cd fails, in the old one: both must be permitted.
  let folders = [cwd];
  const writes = parts.some(
    (part) => part.writes.length > 0 || /^(tee|cp|mv|ln|install|chmod|dd)$/.test(part.words[0] ?? ""),
  );
  const hasCode = parts.some(({ words }) => runsCode(words));
  return parts.map((part) => {
    const judged = judgePart(part, folders, { writes, hasCode }, judge);
    // Four `cd` commands give sixteen possible folders; after that, any folder is assumed.
    if (part.words[0] === "cd")
      folders =
        folders.length >= 16
          ? ["/"]
          : [...folders, ...folders.map((folder) => resolve(folder, part.words[1] ?? judge.paths.home))];
    return judged;
  });
}

/** Whether some part of the line writes files, or runs text that any of its words may be. */
interface LineFacts {
  writes: boolean;
  hasCode: boolean;
}

function judgePart(part: CommandPart, folders: readonly string[], facts: LineFacts, judge: CommandJudge): JudgedPart {
  const decide = createDecider(part.text);
  const { words } = part;
  const reachableCommands = listReachableCommands(words);
  const applies = (rule: Rule): boolean =>
    reachableCommands.some((known) => matchesForbidden(rule.match, known)) &&
    !isExempt(rule, ["bash", judge.tool], (match) => matchWords(match, words) !== null);
  const denied = judge.parsedRules.deny.find(applies);
  if (denied !== undefined) return decide("deny", `the rule ${denied.text} forbids it`, denied);

  const use = parseInstalledReader(part, folders, judge.paths);
  const reads = "paths" in use;
  const named = [...(reads ? use.paths : words.slice(1)), ...part.reads];
  const resolvePaths = (list: readonly string[]) =>
    list.flatMap((word) =>
      folders.flatMap((folder) =>
        expandWord(word, part, folder, judge.paths).flatMap((path) => findPathArguments(path, folder, judge.paths)),
      ),
    );
  const namedPaths = resolvePaths(named);
  const writtenPaths = [...resolvePaths(part.writes), ...(reads ? [] : namedPaths)];
  const codePaths = resolvePaths(facts.hasCode ? [...new Set(words.flatMap(splitCode))] : []);
  const [mayRead, mayWrite] = [
    [...namedPaths, ...codePaths],
    [...writtenPaths, ...codePaths],
  ];
  const pathRule = findPathRule(judge.rules.deny, mayRead, mayWrite);
  if (pathRule !== null) return decide("deny", `the rule ${pathRule.text} forbids it`, pathRule);

  const finding = findWorst([
    ...codePaths.map((argument) => checkPathInCode(argument, judge.paths)),
    ...words.map((word, at) => (part.globs[at] === null ? null : checkPattern(word, !reads))),
    ...namedPaths.map((argument) => checkPath(argument, "read", judge.paths)),
    ...writtenPaths.map((argument) => checkPath(argument, "edit", judge.paths)),
    ...listReachableCommands(words).map((reached) => checkSettingsChange(reached.map((word) => word ?? ""))),
    ...(reads ? words.map((word, at) => checkGlobOption(word, part.globs[at], folders, judge.paths)) : []),
    ...(reads && judge.any === null ? folders.map((folder) => checkReads(part, use, folder, judge.paths)) : []),
    reads && judge.any === null ? checkHardLinks(words, namedPaths, judge.paths) : null,
  ]);
  if (finding?.overridesRules) return decide(finding.decision, finding.reason);
  const exact =
    judge.exact ??
    judge.parsedRules.allow.find((rule) => matchWords(rule.match, words) === "exact" && isPlain(part)) ??
    null;
  const asked = judge.parsedRules.ask.find(applies) ?? findPathRule(judge.rules.ask, mayRead, mayWrite);
  const line = createExactRule(part.text);
  if (asked !== null) return decide("ask", `the rule ${asked.text} requires approval`, asked, null);
  if (exact !== null) return decide("allow", `the rule ${exact.text} allows it`, exact);
  if (finding !== null) return decide("ask", finding.reason, null, line);

  const isElsewhere = folders.length > 1 || folders[0] !== judge.paths.root;
  const risk =
    findPartRisk(part, use, folders, judge.paths) ??
    (words[0] === "git" ? findGitProblem(isElsewhere, judge.paths) : null);
  const prefix = judge.parsedRules.allow.find((rule) => matchWords(rule.match, words) === "prefix");
  if (prefix !== undefined && risk === null && findPrefixRisk(words, use) === null)
    return decide("allow", `the rule ${prefix.text} allows it`, prefix);
  if (judge.any !== null) {
    const denyRisk = findDenyRisk(words, facts.writes, judge.parsedRules.deny);
    if (denyRisk !== null) return decide("ask", denyRisk, null, line);
    const hidden = reads
      ? null
      : findWorst(folders.map((folder) => checkHiddenWrites(words, part.input?.words, folder, judge.paths)));
    if (hidden !== null) return decide("ask", hidden.reason, null, line);
    const rule = judge.parsedRules.allow.find((candidate) => candidate.text === judge.any?.rule) ?? null;
    return decide(
      "allow",
      rule ? `the rule ${rule.text} allows it` : "the mode allows commands in the workspace",
      rule,
    );
  }
  if (reads && risk === null) return decide("allow", "it only reads in the workspace");
  const reason =
    risk ?? (reads ? null : findPrefixRisk(words, use)) ?? ("problem" in use ? use.problem : "no rule allows it");
  return decide("ask", reason, null, risk === null ? suggestCommandRule(part) : line);
}

/** A program that prints its version only reads if it is the installed one. */
function parseInstalledReader(
  { words, input }: CommandPart,
  folders: readonly string[],
  paths: PolicyPaths,
): ReaderUse {
  const use = parseReaderUse(words, input?.words);
  const [name = ""] = words;
  if ("listed" in use && !areNamesPlain(use.listed ?? [], folders, paths))
    return {
      problem: "a file name with a space or a quote would be split into several arguments; use -print0 and xargs -0",
    };
  return "version" in use && !paths.isInstalledProgram(name)
    ? { problem: `${name} may choose its version or program from the files in this folder` }
    : use;
}

const isPlain = (part: CommandPart): boolean => part.writes.length === 0 && part.globs.every((glob) => glob === null);

function findGitProblem(isElsewhere: boolean, paths: PolicyPaths): string | null {
  return isElsewhere
    ? "git in another folder may run programs that are configured there"
    : paths.findGitRisk(paths.root);
}

/** An allow rule with `:*` never covers options that run programs or write files; for read-only programs, the table decides. */
function findPrefixRisk(words: readonly string[], use: ReturnType<typeof parseReaderUse>): string | null {
  if ("problem" in use && isKnownReader(words)) return use.problem;
  if (
    "problem" in use &&
    /^(printf|test|\[|command|read|declare|typeset|export|unset|let|eval|source|\.)$/.test(words[0] ?? "")
  )
    return use.problem;
  return findDangerousOption(words) === null || "paths" in use ? null : findDangerousOption(words);
}

/** If every command is allowed but some are denied: why this might be one of the denied ones, or null. */
function findDenyRisk(words: readonly string[], lineWrites: boolean, deny: readonly Rule[]): string | null {
  if (deny.length === 0) return null;
  if ("paths" in parseReaderUse(words)) return null;
  const hidden = deny.find((rule) => couldMatch(rule.match, words));
  if (hidden !== undefined) return `it may do what the rule ${hidden.text} forbids`;
  const [name = ""] = words;
  const isDenied = deny.some(
    (rule) => rule.match.kind === "command" && getBaseName(rule.match.words?.[0] ?? "") === getBaseName(name),
  );
  const denyRisk =
    (isDenied ? null : findUnknownProgram(words)) ??
    describeUnknown(words, lineWrites) ??
    (listReachableCommands(words).some(isUnsafeSed) ? "the sed script may run a program" : null);
  return denyRisk === null ? null : `${denyRisk}, so it may do what the rule ${deny[0]?.text} forbids`;
}

/** True for a sed script that may run a program; `-i` does not matter here. */
function isUnsafeSed(words: readonly (string | null)[]): boolean {
  const known = words.filter((word) => word !== null && !/^(-i.*|--in-argument.*)$/.test(word)).map(String);
  return getBaseName(known[0] ?? "") === "sed" && "problem" in parseReaderUse(["sed", ...known.slice(1)]);
}
