/**
 * Judges a command line: part by part where it is plain, as a whole where it is not. The order of the questions is the law:
 * forbidden, protected, exactly allowed, to be asked, leading away, allowed by its beginning, allowed by the mode, only reading.
 */
import { resolve } from "node:path";
import { mayNameGuarded, piecesOf } from "./patterns.ts";
import { objection, type Place, type Places, placesIn } from "./places.ts";
import {
  baseName,
  couldBe,
  dangerousOption,
  exactOnly,
  forbids,
  reachable,
  runsCode,
  unknowable,
  wordsInCode,
} from "./programs.ts";
import { isWithin } from "./protected.ts";
import { isListed, reading } from "./readers.ts";
import { allowsWords, namesTool, type Rule } from "./rules.ts";
import { type Found, type Line, type Part, readLine, type Syntax } from "./shell.ts";

export type Decision = "allow" | "ask" | "deny";

export interface JudgedPart {
  command: string;
  decision: Decision;
  /** The text of the rule that decided, or null where none did. */
  rule: string | null;
  reason: string;
  /** The rule to offer for "always", or null where this must be asked each time. */
  always: string | null;
}

export interface RuleBook {
  allow: readonly Rule[];
  ask: readonly Rule[];
  deny: readonly Rule[];
}

export interface LineContext {
  tool: string;
  /** `any` for a mode or rule that allows every command; then the rule's text, or null for the mode. */
  any: { rule: string | null } | null;
  rules: RuleBook;
  places: Places;
  syntax: Syntax;
}

export function judgeLine(command: string, cwd: string, context: LineContext): JudgedPart[] {
  const line = readLine(command, context.syntax);
  const forCommands = (rules: readonly Rule[]) => rules.filter((rule) => namesTool(rule, ["bash", context.tool]));
  const book = {
    allow: forCommands(context.rules.allow),
    ask: forCommands(context.rules.ask),
    deny: forCommands(context.rules.deny),
  };
  const judge = { ...context, book, exact: exactLine(command, book.allow) };
  const parts = line.kind === "plain" ? judgeParts(line.parts, cwd, judge) : [judgeOpaque(command, line, cwd, judge)];
  return parts;
}

interface Judge extends LineContext {
  /** The rules that speak of commands. */
  book: RuleBook;
  /** An allow rule that is this very line. */
  exact: Rule | null;
}

function exactLine(command: string, allow: readonly Rule[]): Rule | null {
  return (
    allow.find((rule) => rule.match.kind === "command" && !rule.match.open && rule.match.line === command.trim()) ??
    null
  );
}

function judgeParts(parts: readonly Part[], cwd: string, judge: Judge): JudgedPart[] {
  // After `cd` the rest runs there, or, where that failed, still here: both must hold.
  let folders = [cwd];
  const writes = parts.some(
    (part) => part.writes.length > 0 || /^(tee|cp|mv|ln|install|chmod|dd)$/.test(part.words[0] ?? ""),
  );
  const hasCode = parts.some(({ words }) => runsCode(words));
  return parts.map((part) => {
    const judged = judgePart(part, folders, { writes, hasCode }, judge);
    // Four times doubles the places to sixteen; whoever goes on from there may be anywhere.
    if (part.words[0] === "cd")
      folders =
        folders.length >= 16
          ? ["/"]
          : [...folders, ...folders.map((folder) => resolve(folder, part.words[1] ?? judge.places.home))];
    return judged;
  });
}

const answering =
  (command: string) =>
  (decision: Decision, reason: string, rule: Rule | null = null, always: string | null = null): JudgedPart => ({
    command,
    decision,
    rule: rule?.text ?? null,
    reason,
    always,
  });

/** Of the whole line: some part of it writes files, or runs text that any of its words may be. */
interface LineFacts {
  writes: boolean;
  hasCode: boolean;
}

function judgePart(part: Part, folders: readonly string[], facts: LineFacts, judge: Judge): JudgedPart {
  const answer = answering(part.text);
  const { words } = part;
  const reached = reachable(words);
  const denied = judge.book.deny.find((rule) => reached.some((known) => forbids(rule.match, known)));
  if (denied !== undefined) return answer("deny", `the rule ${denied.text} forbids it`, denied);

  const use = reading(words);
  const reads = "paths" in use;
  const named = [...(reads ? use.paths : words.slice(1)), ...part.reads];
  const touched = (list: readonly string[]) =>
    list.flatMap((word) => folders.flatMap((folder) => placesIn(clip(word, part), folder, judge.places)));
  const seen = touched(named);
  const written = [...touched(part.writes), ...(reads ? [] : seen)];
  const inCode = touched(facts.hasCode ? [...new Set(words.flatMap(wordsInCode))] : []);
  const [mayRead, mayWrite] = [
    [...seen, ...inCode],
    [...written, ...inCode],
  ];
  const pathRule = rulesOnPaths(judge.rules.deny, mayRead, mayWrite);
  if (pathRule !== null) return answer("deny", `the rule ${pathRule.text} forbids it`, pathRule);

  const guard = worst([
    ...inCode.map((place) => objectionInCode(place, judge.places)),
    ...words.map((word, at) => (part.globs[at] === null ? null : patternProblem(word, !reads))),
    ...seen.map((place) => objection(place, "read", judge.places)),
    ...written.map((place) => objection(place, "edit", judge.places)),
    configures(words),
  ]);
  if (guard?.once) return answer(guard.decision, guard.why);
  const exact =
    judge.exact ??
    judge.book.allow.find((rule) => allowsWords(rule.match, words) === "exact" && plainOnly(part)) ??
    null;
  const asked =
    judge.book.ask.find((rule) => reached.some((known) => forbids(rule.match, known))) ??
    rulesOnPaths(judge.rules.ask, mayRead, mayWrite);
  const line = exactRule(part.text);
  if (asked !== null) return answer("ask", `the rule ${asked.text} says to ask`, asked, null);
  if (exact !== null) return answer("allow", `the rule ${exact.text} allows it`, exact);
  if (guard !== null) return answer("ask", guard.why, null, line);

  const elsewhere = folders.length > 1 || folders[0] !== judge.places.root;
  const strict = strictProblem(part) ?? (words[0] === "git" ? gitProblem(elsewhere, judge.places) : null);
  const prefix = judge.book.allow.find((rule) => allowsWords(rule.match, words) === "prefix");
  if (prefix !== undefined && strict === null && prefixProblem(words, use) === null)
    return answer("allow", `the rule ${prefix.text} allows it`, prefix);
  if (judge.any !== null) {
    const doubt = anyProblem(words, facts.writes, judge.book.deny);
    if (doubt !== null) return answer("ask", doubt, null, line);
    const rule = judge.book.allow.find((candidate) => candidate.text === judge.any?.rule) ?? null;
    return answer(
      "allow",
      rule ? `the rule ${rule.text} allows it` : "the mode allows commands in the workspace",
      rule,
    );
  }
  if (reads && strict === null) return answer("allow", "it only reads in the workspace");
  const why =
    strict ?? (reads ? null : prefixProblem(words, use)) ?? ("problem" in use ? use.problem : "no rule allows it");
  return answer("ask", why, null, always(part, strict));
}

/** What a wildcard may become is not known; its beginning is. */
function clip(word: string, part: Part): string {
  const at = part.words.indexOf(word);
  const beginning = at < 0 ? null : part.globs[at];
  if (beginning === null || beginning === undefined) return word;
  return /(^|\/)\.\.($|\/)/.test(word.slice(beginning.length))
    ? "/.."
    : beginning.slice(0, beginning.lastIndexOf("/") + 1) || ".";
}

const plainOnly = (part: Part): boolean => part.writes.length === 0 && part.globs.every((glob) => glob === null);

/** Code holds much that looks like a path and is none: only what lies in the workspace, or is protected anywhere, counts. */
function objectionInCode(place: Place, places: Places) {
  const finding = objection(place, "edit", places);
  return finding?.once || isWithin(place.path, places.root) ? finding : null;
}

const patternProblem = (word: string, writes: boolean) =>
  mayNameGuarded(word)
    ? { decision: "ask" as const, why: `${word} may name a file that is protected or holds secrets`, once: writes }
    : null;

/** What keeps a part from being allowed by its beginning or as only reading. */
function strictProblem(part: Part): string | null {
  if (part.writes.length > 0) return `it writes to ${part.writes.join(", ")}`;
  return part.globs.some((glob) => glob !== null) ? "nobody can say what its patterns will become" : null;
}

function gitProblem(elsewhere: boolean, places: Places): string | null {
  return elsewhere ? "git in another folder may run what that folder's settings name" : places.gitDoubt(places.root);
}

/** An allow rule with `:*` never admits options that run programs or write files; for programs that only read, the list decides. */
function prefixProblem(words: readonly string[], use: ReturnType<typeof reading>): string | null {
  if ("problem" in use && isListed(words)) return use.problem;
  if (
    "problem" in use &&
    /^(printf|test|\[|command|read|declare|typeset|export|unset|let|eval|source|\.)$/.test(words[0] ?? "")
  )
    return use.problem;
  return dangerousOption(words) === null || "paths" in use ? null : dangerousOption(words);
}

/** Where every command is allowed, but some are forbidden: could this be one of them? */
function anyProblem(words: readonly string[], lineWrites: boolean, deny: readonly Rule[]): string | null {
  if (deny.length === 0) return null;
  if ("paths" in reading(words)) return null;
  const hidden = deny.find((rule) => couldBe(rule.match, words));
  if (hidden !== undefined) return `it may do what the rule ${hidden.text} forbids`;
  const doubt =
    unknowable(words, lineWrites) ?? (reachable(words).some(runsBySed) ? "the sed script may run a program" : null);
  return doubt === null ? null : `${doubt}, so it may do what the rule ${deny[0]?.text} forbids`;
}

/** A sed script that is more than the plain ones; whether it changes the file in place does not matter here. */
function runsBySed(words: readonly (string | null)[]): boolean {
  const known = words.filter((word) => word !== null && !/^(-i.*|--in-place.*)$/.test(word)).map(String);
  return baseName(known[0] ?? "") === "sed" && "problem" in reading(["sed", ...known.slice(1)]);
}

/** Commands that change settings which run programs later. */
function configures(words: readonly string[]) {
  const text = words.join(" ");
  const changes =
    /^git (config (?!.*(--get|--list|-l\b|get |list ))|remote (add|set-url|rename)|submodule add|worktree add .*\.git)|^(npm|pnpm|yarn) config (set|delete)|^git .*core\.(hookspath|fsmonitor|sshcommand|pager|editor)/i;
  return changes.test(text)
    ? { decision: "ask" as const, why: "it changes settings that decide what programs run", once: true }
    : null;
}

function worst(findings: readonly (ReturnType<typeof objection> | null)[]) {
  const all = findings.filter((finding) => finding !== null);
  return all.find((finding) => finding.decision === "deny") ?? all.find((finding) => finding.once) ?? all[0] ?? null;
}

function rulesOnPaths(rules: readonly Rule[], seen: readonly Place[], written: readonly Place[]): Rule | null {
  const hit = (rule: Rule, list: readonly Place[]) =>
    rule.match.kind === "path" &&
    list.some(({ path, named }) => rule.match.kind === "path" && (rule.match.wide(path) || rule.match.wide(named)));
  return (
    rules.find(
      (rule) =>
        (namesTool(rule, ["read"]) && hit(rule, seen)) ||
        (namesTool(rule, ["edit", "write", "patch"]) && hit(rule, written)),
    ) ?? null
  );
}

function judgeOpaque(command: string, line: Extract<Line, { kind: "opaque" }>, cwd: string, judge: Judge): JudgedPart {
  const answer = answering(command);
  const { deny, ask } = judge.book;
  const commands = (line.found?.commands ?? []).flatMap((words) => reachable(words));
  const denied = deny.find((rule) => rule.match.kind === "any" || commands.some((words) => forbids(rule.match, words)));
  if (denied !== undefined) return answer("deny", `the rule ${denied.text} forbids it`, denied);
  if (line.capped && deny[0] !== undefined)
    return answer("deny", `${line.why}, so it may hold what the rule ${deny[0].text} forbids`, deny[0]);
  const unsure = line.found?.unsure ?? [];
  const named = [...(line.found?.words ?? []), ...unsure.flatMap(piecesOf)];
  const places = named.flatMap((word) => placesIn(word, cwd, judge.places));
  const code = (line.found?.commands ?? []).some(runsCode) ? [...(line.found?.words ?? []), ...unsure] : [];
  const inCode = [...new Set(code.flatMap(wordsInCode))].flatMap((word) => placesIn(word, cwd, judge.places));
  const touched = [...places, ...inCode];
  const pathRule = rulesOnPaths(judge.rules.deny, touched, touched);
  if (pathRule !== null) return answer("deny", `the rule ${pathRule.text} forbids it`, pathRule);
  const guard = worst([
    ...places.map((place) => objection(place, "edit", judge.places)),
    ...inCode.map((place) => objectionInCode(place, judge.places)),
    ...unsure.flatMap((word) => [word, ...piecesOf(word)]).map((word) => patternProblem(word, true)),
    ...(line.found?.commands ?? []).map((words) => configures(words.map((word) => word ?? "?"))),
  ]);
  if (guard?.once) return answer(guard.decision, guard.why);
  const asked =
    ask.find((rule) => rule.match.kind === "any" || commands.some((words) => forbids(rule.match, words))) ??
    rulesOnPaths(judge.rules.ask, touched, touched);
  if (asked !== null) return answer("ask", `the rule ${asked.text} says to ask`, asked);
  if (judge.exact !== null) return answer("allow", `the rule ${judge.exact.text} allows it`, judge.exact);
  const whole = exactRule(command);
  if (guard !== null) return answer("ask", guard.why, null, whole);
  if (judge.any === null) return answer("ask", `it cannot be judged part by part: ${line.why}`, null, whole);
  if (deny[0] !== undefined)
    return answer("ask", `${line.why}, so it may do what the rule ${deny[0].text} forbids`, null, whole);
  const blind = blindSpot(line.found);
  if (blind !== null) return answer("ask", blind, null, whole);
  const rule = judge.book.allow.find((candidate) => candidate.text === judge.any?.rule) ?? null;
  return answer("allow", rule ? `the rule ${rule.text} allows it` : "the mode allows commands in the workspace", rule);
}

/** Harmless variables; any other that the line does not set itself may lead anywhere. */
const harmless = /^([0-9@*#?!$_-]|PWD|RANDOM|SECONDS|LINENO|IFS|i|PIPESTATUS)$/;

function blindSpot(found: Found | null): string | null {
  if (found === null) return "it cannot be read";
  const variable = found.variables.find((name) => !harmless.test(name));
  if (variable !== undefined) return `nobody can say where $${variable} leads`;
  const leads = /(^|[^.\w])\.\.(\/|$)|\/\.\.|(^|[=:'"])~|\$\{?PWD[%#/:]/;
  return found.unsure.some((word) => leads.test(word)) ? "it may lead outside the workspace" : null;
}

function exactRule(text: string): string {
  return `bash(${text.trim()})`;
}

/** A beginning at word boundaries for ordinary programs, the exact line for everything else. */
function always(part: Part, strict: string | null): string {
  const [program = "", second = ""] = part.words;
  const simple =
    /^[A-Za-z0-9][\w.+-]*$/.test(program) &&
    plainOnly(part) &&
    strict === null &&
    !exactOnly(part.words) &&
    !isListed(part.words);
  if (!simple || part.reads.length > 0 || !/^[a-z][a-z0-9:-]*$/.test(second)) return exactRule(part.text);
  const third = part.words[2] ?? "";
  if (second === "run" || second === "run-script" || second === "exec")
    return /^[a-z][\w:-]*$/.test(third) ? `bash(${program} ${second} ${third}:*)` : exactRule(part.text);
  return `bash(${program} ${second}:*)`;
}
