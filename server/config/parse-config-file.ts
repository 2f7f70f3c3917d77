/**
 * Parses and validates one configuration file. Invalid entries are reported with their line and ignored; the rest applies. Loaded only
 * if there is such a file.
 */
import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import type { z } from "zod";
import { findNearest } from "../../protocol/nearest.ts";
import { describeExpected, describeSyntaxError } from "./describe-issue.ts";
import { checkJsonLimits } from "./json-limits.ts";
import { buildConfigFileSchema, buildConfigJsonSchema, type ConfigFile } from "./schema.ts";

export interface ConfigProblem {
  level: "error" | "warning";
  file: string;
  /** Both count from 1. */
  line: number;
  column: number;
  message: string;
}

const maxProblems = 20;

export function parseConfig(source: string, file: string): { value: ConfigFile; problems: ConfigProblem[] } {
  const content = source.startsWith("\ufeff") ? source.slice(1) : source;
  const at = createLocator(content, file);
  const limitProblem = checkJsonLimits(content);
  if (limitProblem !== null) return { value: {}, problems: [at("error", limitProblem.offset, limitProblem.message)] };
  if (content.trim() === "") return { value: {}, problems: [] };
  const errors: ParseError[] = [];
  const tree = parseTree(content, errors, { allowTrailingComma: true });
  const problems = errors.map((error) =>
    at(
      "error",
      error.offset,
      `${describeSyntaxError(printParseErrorCode(error.error))} here. Fix it; the rest of the file may be misread.`,
    ),
  );
  if (tree === undefined || tree.type !== "object")
    return {
      value: {},
      problems: [...problems, at("error", 0, 'The file must be an object, such as {"model": "provider/model"}.')].slice(
        0,
        maxProblems,
      ),
    };
  const checked = validate(toValue(tree), (path) => findNodeAtLocation(tree, path)?.offset ?? tree.offset);
  problems.push(...checked.problems.map(({ level, offset, message }) => at(level, offset, message)));
  const rest = problems.length - maxProblems;
  const shown = problems.slice(0, maxProblems).toSorted((a, b) => a.line - b.line || a.column - b.column);
  if (rest > 0) shown.push(at("warning", 0, `${rest} more problems are not shown.`));
  return { value: checked.value, problems: shown };
}

function toValue(node: Node): unknown {
  if (node.type === "array") return (node.children ?? []).map(toValue);
  if (node.type !== "object") return node.value;
  const pairs = (node.children ?? []).map(({ children }) => [String(children?.[0]?.value), children?.[1]] as const);
  return Object.fromEntries(pairs.flatMap(([key, child]) => (child === undefined ? [] : [[key, toValue(child)]])));
}

interface LocatedProblem {
  level: "error" | "warning";
  offset: number;
  message: string;
}

type Path = (string | number)[];

/** Removes what the schema rejects, innermost first, until the rest is valid. Modifies `value`. */
function validate(value: unknown, offset: (path: Path) => number): { value: ConfigFile; problems: LocatedProblem[] } {
  const problems: LocatedProblem[] = [];
  const add = (level: LocatedProblem["level"], path: Path, message: () => string) =>
    problems.push(
      problems.length < maxProblems
        ? { level, offset: offset(path), message: message() }
        : { level, offset: 0, message: "" },
    );
  let rest = value;
  const schema = buildConfigFileSchema(Object.keys(value as object));
  for (let round = 0; round < 8; round += 1) {
    const result = schema.safeParse(rest);
    if (result.success) return { value: result.data, problems };
    for (const issue of result.error.issues) {
      const path = issue.path.filter((key) => typeof key !== "symbol");
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [];
      for (const key of keys) add("warning", [...path, key], () => describeUnknownKey(path, key));
      if (keys.length === 0) add("error", path, () => describeWrongValue(path, get(rest, path), issue));
      for (const wrong of keys.length > 0 ? keys.map((key) => [...path, key]) : [round < 4 ? path : path.slice(0, 1)])
        markRemoved(rest, wrong);
    }
    rest = dropRemoved(rest);
  }
  return { value: {}, problems };
}

function get(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? (inner as Record<string, unknown>)[key] : undefined),
    value,
  );
}

/** Marks removed values, so that list indexes do not change within a round. */
const removed = Symbol("removed");

function markRemoved(value: unknown, path: Path): void {
  const holder = get(value, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof holder === "object" && holder !== null && key !== undefined) Reflect.set(holder, key, removed);
}

function dropRemoved(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== removed).map(dropRemoved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, inner]) => (inner === removed ? [] : [[name, dropRemoved(inner)]])),
  );
}

function describeUnknownKey(path: Path, key: string): string {
  const near = findNearest(key, listKnownKeys(path));
  const where = path.length === 0 ? "" : ` in ${path.join(".")}`;
  return `Unknown key "${key}"${where}${near === null ? "; it is ignored." : `. Did you mean "${near}"?`}`;
}

/** The keys that the schema allows at a path. */
function listKnownKeys(path: Path): string[] {
  let schemaNode: unknown = buildConfigJsonSchema();
  for (const key of path) {
    const options = [schemaNode, ...list(field(schemaNode, "anyOf"))];
    schemaNode = options
      .map(
        (option) =>
          field(field(option, "properties"), String(key)) ??
          field(option, "additionalProperties") ??
          field(option, "items"),
      )
      .find((found) => typeof found === "object");
  }
  return [schemaNode, ...list(field(schemaNode, "anyOf"))].flatMap((option) =>
    Object.keys(field(option, "properties") ?? {}),
  );
}

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function field(value: unknown, name: string): object | undefined {
  const found = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === "object" && found !== null ? found : undefined;
}

function describeWrongValue(path: Path, value: unknown, issue: z.core.$ZodIssue): string {
  const name = path.join(".");
  // A value that may be a key is not shown.
  const secret = /key|header|token|env/i.test(name);
  const shown = secret || typeof value === "object" ? "" : ` is ${JSON.stringify(value)} and`;
  return `${name}${shown} must be ${describeExpected(issue)}`.replace(/[.]?$/, ".");
}

function createLocator(content: string, file: string) {
  return (level: ConfigProblem["level"], offset: number, message: string): ConfigProblem => {
    const before = content.slice(0, offset).split("\n");
    return { level, file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1, message };
  };
}
