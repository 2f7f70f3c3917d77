/** Describes what a search did not cover: ignored and hidden files, and what could not be read. */
import type { ToolCallContext } from "../ports.ts";
import { formatCount, truncateLine } from "./format-output.ts";
import type { ResolvedPath } from "./paths.ts";
import { search } from "./run-ripgrep.ts";

const MAX_COUNTED = 50_000;
const MAX_NAMED = 5;

/** ripgrep skips neither ignored nor hidden files with these. */
const EVERYTHING = ["--hidden", "--no-ignore", "--glob=!.git"];

/** The number of files that the options select; `MAX_COUNTED` if there are more. */
export async function countFiles(target: ResolvedPath, scope: string[], context: ToolCallContext): Promise<number> {
  let count = 0;
  const enough = new AbortController();
  const signal = AbortSignal.any([context.signal, enough.signal]);
  const add = () => {
    count += 1;
    if (count >= MAX_COUNTED) enough.abort();
  };
  await search(target, ["--files", "--null", "--sort=none", ...scope], { ...context, signal }, add, "\0");
  return count;
}

export const countAllFiles = (target: ResolvedPath, scope: string[], context: ToolCallContext): Promise<number> =>
  countFiles(target, [...scope, ...EVERYTHING], context);

/** A note on the files that were skipped because they are ignored or hidden; "" if there are none. */
export function describeSkipped(all: number, covered: number): string {
  if (all <= covered) return "";
  const count =
    all >= MAX_COUNTED ? "many ignored or hidden files" : formatCount(all - covered, "ignored or hidden file");
  return `(${count} skipped; pass a path to include it)`;
}

/** A note on the files and folders that could not be read. `reading`: true if their content was searched. */
export async function describeUnreadable(
  target: ResolvedPath,
  scope: string[],
  context: ToolCallContext,
  reading: boolean,
): Promise<string> {
  const names: string[] = [];
  const what = reading ? "--regexp=[^\\s\\S]" : "--files";
  await search(target, [what, ...scope, "--messages"], context, (line) => {
    const name = /^rg: (?:\.\/)?(.*?): (?:IO error for operation on .*: )?[^:]*\(os error \d+\)$/.exec(line)?.[1];
    if (name !== undefined) names.push(truncateLine(name));
  });
  if (names.length === 0) return "(some files or folders were not searched because they could not be read)";
  const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : "";
  return `(not searched, because unreadable: ${names.slice(0, MAX_NAMED).join(", ")}${more})`;
}
