/**
 * Decides on a command line: for each part if it is plain, otherwise as a whole. The order of the checks matters:
 * deny rules, protected files, ask rules, exact allow rules, paths outside, prefix allow rules, the mode, read-only programs.
 */
import { resolve } from "node:path";
import { isWithin } from "../workspace/within.ts";
import { checkPath, findPathArguments, type PathArgument, type PolicyPaths } from "./check-paths.ts";
import {
  couldMatch,
  describeUnknown,
  findDangerousOption,
  getBaseName,
  listReachableCommands,
  matchesForbidden,
  needsExactRule,
  runsCode,
  splitCode,
} from "./program-tables.ts";
import { isKnownReader, parseReaderUse } from "./read-only-programs.ts";
import { matchesTool, matchWords, type Rule } from "./rules.ts";
import { type CommandLine, type CommandPart, type LineContents, parseCommandLine, type Syntax } from "./shell.ts";
import { mayNameProtectedFile, splitBraces } from "./wildcards.ts";

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

export interface RuleBook {
  allow: readonly Rule[];
  ask: readonly Rule[];
  deny: readonly Rule[];
}

export interface CommandLineContext {
  tool: string;
  /** Set if a mode or a rule allows every command: the rule's text, or null for the mode. */
  any: { rule: string | null } | null;
  rules: RuleBook;
  paths: PolicyPaths;
  syntax: Syntax;
}

export function judgeCommandLine(command: string, cwd: string, context: CommandLineContext): JudgedPart[] {
  const line = parseCommandLine(command, context.syntax);
  const forCommands = (rules: readonly Rule[]) => rules.filter((rule) => matchesTool(rule, ["bash", context.tool]));
  const book = {
    allow: forCommands(context.rules.allow),
    ask: forCommands(context.rules.ask),
    deny: forCommands(context.rules.deny),
  };
  const judge = { ...context, book, exact: findExactRule(command, book.allow) };
  const parts = line.kind === "plain" ? judgeParts(line.parts, cwd, judge) : [judgeOpaque(command, line, cwd, judge)];
  return parts;
}

interface CommandJudge extends CommandLineContext {
  /** The rules for commands. */
  book: RuleBook;
  /** An allow rule for exactly this line. */
  exact: Rule | null;
}

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

const createDecider =
  (command: string) =>
  (decision: Decision, reason: string, rule: Rule | null = null, always: string | null = null): JudgedPart => ({
    command,
    decision,
    rule: rule?.text ?? null,
    reason,
    always,
  });

/** Whether some part of the line writes files, or runs text that any of its words may be. */
interface LineFacts {
  writes: boolean;
  hasCode: boolean;
}

function judgePart(part: CommandPart, folders: readonly string[], facts: LineFacts, judge: CommandJudge): JudgedPart {
  const decide = createDecider(part.text);
  const { words } = part;
  const reachableCommands = listReachableCommands(words);
  const denied = judge.book.deny.find((rule) => reachableCommands.some((known) => matchesForbidden(rule.match, known)));
  if (denied !== undefined) return decide("deny", `the rule ${denied.text} forbids it`, denied);

  const use = parseReaderUse(words);
  const reads = "paths" in use;
  const named = [...(reads ? use.paths : words.slice(1)), ...part.reads];
  const resolvePaths = (list: readonly string[]) =>
    list.flatMap((word) => folders.flatMap((folder) => findPathArguments(clipGlob(word, part), folder, judge.paths)));
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
    checkSettingsChange(words),
  ]);
  if (finding?.overridesRules) return decide(finding.decision, finding.reason);
  const exact =
    judge.exact ?? judge.book.allow.find((rule) => matchWords(rule.match, words) === "exact" && isPlain(part)) ?? null;
  const asked =
    judge.book.ask.find((rule) => reachableCommands.some((known) => matchesForbidden(rule.match, known))) ??
    findPathRule(judge.rules.ask, mayRead, mayWrite);
  const line = createExactRule(part.text);
  if (asked !== null) return decide("ask", `the rule ${asked.text} says to ask`, asked, null);
  if (exact !== null) return decide("allow", `the rule ${exact.text} allows it`, exact);
  if (finding !== null) return decide("ask", finding.reason, null, line);

  const isElsewhere = folders.length > 1 || folders[0] !== judge.paths.root;
  const risk = findPartRisk(part) ?? (words[0] === "git" ? findGitProblem(isElsewhere, judge.paths) : null);
  const prefix = judge.book.allow.find((rule) => matchWords(rule.match, words) === "prefix");
  if (prefix !== undefined && risk === null && findPrefixRisk(words, use) === null)
    return decide("allow", `the rule ${prefix.text} allows it`, prefix);
  if (judge.any !== null) {
    const denyRisk = findDenyRisk(words, facts.writes, judge.book.deny);
    if (denyRisk !== null) return decide("ask", denyRisk, null, line);
    const rule = judge.book.allow.find((candidate) => candidate.text === judge.any?.rule) ?? null;
    return decide(
      "allow",
      rule ? `the rule ${rule.text} allows it` : "the mode allows commands in the workspace",
      rule,
    );
  }
  if (reads && risk === null) return decide("allow", "it only reads in the workspace");
  const reason =
    risk ?? (reads ? null : findPrefixRisk(words, use)) ?? ("problem" in use ? use.problem : "no rule allows it");
  return decide("ask", reason, null, suggestRule(part, risk));
}

/** The known literal part of a word with a wildcard. */
function clipGlob(word: string, part: CommandPart): string {
  const at = part.words.indexOf(word);
  const prefix = at < 0 ? null : part.globs[at];
  if (prefix === null || prefix === undefined) return word;
  return /(^|\/)\.\.($|\/)/.test(word.slice(prefix.length))
    ? "/.."
    : prefix.slice(0, prefix.lastIndexOf("/") + 1) || ".";
}

const isPlain = (part: CommandPart): boolean => part.writes.length === 0 && part.globs.every((glob) => glob === null);

/** Much in code looks like a path but is none, so only paths in the workspace and protected files count. */
function checkPathInCode(argument: PathArgument, paths: PolicyPaths) {
  const finding = checkPath(argument, "edit", paths);
  return finding?.overridesRules || isWithin(argument.path, paths.root) ? finding : null;
}

const checkPattern = (word: string, writes: boolean) =>
  mayNameProtectedFile(word)
    ? {
        decision: "ask" as const,
        reason: `${word} may name a file that is protected or holds secrets`,
        overridesRules: writes,
      }
    : null;

/** Why a part cannot be allowed by a prefix rule or as read-only. */
function findPartRisk(part: CommandPart): string | null {
  if (part.writes.length > 0) return `it writes to ${part.writes.join(", ")}`;
  return part.globs.some((glob) => glob !== null) ? "its wildcards may match other files when it runs" : null;
}

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
  const denyRisk =
    describeUnknown(words, lineWrites) ??
    (listReachableCommands(words).some(isUnsafeSed) ? "the sed script may run a program" : null);
  return denyRisk === null ? null : `${denyRisk}, so it may do what the rule ${deny[0]?.text} forbids`;
}

/** True for a sed script that may run a program; `-i` does not matter here. */
function isUnsafeSed(words: readonly (string | null)[]): boolean {
  const known = words.filter((word) => word !== null && !/^(-i.*|--in-argument.*)$/.test(word)).map(String);
  return getBaseName(known[0] ?? "") === "sed" && "problem" in parseReaderUse(["sed", ...known.slice(1)]);
}

/** Finds commands that change settings that run programs later. */
function checkSettingsChange(words: readonly string[]) {
  const text = words.join(" ");
  const changes =
    /^git (config (?!.*(--get|--list|-l\b|get |list ))|remote (add|set-url|rename)|submodule add|worktree add .*\.git)|^(npm|pnpm|yarn) config (set|delete)|^git .*core\.(hookspath|fsmonitor|sshcommand|pager|editor)/i;
  return changes.test(text)
    ? { decision: "ask" as const, reason: "it changes settings that decide what programs run", overridesRules: true }
    : null;
}

function findWorst(findings: readonly (ReturnType<typeof checkPath> | null)[]) {
  const all = findings.filter((finding) => finding !== null);
  return (
    all.find((finding) => finding.decision === "deny") ??
    all.find((finding) => finding.overridesRules) ??
    all[0] ??
    null
  );
}

function findPathRule(
  rules: readonly Rule[],
  readPaths: readonly PathArgument[],
  writtenPaths: readonly PathArgument[],
): Rule | null {
  const matchesAny = (rule: Rule, list: readonly PathArgument[]) =>
    rule.match.kind === "path" &&
    list.some(
      ({ path, named }) =>
        rule.match.kind === "path" && (rule.match.matchesWide(path) || rule.match.matchesWide(named)),
    );
  return (
    rules.find(
      (rule) =>
        (matchesTool(rule, ["read"]) && matchesAny(rule, readPaths)) ||
        (matchesTool(rule, ["edit", "write", "patch"]) && matchesAny(rule, writtenPaths)),
    ) ?? null
  );
}

function judgeOpaque(
  command: string,
  line: Extract<CommandLine, { kind: "opaque" }>,
  cwd: string,
  judge: CommandJudge,
): JudgedPart {
  const decide = createDecider(command);
  const { deny, ask } = judge.book;
  const commands = (line.found?.commands ?? []).flatMap((words) => listReachableCommands(words));
  const denied = deny.find(
    (rule) => rule.match.kind === "any" || commands.some((words) => matchesForbidden(rule.match, words)),
  );
  if (denied !== undefined) return decide("deny", `the rule ${denied.text} forbids it`, denied);
  if (line.capped && deny[0] !== undefined)
    return decide("deny", `${line.reason}, so it may contain what the rule ${deny[0].text} forbids`, deny[0]);
  const unknownWords = line.found?.unknownWords ?? [];
  const named = [...(line.found?.words ?? []), ...unknownWords.flatMap(splitBraces)];
  const wordPaths = named.flatMap((word) => findPathArguments(word, cwd, judge.paths));
  const code = (line.found?.commands ?? []).some(runsCode) ? [...(line.found?.words ?? []), ...unknownWords] : [];
  const codePaths = [...new Set(code.flatMap(splitCode))].flatMap((word) => findPathArguments(word, cwd, judge.paths));
  const touchedPaths = [...wordPaths, ...codePaths];
  const pathRule = findPathRule(judge.rules.deny, touchedPaths, touchedPaths);
  if (pathRule !== null) return decide("deny", `the rule ${pathRule.text} forbids it`, pathRule);
  const guard = findWorst([
    ...wordPaths.map((argument) => checkPath(argument, "edit", judge.paths)),
    ...codePaths.map((argument) => checkPathInCode(argument, judge.paths)),
    ...unknownWords.flatMap((word) => [word, ...splitBraces(word)]).map((word) => checkPattern(word, true)),
    ...(line.found?.commands ?? []).map((words) => checkSettingsChange(words.map((word) => word ?? "?"))),
  ]);
  if (guard?.overridesRules) return decide(guard.decision, guard.reason);
  const asked =
    ask.find((rule) => rule.match.kind === "any" || commands.some((words) => matchesForbidden(rule.match, words))) ??
    findPathRule(judge.rules.ask, touchedPaths, touchedPaths);
  if (asked !== null) return decide("ask", `the rule ${asked.text} says to ask`, asked);
  if (judge.exact !== null) return decide("allow", `the rule ${judge.exact.text} allows it`, judge.exact);
  const whole = createExactRule(command);
  if (guard !== null) return decide("ask", guard.reason, null, whole);
  if (judge.any === null) return decide("ask", `it cannot be checked part by part: ${line.reason}`, null, whole);
  if (deny[0] !== undefined)
    return decide("ask", `${line.reason}, so it may do what the rule ${deny[0].text} forbids`, null, whole);
  const uncertainty = findUncertainty(line.found);
  if (uncertainty !== null) return decide("ask", uncertainty, null, whole);
  const rule = judge.book.allow.find((candidate) => candidate.text === judge.any?.rule) ?? null;
  return decide("allow", rule ? `the rule ${rule.text} allows it` : "the mode allows commands in the workspace", rule);
}

/** Any other variable that the line does not set itself may contain any path. */
const HARMLESS_VARIABLES = /^([0-9@*#?!$_-]|PWD|RANDOM|SECONDS|LINENO|IFS|i|PIPESTATUS)$/;

function findUncertainty(found: LineContents | null): string | null {
  if (found === null) return "it cannot be parsed";
  const variable = found.variables.find((name) => !HARMLESS_VARIABLES.test(name));
  if (variable !== undefined) return `the value of $${variable} is unknown`;
  const leads = /(^|[^.\w])\.\.(\/|$)|\/\.\.|(^|[=:'"])~|\$\{?PWD[%#/:]/;
  return found.unknownWords.some((word) => leads.test(word)) ? "it may lead outside the workspace" : null;
}

function createExactRule(text: string): string {
  return `bash(${text.trim()})`;
}

/** A prefix rule at a word boundary for ordinary programs, the exact line for everything else. */
function suggestRule(part: CommandPart, risk: string | null): string {
  const [program = "", second = ""] = part.words;
  const simple =
    /^[A-Za-z0-9][\w.+-]*$/.test(program) &&
    isPlain(part) &&
    risk === null &&
    !needsExactRule(part.words) &&
    !isKnownReader(part.words);
  if (!simple || part.reads.length > 0 || !/^[a-z][a-z0-9:-]*$/.test(second)) return createExactRule(part.text);
  const third = part.words[2] ?? "";
  if (second === "run" || second === "run-script" || second === "exec")
    return /^[a-z][\w:-]*$/.test(third) ? `bash(${program} ${second} ${third}:*)` : createExactRule(part.text);
  return `bash(${program} ${second}:*)`;
}
