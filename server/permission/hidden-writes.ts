/**
 * Commands that write files which the command line does not name, so that protected files could be among them: unpackers, copies of
 * whole folders, programs for each file of a list, and changes of settings.
 */
import { join, relative } from "node:path";
import type { PolicyPaths } from "../workspace/policy-paths.ts";
import { isSecretPath } from "../workspace/secret-files.ts";
import { isWithin } from "../workspace/within.ts";
import { findPathArguments, type PathFinding } from "./check-paths.ts";
import { getBaseName, listReachableCommands, runsCode, splitCode } from "./program-tables.ts";
import { checkProtectedPath } from "./protected-paths.ts";
import { findXargsProgram, parseReaderUse } from "./read-only-programs.ts";

const ask = (reason: string, overridesRules = false): PathFinding => ({ decision: "ask", reason, overridesRules });

/** `input`: the command whose output this one reads. */
export function checkHiddenWrites(
  words: readonly string[],
  input: readonly string[] | undefined,
  folder: string,
  paths: PolicyPaths,
): PathFinding | null {
  for (const reached of listReachableCommands(words)) {
    const known = reached.map((word) => word ?? "");
    const finding =
      checkUnpacking(known) ??
      checkFolderCopy(known, folder, paths) ??
      checkFoundFiles(known, folder, paths) ??
      checkScript(known, folder, paths) ??
      (getBaseName(known[0] ?? "") === "xargs" ? checkListedFiles(known, input, folder, paths) : null);
    if (finding !== null) return finding;
  }
  return null;
}

const GIT_VALUE_OPTIONS = new Set(
  "-c -C --git-dir --work-tree --namespace --config-env --exec-path --super-prefix".split(" "),
);

/** The words of a git command from its verb on. */
function getGitVerb(words: readonly string[]): string[] {
  let at = 1;
  while (words[at]?.startsWith("-") === true) at += GIT_VALUE_OPTIONS.has(words[at] ?? "") ? 2 : 1;
  return words.slice(at);
}

/** Commands that change settings that run programs later. */
export function checkSettingsChange(words: readonly string[]): PathFinding | null {
  const name = getBaseName(words[0] ?? "");
  const changes = name === "git" ? changesGitSettings(words) : changesPackageSettings(name, words);
  if (name === "shopt") return ask("it changes which files wildcards match", true);
  return changes ? ask("it changes settings that decide what programs run", true) : null;
}

function changesGitSettings(words: readonly string[]): boolean {
  const [verb = "", ...rest] = getGitVerb(words);
  if (verb === "config") return !readsGitSettings(rest);
  if (verb === "remote")
    return /^(add|set-url|rename|rm|remove|set-head|set-branches)$/.test(
      rest.find((word) => !word.startsWith("-")) ?? "",
    );
  if (verb === "submodule") return rest.includes("add");
  if (verb === "lfs") return /^(install|uninstall|update|track|untrack)$/.test(rest[0] ?? "");
  if (verb === "worktree") return rest.some((word) => /\.git(\/|$)/.test(word));
  if (verb === "init" || verb === "clone") return rest.some((word) => /^(--temp|--sep|--conf|-c)/.test(word));
  return words.some((word) => /^core\.(hookspath|fsmonitor|sshcommand|pager|editor)/i.test(word.replace(/^-c/, "")));
}

/** What it reads may be a password, which needs approval, but it changes nothing. */
function readsGitSettings(words: readonly string[]): boolean {
  const scopes = /^--(global|local|system|worktree)$/;
  const verb = words.find((word) => !scopes.test(word)) ?? "";
  return (
    /^(--get(-all|-regexp|-urlmatch)?|--list|-l|get|list)$/.test(verb) ||
    "paths" in parseReaderUse(["git", "config", ...words])
  );
}

function changesPackageSettings(name: string, words: readonly string[]): boolean {
  if (!/^(npm|pnpm|yarn|bun)$/.test(name)) return false;
  const plain = words.slice(1).filter((word) => !word.startsWith("-"));
  return (
    plain[0] === "set" ||
    ((plain.includes("config") || plain.includes("c")) &&
      plain.some((word) => /^(set|delete|rm|edit|fix|unset)$/.test(word)))
  );
}

/** The content of an archive or of a patch names the files. */
function checkUnpacking(words: readonly string[]): PathFinding | null {
  const [name = "", ...rest] = [getBaseName(words[0] ?? ""), ...words.slice(1)];
  const [verb = ""] = name === "git" ? getGitVerb(words) : [];
  const unpacks =
    /^(patch|cpio|rsync|unrar|unar|pax|ditto)$/.test(name) ||
    (/^(unzip)$/.test(name) && !rest.some((word) => /^-[ltvZ]/.test(word))) ||
    (/^(tar|bsdtar|gtar|jar|ar)$/.test(name) &&
      (/^-?\w*x/.test(rest[0] ?? "") || rest.some((word) => /^(-\w*x\w*|--(ex|ge).*)$/.test(word)))) ||
    (/^(7z|7za|7zr|7zz)$/.test(name) && /^[xe]$/.test(rest[0] ?? "")) ||
    /^(apply|am)$/.test(verb);
  return unpacks
    ? ask(`${name} writes files that the command line does not name, which may include protected files`)
    : null;
}

const MAX_COPIED = 5_000;

function checkFolderCopy(words: readonly string[], folder: string, paths: PolicyPaths): PathFinding | null {
  if (!/^(cp|mv|install)$/.test(getBaseName(words[0] ?? ""))) return null;
  for (const word of words.slice(1).filter((one) => !one.startsWith("-"))) {
    for (const { path } of findPathArguments(word, folder, paths)) {
      if (path === paths.root || !paths.isFolder(path)) continue;
      const found = findProtectedBelow(path, paths);
      if (found !== null) return ask(`${word} contains ${found}, which is protected at the destination`);
    }
  }
  return null;
}

function findProtectedBelow(folder: string, paths: PolicyPaths): string | null {
  const open = [""];
  let count = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const name of paths.listNames(join(folder, at)) ?? []) {
      const path = at === "" ? name : `${at}/${name}`;
      count += 1;
      if (count > MAX_COPIED || checkProtectedPath(join(paths.root, path), paths.root, []) !== null) return path;
      if (paths.isFolder(join(folder, path)) && name !== "node_modules") open.push(path);
    }
  }
  return null;
}

/** A script file that names a protected file. Build files that every project has, and code that it imports, are not read. */
function checkScript(words: readonly string[], folder: string, paths: PolicyPaths): PathFinding | null {
  const [first = "", ...rest] = words;
  const name = getBaseName(first);
  const makefile = rest.find((_, at) => /^(-f|--file|--makefile)$/.test(rest[at - 1] ?? ""));
  const script =
    runsCode([first]) || name === "." || name === "source" ? rest.find((word) => !word.startsWith("-")) : undefined;
  const files = [makefile, script, first.includes("/") ? first : undefined].filter((file) => file !== undefined);
  for (const file of files) {
    for (const { path } of findPathArguments(file, folder, paths)) {
      if (!isWithin(path, paths.root) || paths.isFolder(path)) continue;
      const pieces = splitCode(` ${paths.readText(path) ?? ""}`);
      const named = pieces.find((piece) => checkProtectedPath(join(paths.root, piece), paths.root, []) !== null);
      if (named !== undefined) return ask(`${file} contains ${named}, which is protected`);
    }
  }
  return null;
}

/** True if a name ending excludes protected files and secrets. */
const isOrdinaryEnding = (glob: string): boolean =>
  /^\*\.\w+$/.test(glob) &&
  !isSecretPath(`.env${glob.slice(1)}`) &&
  !/^\*\.(code-workspace|fish|ya?ml|jsonc?|toml)$/i.test(glob);

/** A program that `find` runs for each file also gets those in hidden folders. */
function checkFoundFiles(words: readonly string[], folder: string, paths: PolicyPaths): PathFinding | null {
  if (!/^(find|fd|fdfind)$/.test(getBaseName(words[0] ?? ""))) return null;
  const at = words.findIndex((word) => /^-(exec|execdir|ok|okdir)$|^-[xX]$|^--exec/.test(word));
  if (at < 0) return null;
  const program = words.slice(at + 1).filter((word) => !/^(\{\}|\+|;)$/.test(word));
  if ("paths" in parseReaderUse(program)) return null;
  const end = words.findIndex((word, index) => index > 0 && /^[-!(]/.test(word));
  const isNamed =
    areOrdinaryFolders(words.slice(1, end), folder, paths) &&
    words.some((word, index) => words[index - 1] === "-name" && isOrdinaryEnding(word));
  const isPlain = !words.some((word) => /^(-o|-or|!|-not|,)$|\{\}.|.\{\}/.test(word));
  return isNamed && isPlain
    ? null
    : ask("find runs a program on files that the command line does not name, which may include protected files");
}

/** True if a search begins in no hidden folder: most protected files are in one. */
const areOrdinaryFolders = (starts: readonly string[], folder: string, paths: PolicyPaths): boolean =>
  starts.every((start) =>
    findPathArguments(start, folder, paths).every(
      ({ path }) =>
        !/(^|\/)\.[^/]/.test(relative(paths.root, path)) && checkProtectedPath(path, paths.root, []) === null,
    ),
  );

const HIDDEN_FILES = "hidden . u unrestricted no-ignore g glob iglob".split(" ");

function checkListedFiles(
  words: readonly string[],
  input: readonly string[] | undefined,
  folder: string,
  paths: PolicyPaths,
): PathFinding | null {
  const program = findXargsProgram(words.slice(1));
  if (program !== null && "paths" in parseReaderUse(program)) return null;
  const [name = "", ...rest] = input ?? [];
  const use = parseReaderUse(input ?? []);
  const isListed = !words.some((word) => /^(-a|--arg-file)/.test(word));
  if (!("paths" in use) || !areOrdinaryFolders(use.operands, folder, paths))
    return ask("xargs runs a program on files that the command line does not name, which may include protected files");
  const isHidden = use.options.some(([option]) => HIDDEN_FILES.includes(option));
  const isOrdinary =
    (name === "rg" && !isHidden) ||
    (name === "find" &&
      rest.some((word, at) => rest[at - 1] === "-name" && isOrdinaryEnding(word)) &&
      !rest.some((word) => /^(-o|-or|!|-not)$/.test(word)));
  return isListed && isOrdinary
    ? null
    : ask("xargs runs a program on files that the command line does not name, which may include protected files");
}
