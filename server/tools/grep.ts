/** grep: searches file contents for a regular expression. */
import type { Tool, ToolCallContext, ToolResult } from "../ports.ts";
import { isSecretPath } from "../workspace/secret-files.ts";
import { failWith } from "./apply-file-change.ts";
import { countBytes, formatCount, MAX_OUTPUT_BYTES, truncateLine } from "./format-output.ts";
import { type Fields, PATH_ALIASES, readFields, toSchema, type Values } from "./input-schema.ts";
import { prepareFor, type ResolvedPath, resolveCheckedPath, resolvePath, shortPath } from "./paths.ts";
import { SEARCH_TIMEOUT_SECONDS, searchTexts, toAbsolutePath, toGlobOptions } from "./run-ripgrep.ts";
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
const MAX_NAME_LENGTH = 5000;

export const grep: Tool<Input> = {
  name: "grep",
  kind: "search",
  description: "Search file contents by regex.",
  long: manual.grep,
  schema: toSchema(fields),
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
  const maxRows = Math.min(input.limit ?? DEFAULT_ROWS, MAX_ROWS);
  const rows: string[] = [];
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
    rows.push(row.text);
  };
  const done = await searchTexts(target, toRipgrepOptions(input), context, take, input.files ? "\0" : "\n");
  if (done.problem !== null) {
    const hint = input.literal ? "" : "\nTo search for the text as it is, set literal.";
    return failWith(`ripgrep cannot search for this: ${done.problem}${hint}`);
  }
  const notes = [
    left > 0 ? `(${formatCount(left, "more match", "more matches")}; narrow the search)` : "",
    secret.size > 0 ? `(${formatCount(secret.size, "file")} with secrets omitted; pass one as path to search it)` : "",
    done.timedOut ? `(stopped after ${SEARCH_TIMEOUT_SECONDS} seconds; narrow the search)` : "",
  ].filter((note) => note !== "");
  if (rows.length === 0) rows.push("(no matches)");
  return { ok: true, output: [...rows, ...notes].join("\n") };
}

function toRipgrepOptions(input: Input): string[] {
  return [
    "--null",
    "--with-filename",
    ...(input.files ? ["--files-with-matches"] : ["--line-number", "--no-heading"]),
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
}

function parseNameRow(name: string, target: ResolvedPath, cwd: string): Row {
  const path = shortPath(toAbsolutePath(target, name), cwd);
  return { path, text: path, matches: true };
}

/** `path NUL 12:text` for a match, `path NUL 12-text` for a context line. */
function parseMatchRow(line: string, target: ResolvedPath, cwd: string): Row | null {
  if (line === "--") return { path: "", text: "--", matches: false };
  const end = line.indexOf("\0");
  if (end < 0) return null;
  const path = shortPath(toAbsolutePath(target, line.slice(0, end)), cwd);
  const rest = line.slice(end + 1);
  const matches = /^\d+:/.test(rest);
  return {
    path,
    text: `${path}${matches ? ":" : "-"}${truncateLine(rest.replace(/\r$/, ""), ROW_WIDTH + 100)}`,
    matches,
  };
}
