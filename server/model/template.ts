/** Fills `{{source | filter …}}` in the texts of a scenario from what was said and found before. Pure. */

export interface Facts {
  /** The last prompt. */
  user: string;
  turn: number;
  step: number;
  answer: number;
  attempt: number;
  /** Results of the calls of the last answer, in their order. */
  last: { tool: string; text: string }[];
  /** Results of all calls since the prompt. */
  all: { tool: string; text: string }[];
  /** Names of the tools on offer. */
  tools: string[];
}

type Filter = (lines: string[], given: string[]) => string[];

const number = (given: string[], otherwise: number): number => {
  const value = Number(given[0] ?? otherwise);
  return Number.isFinite(value) ? value : otherwise;
};
const lines = (text: string): string[] => text.split("\n").filter((line) => line.trim() !== "");
/** Remarks of tools stand in brackets, and are no names. */
const isRemark = (line: string): boolean => line.startsWith("(");

const filters: Record<string, Filter> = {
  lines: (all) => all.flatMap(lines),
  files: (all) => all.flatMap(lines).filter((line) => !line.endsWith("/") && !isRemark(line)),
  folders: (all) => all.flatMap(lines).filter((line) => line.endsWith("/")),
  match: (all, [pattern = ""]) => all.filter((line) => new RegExp(pattern, "i").test(line)),
  without: (all, [pattern = ""]) => all.filter((line) => !new RegExp(pattern, "i").test(line)),
  first: (all, given) => all.slice(0, number(given, 1)),
  last: (all, given) => all.slice(-number(given, 1)),
  nth: (all, given) => all.slice(number(given, 1) - 1, number(given, 1)),
  count: (all) => [String(all.length)],
  more: (all, given) => (all.length > number(given, 0) ? [String(all.length)] : []),
  join: (all, [between = ", "]) => (all.length === 0 ? [] : [all.join(between)]),
  list: (all) => (all.length === 0 ? [] : [all.map((line) => `- ${line}`).join("\n")]),
  quote: (all) => all.map((line) => `\`${line}\``),
  clip: (all, given) =>
    all.map((line) => (line.length > number(given, 80) ? `${line.slice(0, number(given, 80))}…` : line)),
  replace: (all, [pattern = "", by = ""]) => all.map((line) => line.replace(new RegExp(pattern, "i"), by)),
  or: (all, [otherwise = ""]) => (all.some((line) => line.trim() !== "") ? all : [otherwise]),
};

export function fill(text: string, facts: Facts, it = ""): string {
  return text.replace(/\{\{(.*?)\}\}/gs, (_, expression: string) => evaluate(expression, facts, it).join("\n"));
}

/** The lines that a template gives: those of its one expression, or of the text that it makes. */
export function linesOf(text: string, facts: Facts, it = ""): string[] {
  const whole = /^\{\{((?:(?!\}\}).)*)\}\}$/s.exec(text.trim());
  return (whole?.[1] === undefined ? lines(fill(text, facts, it)) : evaluate(whole[1], facts, it)).filter(
    (line) => line.trim() !== "",
  );
}

export function fillDeep(value: unknown, facts: Facts, it: string): unknown {
  if (typeof value === "string") return fill(value, facts, it);
  if (Array.isArray(value)) return value.map((inner) => fillDeep(inner, facts, it));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, fillDeep(inner, facts, it)]));
}

function evaluate(expression: string, facts: Facts, it: string): string[] {
  const [source = "", ...pipes] = split(expression);
  let value = lookUp(source.trim(), facts, it);
  for (const pipe of pipes) {
    const [name = "", ...given] = words(pipe);
    const filter = filters[name];
    if (filter === undefined)
      throw new Error(`there is no filter ${JSON.stringify(name)}; there are ${Object.keys(filters).join(", ")}`);
    value = filter(value, given);
  }
  return value;
}

/** At bars that do not stand between quotes. */
const split = (expression: string): string[] => expression.match(/(?:"[^"]*"|[^|"])+/g) ?? [];
const words = (pipe: string): string[] =>
  [...pipe.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2] ?? "");

function lookUp(source: string, facts: Facts, it: string): string[] {
  const [name = "", which] = source.split(".", 2);
  const found = (value: string | undefined): string[] => (value === undefined || value === "" ? [] : [value]);
  switch (name) {
    case "it":
      return found(it);
    case "user":
      return found(facts.user);
    case "tools":
      return facts.tools;
    case "turn":
    case "step":
    case "answer":
    case "attempt":
      return [String(facts[name])];
    case "result":
      if (which === undefined) return facts.last.map(({ text }) => text);
      if (/^\d+$/.test(which)) return found(facts.last[Number(which)]?.text);
      return found(facts.all.findLast(({ tool }) => tool === which)?.text);
    case "results":
      return facts.all.filter(({ tool }) => which === undefined || tool === which).map(({ text }) => text);
    default:
      throw new Error(
        `there is no value ${JSON.stringify(source)}; there are user, step, turn, answer, attempt, tools, result, results and it`,
      );
  }
}
