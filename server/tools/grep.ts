/** grep: searches file contents for a regular expression. */
import type { Tool, ToolCallContext, ToolResult } from "../ports.ts";
import { isSecretPath } from "../workspace/secret-files.ts";
import { failWith } from "./apply-file-change.ts";
import { countBytes, formatCount, MAX_OUTPUT_BYTES, truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, PATH_ALIASES, readFields, toSchema, type Values } from "./input-schema.ts";
import { readExcerpt } from "./match-excerpt.ts";
import { prepareFor, type ResolvedPath, resolveCheckedPath, resolvePath, shortPath } from "./paths.ts";
import {
  getScopeOptions,
  SEARCH_TIMEOUT_SECONDS,
  type SearchResult,
  searchTexts,
  toAbsolutePath,
  toGlobOptions,
  withLiteralBrackets,
} from "./run-ripgrep.ts";
import { countAllFiles, countFiles, describeSkipped, describeUnreadable } from "./search-scope.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  pattern: { type: "text", aliases: ["regex", "query", "search"] },
  path: { type: "path", optional: true, aliases: [...PATH_ALIASES, "dir", "directory"] },
  glob: { type: "text", optional: true, aliases: ["include", "file_pattern", "filePattern"] },
  ignoreCase: { type: "flag", optional: true, aliases: ["ignore_case", "case_insensitive", "caseInsensitive", "-i"] },
  literal: { type: "flag", optional: true, aliases: ["fixed", "fixed_strings"] },
  files: {
    type: "flag",
    optional: true,
    description: "names only",
    aliases: ["files_only", "filesOnly", "names_only"],
  },
  context: { type: "count", optional: true, aliases: ["-C", "context_lines"] },
  limit: { type: "count", optional: true, hidden: true, aliases: ["max_results", "head_limit", "maxResults"] },
} satisfies Fields;

type Input = Values<typeof fields>;

const DEFAULT_ROWS = 200;
const MAX_ROWS = 1000;
const ROW_WIDTH = 400;
/** Bytes of a match that must be shown. */
const MIN_SHOWN = 60;
const MAX_NAME_LENGTH = 5000;

export const grep: Tool<Input> = {
  name: "grep",
  kind: "search",
  description: "Search file contents by regex.",
  long: manual.grep,
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  parallel: true,
  parse: (input) => readFields("grep", fields, input),
  async prepare(input, context) {
    const target = await resolvePath(input.path ?? ".", context);
    const where = input.path === undefined ? "" : ` in ${target.title}`;
    return { ...prepareFor("read", target), title: `${truncateLine(input.pattern, 60)}${where}` };
  },
  async run(input, context, prepared) {
    const target = await resolveCheckedPath(input.path ?? ".", context, prepared);
    if (target.kind === "missing") return failWith(`${target.title} does not exist.`);
    if (target.kind === "device") return failWith(`${target.title} is neither a file nor a folder.`);
    return searchContent(input, target, context);
  },
};

async function searchContent(input: Input, target: ResolvedPath, context: ToolCallContext): Promise<ToolResult> {
  const literal = input.glob === undefined ? null : withLiteralBrackets(input.glob);
  const first = await searchScope(input, [], target, context);
  const inBrackets =
    first.rows.length > 0 || literal === null
      ? null
      : await searchScope({ ...input, glob: literal }, [], target, context);
  const found = inBrackets !== null && inBrackets.rows.length > 0 ? inBrackets : first;
  if (found.done.problem !== null) {
    const hint = input.literal ? "" : "\nTo search for the exact text, set literal.";
    return failWith(`ripgrep cannot search for this: ${found.done.problem}${hint}`);
  }
  // A folder that is named is searched even if it is ignored.
  const isIgnored = found.covered === 0 && found.all > 0 && target.real !== context.cwd;
  const { rows, notes } = isIgnored ? await searchScope(input, ["--no-ignore"], target, context) : found;
  return { ok: true, output: [...(rows.length === 0 ? ["(no matches)"] : rows), ...notes].join("\n") };
}

interface ScopeResult {
  rows: string[];
  notes: string[];
  done: SearchResult;
  /** Numbers of files: searched, and including ignored and hidden ones. */
  covered: number;
  all: number;
}

async function searchScope(
  input: Input,
  extra: string[],
  target: ResolvedPath,
  context: ToolCallContext,
): Promise<ScopeResult> {
  const options = [...toRipgrepOptions(input), ...extra];
  const scope = getScopeOptions(options);
  const isFolder = target.kind === "directory";
  const [{ rows, left, secret, done }, covered, all] = await Promise.all([
    collectRows(input, options, target, context),
    isFolder ? countFiles(target, scope, context) : 1,
    isFolder ? countAllFiles(target, scope, context) : 1,
  ]);
  const notes = [
    left > 0 ? `(${formatCount(left, "more match", "more matches")}; narrow the search)` : "",
    secret > 0 ? `(${formatCount(secret, "file")} with secrets omitted; pass one as path to search it)` : "",
    done.timedOut ? `(stopped after ${SEARCH_TIMEOUT_SECONDS} seconds; narrow the search)` : "",
    done.incomplete ? await describeUnreadable(target, scope, context, true) : "",
    describeSkipped(all, covered),
  ].filter((note) => note !== "");
  return { rows, notes, done, covered, all };
}

interface FoundRows {
  rows: string[];
  /** Matches that were not returned. */
  left: number;
  secret: number;
  done: SearchResult;
}

async function collectRows(
  input: Input,
  options: string[],
  target: ResolvedPath,
  context: ToolCallContext,
): Promise<FoundRows> {
  const maxRows = Math.min(input.limit ?? DEFAULT_ROWS, MAX_ROWS);
  const rows: Row[] = [];
  const secret = new Set<string>();
  let size = 0;
  let left = 0;
  // A file name may contain a newline, so a row can arrive in pieces.
  let partial = "";
  const take = (entry: string) => {
    const line = partial + entry;
    const row = input.files ? parseNameRow(line, target, context.cwd) : parseMatchRow(line, target, context.cwd);
    partial = row === null ? `${line}\n`.slice(-MAX_NAME_LENGTH) : "";
    if (row === null) return;
    if (target.kind === "directory" && isSecretPath(row.path)) {
      secret.add(row.path);
      return;
    }
    if (rows.length >= maxRows || size > MAX_OUTPUT_BYTES) {
      if (row.matches) left += 1;
      return;
    }
    size += countBytes(row.text) + 1;
    rows.push(row);
  };
  const done = await searchTexts(target, options, context, take, input.files ? "\0" : "\n");
  const shown = await Promise.all(rows.map((row) => showMatch(row, context)));
  return { rows: shown, left, secret: secret.size, done };
}

/** The row with the part of the line that matches, if the match is beyond the first columns. */
async function showMatch({ text, heading, match }: Row, { files }: ToolCallContext): Promise<string> {
  if (match === null || match.column + MIN_SHOWN < ROW_WIDTH) return text;
  const excerpt = await readExcerpt(files, match.file, match.offset, match.column).catch(() => null);
  return excerpt === null ? text : heading + truncateLine(excerpt, ROW_WIDTH + 100);
}

function toRipgrepOptions(input: Input): string[] {
  return [
    "--null",
    "--with-filename",
    ...(input.files ? ["--files-with-matches"] : ["--line-number", "--column", "--byte-offset", "--no-heading"]),
    `--max-columns=${ROW_WIDTH}`,
    "--max-columns-preview",
    ...(input.ignoreCase ? ["--ignore-case"] : []),
    ...(input.literal ? ["--fixed-strings"] : []),
    ...(input.context === undefined ? [] : [`--context=${Math.min(input.context, 20)}`]),
    ...(input.glob === undefined ? [] : toGlobOptions(input.glob)),
    `--regexp=${input.pattern}`,
  ];
}

interface Row {
  path: string;
  text: string;
  matches: boolean;
  /** The text up to the line of the file. */
  heading: string;
  match: { file: string; offset: number; column: number } | null;
}

function parseNameRow(name: string, target: ResolvedPath, cwd: string): Row {
  const path = shortPath(toAbsolutePath(target, name), cwd);
  return { path, text: path, matches: true, heading: "", match: null };
}

/** `path NUL 12:5:340:text` for a match in line 12 from column 5, at byte 340 of the file; `path NUL 12-340-text` for a context line. */
function parseMatchRow(line: string, target: ResolvedPath, cwd: string): Row | null {
  if (line === "--") return { path: "", text: "--", matches: false, heading: "", match: null };
  const end = line.indexOf("\0");
  if (end < 0) return null;
  const file = toAbsolutePath(target, line.slice(0, end));
  const path = shortPath(file, cwd);
  const parts = /^(\d+)(?::(\d+):(\d+):|-(\d+)-)([\s\S]*)$/.exec(line.slice(end + 1));
  if (parts === null) return null;
  const [, number, column, offset, , text = ""] = parts;
  const matches = column !== undefined;
  const heading = matches ? `${path}:${number}:` : `${path}-${number}-`;
  return {
    path,
    text: heading + truncateLine(text.replace(/\r$/, ""), ROW_WIDTH + 100),
    matches,
    heading,
    match: matches ? { file, offset: Number(offset), column: Number(column) - 1 } : null,
  };
}
