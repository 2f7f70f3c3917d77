/** Runs ripgrep over a place, never through a shell, for a bounded time; hands over what it finds as it comes. */
import { dirname, join, relative } from "node:path";
import type { CallWorld } from "../ports.ts";
import type { Place } from "./paths.ts";

const timeoutMs = 10_000;
const longestLine = 100_000;

export const searchSeconds = timeoutMs / 1000;

export interface Search {
  /** A sentence, where nothing could be searched. */
  problem: string | null;
  timedOut: boolean;
}

const mostUnsaved = 16 * 1024 * 1024;

/** The folder that ripgrep runs in, and what it is told to search there. */
const searchRoot = (place: Place): { folder: string; target: string } =>
  place.kind === "directory"
    ? { folder: place.real, target: "." }
    : {
        folder: dirname(place.real),
        target: `./${place.real.slice(dirname(place.real).length).replace(/^[/\\]/, "")}`,
      };

interface Entries {
  onEntry(entry: string): void;
  separator: "\n" | "\0";
}

export function search(
  place: Place,
  options: string[],
  world: CallWorld,
  onEntry: (entry: string) => void,
  separator: Entries["separator"] = "\n",
): Promise<Search> {
  const { folder, target } = searchRoot(place);
  return run(options, target, folder, world, { onEntry, separator });
}

/** The same in the texts of files: of what an editor holds unsaved, that is searched and not the disk's. */
export async function searchTexts(
  place: Place,
  options: string[],
  world: CallWorld,
  onEntry: (entry: string) => void,
  separator: Entries["separator"],
): Promise<Search> {
  const { folder, target } = searchRoot(place);
  const entries = { onEntry, separator };
  const unsaved = world.unsaved(place.real).map((path) => `./${relative(folder, path)}`);
  if (unsaved.length === 0) return run(options, target, folder, world, entries);
  const found = new Set<string>();
  await run([...scopeOf(options), "--files"], target, folder, world, {
    onEntry: (name) => void found.add(name),
    separator: "\n",
  });
  const left = unsaved.map((name) => `--glob=!${name.slice(1).replace(/[\\*?[\]{}!]/g, "\\$&")}`);
  const onDisk = unsaved.includes(target)
    ? { problem: null, timedOut: false }
    : await run([...options, ...left], target, folder, world, entries);
  for (const name of unsaved.filter((one) => found.has(one))) {
    const text = new TextDecoder().decode(await world.files.read(join(folder, name), mostUnsaved));
    const named = { separator, onEntry: (entry: string) => onEntry(entry.replace(/^<stdin>/, () => name)) };
    const { problem } = await run(options, "-", folder, world, named, text);
    if (problem !== null) return { ...onDisk, problem };
  }
  return onDisk;
}

/** The options that say which files are searched. */
const scopeOf = (options: readonly string[]): string[] =>
  options.filter((option) => /^--(?:glob|type|type-add|hidden)\b/.test(option));

async function run(
  options: string[],
  target: string,
  folder: string,
  world: CallWorld,
  { onEntry, separator }: Entries,
  stdin?: string,
): Promise<Search> {
  let rest = "";
  const end = await world.processes.run({
    argv: [
      world.processes.ripgrep,
      "--no-config",
      "--no-messages",
      "--color=never",
      "--no-require-git",
      "--sort=path",
      ...options,
      "--",
      target,
    ],
    cwd: folder,
    timeoutMs,
    signal: world.signal,
    ...(stdin !== undefined && { stdin }),
    onOutput(text) {
      const entries = (rest + text).split(separator);
      rest = (entries.pop() ?? "").slice(0, longestLine);
      for (const entry of entries) onEntry(entry);
    },
  });
  if (rest !== "" && separator === "\n") onEntry(rest);
  if (end.reason === "failed" || (end.code === 2 && /error/.test(end.head)))
    return { problem: end.head.trim(), timedOut: false };
  return { problem: null, timedOut: end.reason === "timeout" };
}

/** An absolute path from a line of ripgrep. */
export const foundPath = (place: Place, name: string): string => join(searchRoot(place).folder, name);

/**
 * How a glob is told to ripgrep. Where it speaks of names alone it becomes a type, because a type respects .gitignore;
 * a `--glob` would bring back what is ignored.
 */
export function globOptions(glob: string): string[] {
  const plain = glob.replace(/^\.\//, "");
  const name = plain.replace(/^(?:\*\*\/)+/, "");
  const hidden = /(?:^|\/)\.[^./]/.test(plain) ? ["--hidden", "--glob=!.git"] : [];
  if (name.includes("/") || name.includes(":") || name.startsWith("!")) return [...hidden, `--glob=${anchored(plain)}`];
  return [...hidden, `--type-add=wanted:${name}`, "--type=wanted"];
}

/** `src/*.ts` means the folder src here, not every folder of that name. */
const anchored = (glob: string) => (glob.startsWith("!") || glob.startsWith("/") ? glob : `/${glob}`);

/** Splits the folders that are spelled out from the rest: `src/a/**` + `/*.ts` becomes `src/a` and `**` + `/*.ts`. */
export function splitGlob(glob: string): { folder: string; rest: string } {
  const parts = glob.split("/");
  const first = parts.findIndex((part) => /[*?[\]{}!]/.test(part));
  const cut = first < 0 ? parts.length - 1 : first;
  return {
    folder: parts.slice(0, cut).join("/") || (glob.startsWith("/") ? "/" : ""),
    rest: parts.slice(cut).join("/"),
  };
}
