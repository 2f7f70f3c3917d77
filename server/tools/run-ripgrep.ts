/** Runs ripgrep on a file or folder, without a shell and with a timeout; reports results as they arrive. */
import { dirname, join, relative } from "node:path";
import type { ToolCallContext } from "../ports.ts";
import { isInRepository } from "../workspace/repository.ts";
import type { ResolvedPath } from "./paths.ts";

const TIMEOUT_MS = 10_000;
const MAX_LINE_LENGTH = 100_000;

export const SEARCH_TIMEOUT_SECONDS = TIMEOUT_MS / 1000;

export interface SearchResult {
  /** The error message if the search failed. */
  problem: string | null;
  timedOut: boolean;
  /** True if some files or folders could not be read. */
  incomplete: boolean;
}

const MAX_UNSAVED_BYTES = 16 * 1024 * 1024;

/** The folder that ripgrep runs in, and the path it searches there. */
const getSearchRoot = (target: ResolvedPath): { folder: string; searchPath: string } =>
  target.kind === "directory"
    ? { folder: target.real, searchPath: "." }
    : {
        folder: dirname(target.real),
        searchPath: `./${target.real.slice(dirname(target.real).length).replace(/^[/\\]/, "")}`,
      };

interface EntryReader {
  onEntry(entry: string): void;
  separator: "\n" | "\0";
}

export function search(
  target: ResolvedPath,
  options: string[],
  context: ToolCallContext,
  onEntry: (entry: string) => void,
  separator: EntryReader["separator"] = "\n",
): Promise<SearchResult> {
  const { folder, searchPath } = getSearchRoot(target);
  return runRipgrep(options, searchPath, folder, context, { onEntry, separator });
}

/** Searches file contents. For documents with unsaved changes, the editor's text is searched instead of the disk. */
export async function searchTexts(
  target: ResolvedPath,
  options: string[],
  context: ToolCallContext,
  onEntry: (entry: string) => void,
  separator: EntryReader["separator"],
): Promise<SearchResult> {
  const { folder, searchPath } = getSearchRoot(target);
  const entries = { onEntry, separator };
  const unsaved = context.openDocumentsBelow(target.real).map((path) => `./${relative(folder, path)}`);
  if (unsaved.length === 0) return runRipgrep(options, searchPath, folder, context, entries);
  const found = new Set<string>();
  await runRipgrep([...getScopeOptions(options), "--files"], searchPath, folder, context, {
    onEntry: (name) => void found.add(name),
    separator: "\n",
  });
  const left = unsaved.map((name) => `--glob=!${name.slice(1).replace(/[\\*?[\]{}!]/g, "\\$&")}`);
  const onDisk = unsaved.includes(searchPath)
    ? { problem: null, timedOut: false, incomplete: false }
    : await runRipgrep([...options, ...left], searchPath, folder, context, entries);
  for (const name of unsaved.filter((path) => found.has(path))) {
    const text = new TextDecoder().decode(await context.files.read(join(folder, name), MAX_UNSAVED_BYTES));
    const named = { separator, onEntry: (entry: string) => onEntry(entry.replace(/^<stdin>/, () => name)) };
    const { problem } = await runRipgrep(options, "-", folder, context, named, text);
    if (problem !== null) return { ...onDisk, problem };
  }
  return onDisk;
}

/** The options that select files. */
export const getScopeOptions = (options: readonly string[]): string[] =>
  options.filter((option) => /^--(?:glob|type|type-add|hidden|no-ignore)\b/.test(option));

async function runRipgrep(
  options: string[],
  searchPath: string,
  folder: string,
  context: ToolCallContext,
  { onEntry, separator }: EntryReader,
  stdin?: string,
): Promise<SearchResult> {
  const exists = async (path: string) => (await context.files.stat(path)).kind !== "missing";
  let rest = "";
  const end = await context.processes.run({
    argv: [
      context.processes.ripgrep(),
      "--no-config",
      "--no-messages",
      "--color=never",
      ...((await isInRepository(folder, exists)) ? [] : ["--no-require-git"]),
      "--sort=path",
      ...options,
      "--",
      searchPath,
    ],
    cwd: folder,
    timeoutMs: TIMEOUT_MS,
    signal: context.signal,
    ...(stdin !== undefined && { stdin }),
    onOutput(text) {
      const entries = (rest + text).split(separator);
      rest = (entries.pop() ?? "").slice(0, MAX_LINE_LENGTH);
      for (const entry of entries) onEntry(entry);
    },
  });
  if (rest !== "" && separator === "\n") onEntry(rest);
  const problem = end.reason === "failed" || (end.code === 2 && isMessage(end.head)) ? end.head.trim() : null;
  return { problem, timedOut: end.reason === "timeout", incomplete: end.code === 2 && problem === null };
}

/** Each result begins with the name of its file; an error of ripgrep itself comes alone. */
const isMessage = (output: string) => output.trim() !== "" && !/^(?:\.\/|<stdin>)/.test(output);

/** The absolute path of a file name in ripgrep's output. */
export const toAbsolutePath = (target: ResolvedPath, name: string): string => join(getSearchRoot(target).folder, name);

/**
 * The ripgrep options for a glob. A glob of names only becomes a file type, because a type respects .gitignore;
 * `--glob` would include ignored files.
 */
export function toGlobOptions(glob: string): string[] {
  const plain = glob.replace(/^\.\//, "");
  const name = plain.replace(/^(?:\*\*\/)+/, "");
  const hidden = /(?:^|\/)\.[^./]/.test(plain) ? ["--hidden", "--glob=!.git"] : [];
  if (name.includes("/") || name.includes(":") || name.startsWith("!"))
    return [...hidden, `--glob=${anchorGlob(plain)}`];
  return [...hidden, `--type-add=wanted:${name}`, "--type=wanted"];
}

/** `src/*.ts` means the folder src in the root, not every folder of that name. */
const anchorGlob = (glob: string) => (glob.startsWith("!") || glob.startsWith("/") ? glob : `/${glob}`);

/** The glob in which brackets are part of a name, as in `app/[slug]/page.tsx`; null if it has none. */
export const withLiteralBrackets = (glob: string): string | null =>
  /\[.*\]/.test(glob) ? glob.replace(/\\?([[\]])/g, "\\$1") : null;

/** Splits the literal folders from the rest: `src/a/**` + `/*.ts` becomes `src/a` and `**` + `/*.ts`. */
export function splitGlob(glob: string): { folder: string; rest: string } {
  const parts = glob.split("/");
  const first = parts.findIndex((part) => /[*?[\]{}!]/.test(part));
  const cut = first < 0 ? parts.length - 1 : first;
  return {
    folder: parts.slice(0, cut).join("/") || (glob.startsWith("/") ? "/" : ""),
    rest: parts.slice(cut).join("/"),
  };
}
