/** Decides on a command line as a whole, because what it will run cannot be determined part by part. */
import { checkPath, findPathArguments } from "./check-paths.ts";
import {
  type CommandJudge,
  checkPathInCode,
  checkPattern,
  createDecider,
  createExactRule,
  findPathRule,
  findWorst,
  type JudgedPart,
} from "./command-findings.ts";
import { checkHiddenWrites, checkSettingsChange } from "./hidden-writes.ts";
import { listReachableCommands, matchesForbidden, runsCode, splitCode } from "./program-tables.ts";
import type { CommandLine, LineContents } from "./shell.ts";
import { splitBraces } from "./wildcards.ts";

export function judgeOpaque(
  command: string,
  line: Extract<CommandLine, { kind: "opaque" }>,
  cwd: string,
  judge: CommandJudge,
): JudgedPart {
  const decide = createDecider(command);
  const { deny, ask } = judge.parsedRules;
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
    ...commands.map((words) => checkSettingsChange(words.map((word) => word ?? "?"))),
  ]);
  if (guard?.overridesRules) return decide(guard.decision, guard.reason);
  const asked =
    ask.find((rule) => rule.match.kind === "any" || commands.some((words) => matchesForbidden(rule.match, words))) ??
    findPathRule(judge.rules.ask, touchedPaths, touchedPaths);
  if (asked !== null) return decide("ask", `the rule ${asked.text} requires approval`, asked);
  if (judge.exact !== null) return decide("allow", `the rule ${judge.exact.text} allows it`, judge.exact);
  const whole = createExactRule(command);
  if (guard !== null) return decide("ask", guard.reason, null, whole);
  if (judge.any === null) return decide("ask", `it cannot be checked part by part: ${line.reason}`, null, whole);
  if (deny[0] !== undefined)
    return decide("ask", `${line.reason}, so it may do what the rule ${deny[0].text} forbids`, null, whole);
  const hidden = findWorst(
    (line.found?.commands ?? []).map((words) =>
      checkHiddenWrites(
        words.map((word) => word ?? "?"),
        undefined,
        cwd,
        judge.paths,
      ),
    ),
  );
  const uncertainty =
    hidden?.reason ??
    unknownWords.map(findHiddenSegment).find((found) => found !== null) ??
    findUncertainty(line.found);
  if (uncertainty !== null) return decide("ask", uncertainty, null, whole);
  const rule = judge.parsedRules.allow.find((candidate) => candidate.text === judge.any?.rule) ?? null;
  return decide("allow", rule ? `the rule ${rule.text} allows it` : "the mode allows commands in the workspace", rule);
}

/** A name that begins with a dot and is assembled from pieces. */
const findHiddenSegment = (word: string): string | null =>
  /(^|[/="'{,:])\.(?!\.?(["'/}]|$))/.test(word) ? `${word} may name a protected file` : null;

/** Any other variable that the line does not set itself may contain any path. */
const HARMLESS_VARIABLES = /^([0-9@*#?!$_-]|PWD|RANDOM|SECONDS|LINENO|IFS|i|PIPESTATUS)$/;

function findUncertainty(found: LineContents | null): string | null {
  if (found === null) return "it cannot be parsed";
  if (found.computedTargets[0] !== undefined) return `the file that ${found.computedTargets[0]} names is unknown`;
  const variable = found.variables.find((name) => !HARMLESS_VARIABLES.test(name));
  if (variable !== undefined) return `the value of $${variable} is unknown`;
  const leads = /(^|[^.\w])\.\.(\/|$)|\/\.\.|(^|[=:'"])~|\$\{?PWD[%#/:]/;
  return found.unknownWords.some((word) => leads.test(word)) ? "it may lead outside the workspace" : null;
}
