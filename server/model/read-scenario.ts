/** Reads a scenario: parses JSONC, and reports each mistake with its line, its step and what is wrong there. */
import type { Node, ParseError } from "jsonc-parser";
import type { z } from "zod";
import { endSentence, TuttiError } from "../../protocol/errors.ts";
import { findNearest } from "../../protocol/nearest.ts";
import { describeExpected, describeSyntaxError } from "../config/describe-issue.ts";
import { listScenarioKeys, type Scenario, type Step, scenarioSchema } from "./scenario.ts";
import { checkTemplate } from "./template.ts";
import { checkTextPattern } from "./text-pattern.ts";

type Path = readonly PropertyKey[];

interface Problem {
  path: Path;
  message: string;
}

const MAX_PROBLEMS = 10;

/** Throws a `usage` error that lists the mistakes. */
export async function readScenario(text: string, file: string): Promise<Scenario> {
  const { findNodeAtLocation, getNodeValue, parseTree, printParseErrorCode } = await import("jsonc-parser");
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const [broken] = errors;
  const lineAt = (offset: number): number => text.slice(0, offset).split("\n").length;
  if (broken !== undefined || tree === undefined)
    throw createError(file, [
      { line: lineAt(broken?.offset ?? 0), message: describeSyntaxError(printParseErrorCode(broken?.error ?? 4)) },
    ]);
  const checked = scenarioSchema.safeParse(getNodeValue(tree));
  const typeAt = (path: Path): unknown => {
    const node = findNodeAtLocation(tree, [...(path as (string | number)[]), "type"]);
    return node && getNodeValue(node);
  };
  const problems = checked.success
    ? findProblems(checked.data)
    : checked.error.issues.flatMap((issue) => describeIssue(issue, typeAt(issue.path)));
  if (checked.success && problems.length === 0) return checked.data;
  const find = (path: Path): Node =>
    findNodeAtLocation(tree, path as (string | number)[]) ?? (path.length > 0 ? find(path.slice(0, -1)) : tree);
  throw createError(
    file,
    problems.map(({ path, message }) => ({
      line: lineAt(find(path).offset),
      message: `${formatPath(path)}${message}`,
    })),
  );
}

function createError(file: string, problems: readonly { line: number; message: string }[]): TuttiError {
  const [first, ...others] = problems.toSorted((a, b) => a.line - b.line);
  const more = others.slice(MAX_PROBLEMS - 1).length;
  const lines = [
    `${file}:${first?.line} is not a scenario: ${endSentence(first?.message ?? "")}`,
    ...others.slice(0, MAX_PROBLEMS - 1).map(({ line, message }) => `${file}:${line}: ${endSentence(message)}`),
    ...(more > 0 ? [more === 1 ? "1 more problem is not shown." : `${more} more problems are not shown.`] : []),
  ];
  return new TuttiError("usage", lines.join("\n"));
}

/** `steps[2].when.user: ` */
const formatPath = (path: Path): string =>
  path.length === 0
    ? ""
    : `${path.reduce<string>((text, key) => (typeof key === "number" ? `${text}[${key}]` : `${text}${text && "."}${String(key)}`), "")}: `;

function describeIssue(issue: z.core.$ZodIssue, type: unknown): Problem[] {
  const { path } = issue;
  if (issue.code === "unrecognized_keys") {
    const known = listScenarioKeys(path, type);
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: `unknown key${suggest(key, known) ?? `; known: ${[...new Set(known)].join(", ")}`}`,
    }));
  }
  if (issue.code === "invalid_union" && "options" in issue) {
    const types = (issue.options as string[]).join(", ");
    return [{ path, message: `must be one of ${types}` }];
  }
  const isEmpty = issue.code === "too_small" && issue.origin === "array";
  return [{ path, message: isEmpty ? "must have at least one item" : `must be ${describeExpected(issue)}` }];
}

function suggest(name: string, known: readonly string[]): string | null {
  const near = findNearest(name, known);
  return near === null ? null : `; did you mean ${JSON.stringify(near)}?`;
}

/** What the schema cannot express: templates, patterns, and faults that could not happen. */
const findProblems = ({ steps }: Scenario): Problem[] =>
  steps.flatMap((step, index) => checkStep(step, ["steps", index]));

function checkStep(step: Step, path: Path): Problem[] {
  const { when = {}, calls = [], plain = false } = step;
  const problems: Problem[] = [];
  const add = (at: Path, message: string | null): void => {
    if (message !== null) problems.push({ path: [...path, ...at], message });
  };
  for (const key of ["user", "result"] as const)
    if (when[key] !== undefined) add(["when", key], checkTextPattern(when[key]));
  for (const key of ["some", "none"] as const)
    if (when[key] !== undefined) add(["when", key], checkTemplate(when[key], false));
  for (const key of ["think", "say"] as const)
    if (step[key] !== undefined && !plain) add([key], checkTemplate(step[key], false));
  for (const [index, { if: only, each, input = {} }] of calls.entries()) {
    if (only !== undefined) add(["calls", index, "if"], checkTemplate(only, false));
    if (each !== undefined) add(["calls", index, "each"], checkTemplate(each, false));
    if (!plain)
      for (const [at, text] of listTexts(input))
        add(["calls", index, "input", ...at], checkTemplate(text, each !== undefined));
  }
  if (step.fault?.type === "bad-arguments" && calls.length === 0) add(["fault"], "`bad-arguments` requires `calls`");
  return problems;
}

/** All texts in a value, with their paths. */
function listTexts(value: unknown, path: Path = []): [path: Path, text: string][] {
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    listTexts(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
