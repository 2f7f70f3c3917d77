/**
 * The text of one configuration file as a checked value: what is wrong is named with its line and left out, the rest counts.
 * Loaded only where there is such a text.
 */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { z } from "zod";
import { nearest } from "./nearest.ts";
import { refusal } from "./refusal.ts";
import { type ConfigFile, configFile, configSchema } from "./schema.ts";

export interface ConfigProblem {
  level: "error" | "warning";
  file: string;
  /** Both count from 1. */
  line: number;
  column: number;
  /** A sentence. */
  message: string;
}

const mostProblems = 20;

export function readConfig(source: string, file: string): { value: ConfigFile; problems: ConfigProblem[] } {
  const content = source.startsWith("\ufeff") ? source.slice(1) : source;
  const at = placer(content, file);
  const refused = refusal(content);
  if (refused !== null) return { value: {}, problems: [at("error", refused.offset, refused.message)] };
  if (content.trim() === "") return { value: {}, problems: [] };
  const errors: ParseError[] = [];
  const tree = parseTree(content, errors, { allowTrailingComma: true });
  const problems = errors.map((error) =>
    at(
      "error",
      error.offset,
      `${inWords(printParseErrorCode(error.error))} here; mend it, what follows may be misread.`,
    ),
  );
  if (tree === undefined || tree.type !== "object")
    return {
      value: {},
      problems: [...problems, at("error", 0, 'The file must be an object, such as {"model": "provider/model"}.')].slice(
        0,
        mostProblems,
      ),
    };
  const checked = check(toValue(tree), (path) => findNodeAtLocation(tree, path)?.offset ?? tree.offset);
  problems.push(...checked.problems.map(({ level, offset, message }) => at(level, offset, message)));
  const rest = problems.length - mostProblems;
  const shown = problems.slice(0, mostProblems).toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (rest > 0) shown.push(at("warning", 0, `${rest} more problems are not shown.`));
  return { value: checked.value, problems: shown };
}

function toValue(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(toValue);
  if (node.type !== "object") return node.value;
  const pairs = (node.children ?? []).map(({ children }) => [String(children?.[0]?.value), children?.[1]] as const);
  return Object.fromEntries(pairs.flatMap(([key, child]) => (child === undefined ? [] : [[key, toValue(child)]])));
}

interface Found {
  level: "error" | "warning";
  offset: number;
  message: string;
}

type Path = (string | number)[];

/** Takes out what the schema refuses, innermost first, until the rest fits. The value is the caller's to lose. */
function check(value: unknown, offset: (path: Path) => number): { value: ConfigFile; problems: Found[] } {
  const problems: Found[] = [];
  const add = (level: Found["level"], path: Path, message: () => string) =>
    problems.push(
      problems.length < mostProblems
        ? { level, offset: offset(path), message: message() }
        : { level, offset: 0, message: "" },
    );
  let rest = value;
  const schema = configFile(Object.keys(value as object));
  for (let round = 0; round < 8; round += 1) {
    const result = schema.safeParse(rest);
    if (result.success) return { value: result.data, problems };
    for (const issue of result.error.issues) {
      const path = issue.path.filter((key) => typeof key !== "symbol");
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
      for (const key of keys) add("warning", [...path, key], () => unknownKey(path, key));
      if (keys.length === 0) add("error", path, () => wrongValue(path, get(rest, path), issue));
      for (const wrong of keys.length > 0 ? keys.map((key) => [...path, key]) : [round < 4 ? path : path.slice(0, 1)])
        takeOut(rest, wrong);
    }
    rest = prune(rest);
  }
  return { value: {}, problems };
}

function get(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** A mark for what was taken out, so that the places of list items do not move within a round. */
const gone = Symbol("gone");

function takeOut(value: unknown, path: Path): void {
  const holder = get(value, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof holder === "object" && holder !== null && key !== undefined) Reflect.set(holder, key, gone);
}

function prune(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== gone).map(prune);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === gone ? [] : [[name, prune(inner)]])),
  );
}

function unknownKey(path: Path, key: string): string {
  const near = nearest(key, knownKeys(path));
  const where = path.length === 0 ? "" : ` in ${path.join(".")}`;
  return `Unknown key "${key}"${where}${near === null ? "; it has no effect." : `; did you mean "${near}"?`}`;
}

/** The names that the schema knows at a place. */
function knownKeys(path: Path): string[] {
  let here: unknown = configSchema();
  for (const key of path) {
    const options = [here, ...list(field(here, "anyOf"))];
    here = options
      .map(
        (option) =>
          field(field(option, "properties"), String(key)) ??
          field(option, "additionalProperties") ??
          field(option, "items"),
      )
      .find((found) => typeof found === "object");
  }
  return [here, ...list(field(here, "anyOf"))].flatMap((option) => Object.keys(field(option, "properties") ?? {}));
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function field(value: unknown, name: string): object | undefined {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === "object" && found !== null ? found : undefined;
}

function wrongValue(path: Path, value: unknown, issue: z.core.$ZodIssue): string {
  const name = path.join(".");
  // A value is not repeated where it may be a key.
  const secret = /key|header|token|env/i.test(name);
  const shown = secret || typeof value === "object" ? "" : ` is ${JSON.stringify(value)} and`;
  return `${name}${shown} must be ${expected(issue)}`.replace(/[.]?$/, ".");
}

const articles: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
};

function expected(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_type":
      return articles[issue.expected] ?? issue.expected;
    case "invalid_value":
      return `one of ${issue.values.map(String).join(", ")}`;
    case "invalid_union":
      return "of one of the shapes that the schema allows (see tutti config schema)";
    case "too_small":
      return `${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
    case "custom":
      return issue.message.startsWith('"') ? `a rule: ${issue.message}` : issue.message;
    default:
      return issue.message;
  }
}

function inWords(code: string): string {
  const spaced = code.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`;
}

function placer(content: string, file: string) {
  return (level: ConfigProblem["level"], offset: number, message: string): ConfigProblem => {
    const before = content.slice(0, offset).split("\n");
    return { level, file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
  };
}
