/** What a command that only reads would show beyond the files that it names: what it finds in folders, in history and by wildcards. */
import { join } from "node:path";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { checkPath, findPathArguments, type PathFinding } from "./check-paths.ts";
import { expandWord } from "./expand-words.ts";
import { getGitArguments, type ReaderPaths } from "./read-only-programs.ts";
import type { CommandPart } from "./shell.ts";

const ask = (reason: string): PathFinding => ({ decision: "ask", reason, overridesRules: false });

/** Programs that show names and sizes only. */
const METADATA_PROGRAMS = new Set("ls stat du df find tree test [ readlink realpath cd file".split(" "));

/** Null if the command shows nothing but files of the workspace that hold no secrets. */
export function checkReads(
  part: CommandPart,
  use: ReaderPaths,
  folder: string,
  paths: PolicyPaths,
): PathFinding | null {
  const { words } = part;
  const [name = ""] = words;
  const operands = [...use.operands, ...use.limits].flatMap((word) => expandWord(word, part, folder, paths));
  switch (name) {
    case "grep":
    case "egrep":
    case "fgrep":
      return hasOption(use, "r", "recursive") ? checkSecrets(operands, selectsName(use), folder, paths, null) : null;
    case "rg":
      return checkSecrets(operands, () => true, folder, paths, getRipgrepScope(use));
    case "diff":
      return checkComparedFolders(operands, folder, paths);
    case "git":
      return checkGit(words, use, folder, paths);
    default:
      return null;
  }
}

/** A hard link may be another name of a secret, or of a file outside. */
export function checkHardLinks(
  words: readonly string[],
  targets: readonly { shown: string; path: string }[],
  paths: PolicyPaths,
) {
  if (METADATA_PROGRAMS.has(words[0] ?? "")) return null;
  const linked = targets.find(({ path }) => paths.findHardLink(path) === "unknown");
  return linked ? ask(`${linked.shown} is a hard link and may share its content with another file`) : null;
}

const hasOption = ({ options }: ReaderPaths, ...names: string[]): boolean =>
  options.some(([name]) => names.includes(name));

const getValues = ({ options }: ReaderPaths, ...names: string[]): string[] =>
  options.flatMap(([name, value]) => (names.includes(name) ? [value] : []));

function checkSecrets(
  operands: readonly string[],
  isSelected: (name: string) => boolean,
  folder: string,
  paths: PolicyPaths,
  scope: readonly string[] | null,
): PathFinding | null {
  for (const operand of operands.length === 0 ? ["."] : operands) {
    for (const { path } of findPathArguments(operand, folder, paths)) {
      if (!paths.isFolder(path)) continue;
      const secrets = paths.findSecrets(path, scope);
      if (secrets === null) return ask(`${operand} has too many files to check for secrets`);
      const secret = secrets.find((found) => isSelected(found.split("/").at(-1) ?? ""));
      if (secret !== undefined)
        return ask(
          `it also searches ${secret.replace(/^\.\//, "")}, which may contain secrets; name the files, or use --include`,
        );
    }
  }
  return null;
}

/** Whether grep's own options select a file. Only plain suffixes are understood; with others, every file is. */
function selectsName(use: ReaderPaths): (name: string) => boolean {
  const included = getValues(use, "include");
  const excluded = getValues(use, "exclude");
  const suffixes = included.map((glob) => /^\*(\.[\w.]+)$/.exec(glob)?.[1]);
  const isOnlyIncluded =
    included.length > 0 && excluded.length === 0 && suffixes.every((suffix) => suffix !== undefined);
  const isOnlyExcluded = excluded.length > 0 && included.length === 0;
  const prefixes = excluded.map((glob) => /^([\w.-]+)\*$/.exec(glob)?.[1]).filter((prefix) => prefix !== undefined);
  return (name) => {
    if (isOnlyIncluded) return suffixes.some((suffix) => name.endsWith(suffix ?? ""));
    if (!isOnlyExcluded) return true;
    return !excluded.includes(name) && !prefixes.some((prefix) => name.startsWith(prefix));
  };
}

/** The options that decide which files ripgrep searches. */
function getRipgrepScope(use: ReaderPaths): string[] {
  const unrestricted = use.options.filter(([name]) => name === "u" || name === "unrestricted").length;
  return [
    ...(hasOption(use, "hidden", ".") ? ["--hidden"] : []),
    ...(hasOption(use, "no-ignore") ? ["--no-ignore"] : []),
    ...Array.from({ length: Math.min(unrestricted, 3) }, () => "-u"),
    ...getValues(use, "g", "glob").map((glob) => `--glob=${glob}`),
    ...getValues(use, "iglob").map((glob) => `--iglob=${glob}`),
    ...getValues(use, "t", "type").map((type) => `--type=${type}`),
    ...getValues(use, "T", "type-not").map((type) => `--type-not=${type}`),
  ];
}

/** Without `-r`, diff compares the files of two folders, and a file with that of the same name in a folder. */
function checkComparedFolders(operands: readonly string[], folder: string, paths: PolicyPaths): PathFinding | null {
  const compared = operands.flatMap((operand) => findPathArguments(operand, folder, paths));
  for (const { path, shown } of compared) {
    if (!paths.isFolder(path)) continue;
    const names = paths.listNames(path);
    if (names === null) return ask(`${shown} has too many files to check`);
    for (const name of names)
      for (const argument of findPathArguments(join(path, name), folder, paths)) {
        const finding = checkPath(argument, "read", paths);
        if (finding !== null) return finding;
      }
  }
  return null;
}

const PATCH_OPTIONS =
  "p u U W c patch unified binary cc function-context word-diff word-diff-regex color-words color-moved".split(" ");
const SUMMARY_OPTIONS =
  "s no-patch stat shortstat numstat dirstat summary name-only name-status raw quiet oneline-only check".split(" ");

/** Options that leave out commits: with them, a number counts other commits than without. */
const FILTER_OPTIONS =
  "S G skip since until after before author committer grep i all-match invert-grep merges no-merges first-parent cherry-pick left-right simplify-by-decoration diff-filter".split(
    " ",
  );
/** Options that show other commits, or files under other names. */
const EXTENDING_OPTIONS =
  "branches tags remotes g walk-reflogs reflog follow boundary no-walk ancestry-path not L".split(" ");

function checkGit(words: readonly string[], use: ReaderPaths, folder: string, paths: PolicyPaths): PathFinding | null {
  const [verb = ""] = getGitArguments(words);
  // An operand of `git show` may be a file's content, which no option leaves out.
  const showsPatch =
    hasOption(use, ...PATCH_OPTIONS) ||
    (verb !== "log" && !hasOption(use, ...SUMMARY_OPTIONS)) ||
    (verb === "show" && use.operands.length > 0);
  const isShown = verb === "grep" || ((verb === "log" || verb === "show" || verb === "diff") && showsPatch);
  if (!isShown) return null;
  if (hasOption(use, ...EXTENDING_OPTIONS))
    return ask("these options may show other commits or files, which may contain secrets");
  const count = Number.parseInt(getValues(use, "n", "max-count").at(-1) ?? "", 10);
  const secrets = paths.findGitSecrets(folder, {
    verb: verb as "grep" | "log" | "show" | "diff",
    operands: [...use.operands, ...(hasOption(use, "all") ? ["--all"] : [])],
    paths: use.limits,
    count: Number.isNaN(count) || hasOption(use, ...FILTER_OPTIONS) ? null : count,
    cached: hasOption(use, "cached", "staged"),
    mergeBase: hasOption(use, "merge-base"),
  });
  if (secrets === null) return ask("git could not list in time which files this shows, and they may contain secrets");
  return secrets[0] === undefined
    ? null
    : ask(`it also shows ${secrets[0]}, which may contain secrets; name the files after --`);
}
