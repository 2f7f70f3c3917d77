/** glob: finds files by a name pattern. */
import { join } from "node:path";
import type { Tool, ToolCallContext, ToolResult } from "../ports.ts";
import { isSecretPath } from "../workspace/secret-files.ts";
import { failWith } from "./apply-file-change.ts";
import { formatCount, truncateLine } from "./format-output.ts";
import { type Fields, normalizeFields, PATH_ALIASES, type Parsed, readFields, toSchema } from "./input-schema.ts";
import { prepareFor, type ResolvedPath, resolveCheckedPath, resolvePath, shortPath } from "./paths.ts";
import {
  SEARCH_TIMEOUT_SECONDS,
  type SearchResult,
  search,
  splitGlob,
  toAbsolutePath,
  toGlobOptions,
  withLiteralBrackets,
} from "./run-ripgrep.ts";
import { countAllFiles, describeSkipped, describeUnreadable } from "./search-scope.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  pattern: { type: "path", aliases: ["glob", "glob_pattern"] },
  path: { type: "path", optional: true, aliases: [...PATH_ALIASES, "dir", "directory", "cwd"] },
} satisfies Fields;

interface Input {
  /** Includes the literal folders at the start of the pattern. */
  path: string;
  pattern: string;
  title: string;
}

const MAX_FILES = 300;

export const glob: Tool<Input> = {
  name: "glob",
  kind: "search",
  description: "Find files by name pattern.",
  long: manual.glob,
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  parallel: true,
  parse,
  prepare: async (input, context) => ({
    ...prepareFor("read", await resolvePath(input.path, context)),
    title: truncateLine(input.title, 80),
  }),
  async run(input, context, prepared) {
    const target = await resolveCheckedPath(input.path, context, prepared);
    if (target.kind === "missing") return { ok: true, output: `(no files: ${target.title} does not exist)` };
    if (target.kind !== "directory") return failWith(`${target.title} is not a folder.`);
    return findFiles(input, target, context);
  },
};

function parse(input: unknown): Parsed<Input> {
  const read = readFields("glob", fields, input);
  if (!read.ok) return read;
  const { pattern, path = "." } = read.input;
  const { folder, rest } = splitGlob(pattern);
  if (rest === "" || rest.split("/").includes(".."))
    return {
      ok: false,
      problem: 'glob: "pattern" must end in a name pattern, and ".." is allowed only at its start.',
    };
  const base = folder === "" ? path : folder.startsWith("/") ? folder : join(path, folder);
  // `src/*` matches in the folder src only, `*.ts` at any depth.
  const anchored = folder !== "" && !rest.includes("/");
  return { ok: true, input: { path: base, pattern: anchored ? `/${rest}` : rest, title: pattern } };
}

async function findFiles(input: Input, target: ResolvedPath, context: ToolCallContext): Promise<ToolResult> {
  const literal = withLiteralBrackets(input.pattern);
  const first = await listMatches(input.pattern, target, context);
  const second = first.count === 0 && literal !== null ? await listMatches(literal, target, context) : null;
  const found = second !== null && second.count > 0 ? second : first;
  if (found.done.problem !== null) return failWith(`ripgrep cannot use this pattern: ${found.done.problem}`);
  const all = await countAllFiles(target, toGlobOptions(found.pattern), context);
  // A folder that is named is searched even if it is ignored.
  const shown =
    found.count === 0 && all > 0 && target.real !== context.cwd
      ? await listMatches(found.pattern, target, context, ["--no-ignore"])
      : found;
  const { names, left, secret, done, count } = shown;
  const notes = [
    left > 0 ? `(${left} more; narrow the pattern)` : "",
    secret > 0 ? `(${formatCount(secret, "file")} with secrets omitted)` : "",
    done.timedOut ? `(stopped after ${SEARCH_TIMEOUT_SECONDS} seconds; narrow the pattern)` : "",
    done.incomplete ? await describeUnreadable(target, toGlobOptions(shown.pattern), context, false) : "",
    describeSkipped(all, count),
  ].filter((note) => note !== "");
  return { ok: true, output: [...(names.length === 0 ? ["(no files)"] : names), ...notes].join("\n") };
}

interface FoundFiles {
  pattern: string;
  names: string[];
  /** Matches that were not returned. */
  left: number;
  secret: number;
  /** All matches. */
  count: number;
  done: SearchResult;
}

async function listMatches(
  pattern: string,
  target: ResolvedPath,
  context: ToolCallContext,
  extra: string[] = [],
): Promise<FoundFiles> {
  const patternOptions = [...toGlobOptions(pattern), ...extra];
  // A pattern with folders needs `--glob`, which includes ignored files, so the files that are not ignored are listed first.
  const allowed = patternOptions.some((option) => option.startsWith("--type")) ? null : new Set<string>();
  const scope = patternOptions.filter((option) => option === "--hidden" || option === "--no-ignore");
  if (allowed !== null)
    await search(target, ["--files", "--null", ...scope], context, (name) => allowed.add(name), "\0");
  const names: string[] = [];
  let left = 0;
  let secret = 0;
  const namesSecret = isSecretPath(pattern);
  const take = (name: string) => {
    if (allowed !== null && !allowed.has(name)) return;
    if (!namesSecret && isSecretPath(name)) secret += 1;
    else if (names.length >= MAX_FILES) left += 1;
    else names.push(shortPath(toAbsolutePath(target, name), context.cwd));
  };
  const done = await search(target, ["--files", "--null", ...patternOptions], context, take, "\0");
  return { pattern, names, left, secret, count: names.length + left + secret, done };
}
