/** What the permission policy may look at on the disk: real paths, names, hard links, git's answers, and where programs are. */
import { type Dirent, lstatSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { checkRepositoryRisk, type GitProgram } from "./git-safety.ts";
import { type GitQuery, listShownByGit } from "./git-secrets.ts";
import { createLookups, type Lookups } from "./program-lookups.ts";
import { cleanSearchPath, findProgram, isInstalledProgram } from "./programs.ts";
import { resolveRealPath } from "./real-path.ts";
import { runWithLimits } from "./run-with-limits.ts";
import { isSecretPath, SECRET_GLOBS } from "./secret-files.ts";

const MAX_NAMES = 5_000;
const MAX_TEXT_BYTES = 256 * 1024;
const MAX_WALKED = 50_000;
const LIST_MS = 2_000;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
/** Package managers fill these folders with hard links to their caches. */
const PACKAGE_FOLDERS = /(^|\/)(node_modules|\.venv|venv|site-packages|\.pnpm-store|target)(\/|$)/;

/** For one decision. All methods are synchronous; those that run a program throw `PendingLookup` until its output is there. */
export interface PolicyPaths {
  /** Makes the decision once the output of all programs that it needs is there. */
  decide: Lookups["decide"];
  /** The workspace root, real. */
  root: string;
  home: string;
  protectedFolders: readonly string[];
  /** Resolves all links; for a missing file, those of its nearest existing parent. */
  resolveRealPath(path: string): string;
  /** Why git might run a program that the repository names, even for reading; null if it does not. */
  findGitRisk(folder: string): string | null;
  /** The names in a folder; null if there are too many to check. */
  listNames(folder: string): string[] | null;
  isFolder(path: string): boolean;
  /** The text of a small file, or null. */
  readText(path: string): string | null;
  /** For a file with hard links, so that its content may be that of a file elsewhere; null for any other file. */
  findHardLink(path: string): HardLink | null;
  /** True if no name below the folder has a blank, a quote or a backslash. */
  hasPlainNames(folder: string): boolean;
  /** Files below the folder whose names suggest secrets, or null if that is unknown. `scope`: ripgrep's options, if it searches. */
  findSecrets(folder: string, scope: readonly string[] | null): string[] | null;
  /** Those whose content a git command shows. */
  findGitSecrets(folder: string, query: GitQuery): string[] | null;
  /** True if the program is installed outside of the workspace, and no launcher that chooses a version by the workspace's files. */
  isInstalledProgram(name: string): boolean;
}

/** `packages`: a package manager shares the files of installed packages with its cache, and so with other projects. */
export type HardLink = "packages" | "unknown";

export interface PolicyPathsDeps {
  home: string;
  protectedFolders: readonly string[];
  ripgrep: () => string;
  env: Readonly<Record<string, string | undefined>>;
}

export function createPolicyPaths(deps: PolicyPathsDeps): (cwd: string) => PolicyPaths {
  return (cwd) => {
    const root = resolveRealPath(cwd);
    const { lookUp, decide } = createLookups();
    const findGit = (): GitProgram | null => {
      const path = findProgram("git", deps.env.PATH, root);
      return path === null ? null : { path, env: { ...deps.env, PATH: cleanSearchPath(deps.env.PATH, root) } };
    };
    const findGitRisk = (folder: string): string | null =>
      lookUp({
        key: `git ${folder}`,
        run: () => checkRepositoryRisk(folder, findGit()),
        fallback: "too many folders to check for git settings",
      });
    return {
      decide,
      root,
      home: deps.home,
      protectedFolders: deps.protectedFolders,
      resolveRealPath: (path) => resolveRealPath(path),
      findGitRisk,
      listNames,
      isFolder: (path) => tryOr<Stats | null>(null, () => statSync(path))?.isDirectory() === true,
      readText: (path) =>
        tryOr(null, () => (statSync(path).size <= MAX_TEXT_BYTES ? readFileSync(path, "utf8") : null)),
      findHardLink,
      hasPlainNames,
      findSecrets: (folder, scope) =>
        lookUp({
          key: JSON.stringify(["secrets", folder, scope]),
          run: () => findSecrets(deps.ripgrep(), folder, scope),
          fallback: null,
        }),
      findGitSecrets(folder, query) {
        const git = findGit();
        if (git === null) return [];
        // Listing what a diff shows reads the files as a diff does, with the filters that the repository sets.
        if (findGitRisk(folder) !== null) return null;
        return lookUp({
          key: JSON.stringify(["shown by git", folder, query]),
          run: async () => (await listShownByGit(git, folder, query))?.filter(isSecretPath) ?? null,
          fallback: null,
        });
      },
      isInstalledProgram(name) {
        const path = findProgram(name, deps.env.PATH, root);
        return path !== null && isInstalledProgram(name, realpathSync(path));
      },
    };
  };
}

function listNames(folder: string): string[] | null {
  const entries = tryList(folder);
  return entries.length > MAX_NAMES ? null : entries.map(({ name }) => name);
}

const tryList = (folder: string): Dirent[] => tryOr([], () => readdirSync(folder, { withFileTypes: true }));

/**
 * Programs find nothing either where a path does not exist, leads through a file, or cannot be read. With any other error, nothing is
 * known, so the decision fails.
 */
function tryOr<T>(fallback: T, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ELOOP", "EACCES", "EPERM", "ENAMETOOLONG", "ERR_INVALID_ARG_VALUE"].includes(code))
      return fallback;
    throw error;
  }
}

function findHardLink(path: string): HardLink | null {
  const stat = tryOr<Stats | null>(null, () => lstatSync(path));
  if (stat?.isFile() !== true || stat.nlink < 2) return null;
  return PACKAGE_FOLDERS.test(path) ? "packages" : "unknown";
}

/** True if no name below a folder contains a character that `xargs` does not take as part of a name. */
function hasPlainNames(folder: string): boolean {
  const open = [folder];
  let count = 0;
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of tryList(at)) {
      count += 1;
      if (count > MAX_WALKED || /[\s'"\\]/.test(entry.name)) return false;
      if (entry.isDirectory()) open.push(`${at}/${entry.name}`);
    }
  }
  return true;
}

/**
 * The files below a folder whose names suggest secrets; null if there are too many files to check. `scope`: ripgrep's own options, if it
 * is ripgrep that searches; otherwise hidden and ignored files count, and installed packages do not.
 */
async function findSecrets(ripgrep: string, folder: string, scope: readonly string[] | null): Promise<string[] | null> {
  const everywhere = [
    "--hidden",
    "--no-ignore",
    ...SECRET_GLOBS.map((glob) => `--iglob=${glob}`),
    "--glob=!**/node_modules/**",
  ];
  const { status, stdout } = await runWithLimits(
    ripgrep,
    ["--files", "--null", "--no-config", "--no-messages", ...(scope ?? everywhere), "--", "."],
    { cwd: folder, timeoutMs: LIST_MS, maxBytes: MAX_LIST_BYTES },
  );
  return status === null ? null : stdout.split("\0").filter((path) => path !== "" && isSecretPath(path));
}
