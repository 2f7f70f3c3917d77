/** Evaluates `{{source | filter …}}` in the texts of a scenario from the conversation so far. Pure. */
import { describePatternError } from "./text-pattern.ts";

export interface TemplateContext {
  /** The last prompt. */
  user: string;
  turn: number;
  step: number;
  answer: number;
  attempt: number;
  /** Results of the calls of the last response, in order. */
  last: { tool: string; text: string }[];
  /** Results of all calls since the prompt. */
  all: { tool: string; text: string }[];
  /** Names of the available tools. */
  tools: string[];
}

type Filter = (lines: string[], args: string[]) => string[];

const readNumber = (args: string[], fallback: number): number => {
  const value = Number(args[0] ?? fallback);
  return Number.isFinite(value) ? value : fallback;
};
const lines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
/** Remarks of tools start with a bracket and are not names. */
const isRemark = (line: string): boolean => line.startsWith("(");

const filters: Record<string, Filter> = {
  lines: (all) => all.flatMap(lines),
  files: (all) => all.flatMap(lines).filter((line) => !line.endsWith("/") && !isRemark(line)),
  folders: (all) => all.flatMap(lines).filter((line) => line.endsWith("/")),
  match: (all, [pattern = ""]) => all.filter((line) => new RegExp(pattern, "i").test(line)),
  without: (all, [pattern = ""]) => all.filter((line) => !new RegExp(pattern, "i").test(line)),
  first: (all, args) => all.slice(0, readNumber(args, 1)),
  last: (all, args) => all.slice(-readNumber(args, 1)),
  nth: (all, args) => all.slice(readNumber(args, 1) - 1, readNumber(args, 1)),
  count: (all) => [String(all.length)],
  more: (all, args) => (all.length > readNumber(args, 0) ? [String(all.length)] : []),
  join: (all, [between = ", "]) => (all.length === 0 ? [] : [all.join(between)]),
  list: (all) => (all.length === 0 ? [] : [all.map((line) => `- ${line}`).join("\n")]),
  quote: (all) => all.map(quoteCode),
  blockquote: (all) => (all.length === 0 ? [] : [quoteBlock(all)]),
  clip: (all, args) =>
    all.map((line) => (line.length > readNumber(args, 80) ? `${line.slice(0, readNumber(args, 80))}…` : line)),
  replace: (all, [pattern = "", by = ""]) => all.map((line) => line.replace(new RegExp(pattern, "i"), by)),
  or: (all, [fallback = ""]) => (all.some((line) => line.trim() !== "") ? all : [fallback]),
};

type ArgumentKind = "number" | "pattern" | "text";

/** Only patterns are required. */
const filterArguments: Record<string, readonly ArgumentKind[]> = {
  match: ["pattern"],
  without: ["pattern"],
  first: ["number"],
  last: ["number"],
  nth: ["number"],
  more: ["number"],
  join: ["text"],
  clip: ["number"],
  replace: ["pattern", "text"],
  or: ["text"],
};

/** A fence that is longer than any run of backticks in the text. */
const fenceFor = (text: string, least: number): string =>
  "`".repeat(Math.max(least, ...(text.match(/`+/g) ?? []).map(({ length }) => length + 1)));

function quoteCode(text: string): string {
  const fence = fenceFor(text, 1);
  const pad = text.startsWith("`") || text.endsWith("`") ? " " : "";
  return `${fence}${pad}${text}${pad}${fence}`;
}

/** Verbatim: nothing in the lines is Markdown of the response. */
function quoteBlock(all: readonly string[]): string {
  const text = all.join("\n");
  const fence = fenceFor(text, 3);
  return [fence, ...text.split("\n"), fence].map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** What is wrong with a template; null if nothing. `hasItem`: it may use `{{it}}`. */
export function checkTemplate(text: string, hasItem: boolean): string | null {
  for (const [, expression = ""] of text.matchAll(expressions)) {
    const problem = checkExpression(expression, hasItem);
    if (problem !== null) return `{{${expression}}}: ${problem}`;
  }
  return null;
}

function checkExpression(expression: string, hasItem: boolean): string | null {
  if (expression.split('"').length % 2 === 0) return "unclosed quote";
  const [source = "", ...pipes] = splitPipes(expression);
  const name = source.trim();
  if (name === "it" && !hasItem) return "only available in the input of a call with `each`";
  if (!isSource(name)) return describeUnknownSource(name);
  for (const pipe of pipes) {
    const [filter = "", ...args] = splitWords(pipe);
    const problem = Object.hasOwn(filters, filter) ? checkArguments(filter, args) : describeUnknownFilter(filter);
    if (problem !== null) return problem;
  }
  return null;
}

function checkArguments(filter: string, args: readonly string[]): string | null {
  const kinds = filterArguments[filter] ?? [];
  if (args.length > kinds.length) return `${filter} has ${args.length} arguments, and accepts ${kinds.length}`;
  for (const [index, kind] of kinds.entries()) {
    const problem = checkArgument(filter, kind, args[index]);
    if (problem !== null) return problem;
  }
  return null;
}

function checkArgument(filter: string, kind: ArgumentKind, value: string | undefined): string | null {
  if (value === undefined) return kind === "pattern" ? `${filter} needs a pattern` : null;
  if (kind === "number") return /^\d+$/.test(value) ? null : `${filter} needs a number, not ${JSON.stringify(value)}`;
  if (kind === "text") return null;
  try {
    new RegExp(value, "i");
    return null;
  } catch (error) {
    return describePatternError(error);
  }
}

const isSource = (name: string): boolean =>
  /^(?:it|user|tools|turn|step|answer|attempt|results?(?:\.[^.]+)?)$/.test(name);

const describeUnknownSource = (name: string): string =>
  `unknown value ${JSON.stringify(name)}; available: user, step, turn, answer, attempt, tools, result, results and it`;

const describeUnknownFilter = (name: string): string =>
  `unknown filter ${JSON.stringify(name)}; available: ${Object.keys(filters).join(", ")}`;

const expressions = /\{\{(.*?)\}\}/gs;

export function fillTemplate(text: string, context: TemplateContext, it = ""): string {
  return text.replace(expressions, (_, expression: string) => evaluate(expression, context, it).join("\n"));
}

/** The lines of a template: those of its only expression, or of the resulting text. */
export function evaluateLines(text: string, context: TemplateContext, it = ""): string[] {
  const whole = /^\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text.trim());
  return (whole?.[1] === undefined ? lines(fillTemplate(text, context, it)) : evaluate(whole[1], context, it)).filter(
    (line) => line.trim() !== "",
  );
}

export function fillTemplates(value: unknown, context: TemplateContext, it: string): unknown {
  if (typeof value === "string") return fillTemplate(value, context, it);
  if (Array.isArray(value)) return value.map((inner) => fillTemplates(inner, context, it));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillTemplates(inner, context, it)]));
}

function evaluate(expression: string, context: TemplateContext, it: string): string[] {
  const [source = "", ...pipes] = splitPipes(expression);
  let value = lookUp(source.trim(), context, it);
  for (const pipe of pipes) {
    const [name = "", ...args] = splitWords(pipe);
    const filter = filters[name];
    if (filter === undefined) throw new Error(describeUnknownFilter(name));
    value = filter(value, args);
  }
  return value;
}

/** Splits at bars outside of quotes. */
const splitPipes = (expression: string): string[] => expression.match(/(?:"[^"]*"|[^|"])+/g) ?? [];
const splitWords = (pipe: string): string[] =>
  [...pipe.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2] ?? "");

function lookUp(source: string, context: TemplateContext, it: string): string[] {
  const [name = "", which] = source.split(".", 2);
  const found = (value: string | undefined): string[] => (value === undefined || value === "" ? [] : [value]);
  switch (name) {
    case "it":
      return found(it);
    case "user":
      return found(context.user);
    case "tools":
      return context.tools;
    case "turn":
    case "step":
    case "answer":
    case "attempt":
      return [String(context[name])];
    case "result":
      if (which === undefined) return context.last.map(({ text }) => text);
      if (/^\d+$/.test(which)) return found(context.last[Number(which)]?.text);
      return found(context.all.findLast(({ tool }) => tool === which)?.text);
    case "results":
      return context.all.filter(({ tool }) => which === undefined || tool === which).map(({ text }) => text);
    default:
      throw new Error(describeUnknownSource(source));
  }
}
