/** grep: a regular expression in the content of files. */
import type { CallWorld, Tool, ToolResult } from "../ports.ts";
import { isSecretPath } from "../workspace/secrets.ts";
import { failed } from "./change.ts";
import { type Fields, pathNames, readFields, type Values } from "./input.ts";
import { manual } from "./manual.ts";
import { findJudged, findPlace, type Place, planFor, shortPath } from "./paths.ts";
import { foundPath, globOptions, searchSeconds, searchTexts } from "./search.ts";
import { byteLength, count, mostBytes, narrow } from "./show.ts";

const fields = {
  pattern: { type: "text", also: ["regex", "query", "search"] },
  path: { type: "path", optional: true, also: [...pathNames, "dir", "directory"] },
  glob: { type: "text", optional: true, also: ["include", "file_pattern", "filePattern"] },
  ignoreCase: { type: "flag", optional: true, also: ["ignore_case", "case_insensitive", "caseInsensitive", "-i"] },
  literal: { type: "flag", optional: true, also: ["fixed", "fixed_strings"] },
  context: { type: "count", optional: true, also: ["-C", "context_lines"] },
  files: { type: "flag", optional: true, also: ["files_only", "filesOnly", "names_only"] },
  limit: { type: "count", optional: true, also: ["max_results", "head_limit", "maxResults"] },
} satisfies Fields;

type Input = Values<typeof fields>;

const defaultRows = 200;
const mostRows = 1000;
const rowWidth = 400;
const longestName = 5000;

export const grep: Tool<Input> = {
  name: "grep",
  kind: "search",
  description: "Search file contents by regex.",
  long: manual.grep,
  schema: {
    type: "object",
    properties: {
      pattern: { type: "string" },
      path: { type: "string" },
      glob: { type: "string" },
      ignoreCase: { type: "boolean" },
      literal: { type: "boolean" },
      files: { type: "boolean", description: "names only" },
      context: { type: "integer" },
    },
    required: ["pattern"],
  },
  parallel: true,
  parse: (input) => readFields("grep", fields, input),
  async plan(input, world) {
    const place = await findPlace(input.path ?? ".", world);
    const where = input.path === undefined ? "" : ` in ${place.title}`;
    return { ...planFor("read", place), title: `${narrow(input.pattern, 60)}${where}` };
  },
  async run(input, world, plan) {
    const place = await findJudged(input.path ?? ".", world, plan);
    if (place.kind === "missing") return failed(`${place.title} does not exist.`);
    if (place.kind === "device") return failed(`${place.title} is neither a file nor a folder.`);
    return searchContent(input, place, world);
  },
};

async function searchContent(input: Input, place: Place, world: CallWorld): Promise<ToolResult> {
  const most = Math.min(input.limit ?? defaultRows, mostRows);
  const rows: string[] = [];
  const secret = new Set<string>();
  let size = 0;
  let left = 0;
  // The name of a file may hold a line end.
  let begun = "";
  const take = (entry: string) => {
    const line = begun + entry;
    const row = input.files ? nameRow(line, place, world.cwd) : readRow(line, place, world.cwd);
    begun = row === null ? `${line}\n`.slice(-longestName) : "";
    if (row === null) return;
    if (place.kind === "directory" && isSecretPath(row.path)) {
      secret.add(row.path);
      return;
    }
    if (rows.length >= most || size > mostBytes) {
      if (row.matches) left += 1;
      return;
    }
    size += byteLength(row.text) + 1;
    rows.push(row.text);
  };
  const done = await searchTexts(place, optionsOf(input), world, take, input.files ? "\0" : "\n");
  if (done.problem !== null) {
    const hint = input.literal ? "" : "\nTo search for the text as it is, set literal.";
    return failed(`ripgrep cannot search for this: ${done.problem}${hint}`);
  }
  const notes = [
    left > 0 ? `(${count(left, "more match", "more matches")}; narrow the search)` : "",
    secret.size > 0 ? `(${count(secret.size, "file")} with secrets left out; name one as path to search it)` : "",
    done.timedOut ? `(stopped after ${searchSeconds} seconds; narrow the search)` : "",
  ].filter((note) => note !== "");
  if (rows.length === 0) rows.push("(no matches)");
  return { ok: true, output: [...rows, ...notes].join("\n") };
}

function optionsOf(input: Input): string[] {
  return [
    "--null",
    "--with-filename",
    ...(input.files ? ["--files-with-matches"] : ["--line-number", "--no-heading"]),
    `--max-columns=${rowWidth}`,
    "--max-columns-preview",
    ...(input.ignoreCase ? ["--ignore-case"] : []),
    ...(input.literal ? ["--fixed-strings"] : []),
    ...(input.context === undefined ? [] : [`--context=${Math.min(input.context, 20)}`]),
    ...(input.glob === undefined ? [] : globOptions(input.glob)),
    `--regexp=${input.pattern}`,
  ];
}

interface Row {
  path: string;
  text: string;
  matches: boolean;
}

function nameRow(name: string, place: Place, cwd: string): Row {
  const path = shortPath(foundPath(place, name), cwd);
  return { path, text: path, matches: true };
}

/** `path NUL 12:text` for a match, `path NUL 12-text` beside one. */
function readRow(line: string, place: Place, cwd: string): Row | null {
  if (line === "--") return { path: "", text: "--", matches: false };
  const end = line.indexOf("\0");
  if (end < 0) return null;
  const path = shortPath(foundPath(place, line.slice(0, end)), cwd);
  const rest = line.slice(end + 1);
  const matches = /^\d+:/.test(rest);
  return { path, text: `${path}${matches ? ":" : "-"}${narrow(rest.replace(/\r$/, ""), rowWidth + 100)}`, matches };
}
