/**
 * Checks whether a git read command in a folder could start a program that the repository names: in its settings (`core.fsmonitor`,
 * `diff.external`, a filter, …) or as a hook. Both may come with an unpacked archive. Git itself tells which settings it reads, and
 * every setting that is not known to be safe is a risk.
 */
import { accessSync, constants, existsSync, lstatSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { cleanSearchPath } from "./programs.ts";
import { buildGitEnvironment } from "./read-environment.ts";
import { runWithLimits } from "./run-with-limits.ts";
import { isWithin } from "./within.ts";

/** Settings that start no program when git reads. `*` matches every key of the section. */
const safeSettings = new Set(
  `core.repositoryformatversion core.filemode core.bare core.logallrefupdates core.ignorecase core.precomposeunicode core.symlinks
  core.autocrlf core.eol core.safecrlf core.sparsecheckout core.sparsecheckoutcone core.longpaths core.untrackedcache core.preloadindex
  core.abbrev core.quotepath core.compression core.commitgraph core.multipackindex core.checkstat core.trustctime core.whitespace
  extensions.refstorage extensions.objectformat extensions.relativeworktrees extensions.worktreeconfig extensions.preciousobjects
  remote.url remote.pushurl remote.fetch remote.push remote.tagopt remote.prune remote.prunetags remote.mirror remote.skipfetchall
  remote.gh-resolved branch.* user.* author.* committer.* init.* pull.* push.* fetch.* rebase.autostash rebase.autosquash
  rerere.* gc.auto gc.autodetach color.* status.* advice.* http.* lfs.url lfs.access lfs.locksverify lfs.repositoryformatversion
  submodule.url submodule.active submodule.branch submodule.ignore
  merge.conflictstyle merge.ff diff.algorithm diff.renames diff.mnemonicprefix diff.colormoved log.date log.decorate commit.gpgsign
  tag.gpgsign tag.sort feature.* index.* pack.* maintenance.* safe.*`.split(/\s+/),
);
/** What `buildGitEnvironment` sets itself. */
const overriddenSettings = new Set(["core.hookspath", "core.fsmonitor"]);
const MAX_INDEX_BYTES = 64 * 1024 * 1024;
const MAX_REPOSITORIES = 50;
const TIMEOUT_MS = 3_000;
const TOTAL_MS = 10_000;
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface GitProgram {
  /** Absolute. */
  path: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** Runs one git command that only reads settings, names or the index. Null if it failed; then `problem` has its message. */
export async function runGit(
  git: GitProgram,
  folder: string,
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ output: string; problem: null } | { output: null; problem: string }> {
  const { HOME, XDG_CONFIG_HOME, PATH } = git.env;
  const { status, stdout, stderr } = await runWithLimits(git.path, words, {
    cwd: folder,
    env: { HOME, XDG_CONFIG_HOME, PATH: cleanSearchPath(PATH, folder), LC_ALL: "C", ...buildGitEnvironment(), ...env },
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_OUTPUT_BYTES,
  });
  return status === 0 ? { output: stdout, problem: null } : { output: null, problem: stderr.split("\n", 1)[0] ?? "" };
}

interface Repository {
  folder: string;
  env: Readonly<Record<string, string>>;
}

/** Null if there is no risk, else the reason, as a clause of a sentence. `withoutHooks`: git will run with `buildGitEnvironment`. */
export async function checkRepositoryRisk(
  folder: string,
  git: GitProgram | null,
  withoutHooks = false,
): Promise<string | null> {
  const endAt = Date.now() + TOTAL_MS;
  if (git === null || !existsSync(folder)) return null;
  // Git also reads submodules, with their own settings.
  const repositories: Repository[] = [{ folder, env: {} }];
  for (let count = 0; count < repositories.length; count += 1) {
    const repository = repositories[count] ?? { folder, env: {} };
    if (count > MAX_REPOSITORIES)
      return `the git repository has more than ${MAX_REPOSITORIES} submodules, too many to check`;
    if (Date.now() > endAt) return "checking the settings of the git repository took too long";
    const found = await checkRepository(git, repository, withoutHooks);
    if (typeof found === "string") return found;
    repositories.push(...(found ?? []));
  }
  return null;
}

/** The reason for a risk, the submodules to check, or null if there is no repository. */
async function checkRepository(
  git: GitProgram,
  { folder, env }: Repository,
  withoutHooks: boolean,
): Promise<string | Repository[] | null> {
  const located = await runGit(
    git,
    folder,
    ["rev-parse", "--absolute-git-dir", "--git-common-dir", "--git-path", "index"],
    env,
  );
  if (located.problem?.startsWith("fatal: not a git repository (or any")) return null;
  const [gitFolder, common, index] = located.output?.split("\n") ?? [];
  if (gitFolder === undefined || common === undefined || index === undefined)
    return `the repository cannot be located: ${located.problem}`;
  const tree = (await runGit(git, folder, ["rev-parse", "--show-toplevel"], env)).output?.trimEnd() ?? null;
  const isOwn = (path: string): boolean =>
    tree !== null && resolve(gitFolder, path) === tree && isWithin(folder, tree) && existsSync(join(tree, ".git"));
  const isSafe = (key: string): boolean => withoutHooks && overriddenSettings.has(key);
  const risk =
    (await findSettingRisk(git, { folder, env }, isOwn, isSafe)) ??
    (withoutHooks ? null : findHookRisk(resolve(folder, common)));
  if (risk !== null) return risk;
  if (tree === null) return [];
  const submodules = readSubmodules(resolve(folder, index));
  if (submodules === null) return `${resolve(folder, index)} cannot be parsed reliably`;
  return submodules
    .map((path) => join(tree, path))
    .filter((path) => lstatSync(join(path, ".git"), { throwIfNoEntry: false }) !== undefined)
    .map((path) => ({ folder: path, env: { GIT_DIR: ".git" } }));
}

/** The hook that git runs after it has refreshed the index, which `git diff` and `git status` do. */
function findHookRisk(gitFolder: string): string | null {
  const hook = join(gitFolder, "hooks", "post-index-change");
  try {
    accessSync(hook, constants.X_OK);
    return `${hook} may run`;
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
}

/** The settings as git reads them, with all files that they include. */
async function findSettingRisk(
  git: GitProgram,
  { folder, env }: Repository,
  isOwn: (path: string) => boolean,
  isSafe: (key: string) => boolean,
): Promise<string | null> {
  const listed = await runGit(git, folder, ["config", "--list", "--null", "--show-origin", "--show-scope"], env);
  if (listed.output === null) return `the settings of the repository cannot be read: ${listed.problem}`;
  const fields = listed.output.split("\0");
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [scope = "", origin = "", setting = ""] = fields.slice(at, at + 3);
    if (scope !== "local" && scope !== "worktree") continue;
    const [key = "", value = ""] = setting.split(/\n(.*)/s);
    const section = key.slice(0, key.indexOf(".")).toLowerCase();
    const name = key.slice(key.lastIndexOf(".") + 1).toLowerCase();
    // A submodule's settings contain the location of its files; only the expected location is safe.
    if (section === "core" && name === "worktree" && isOwn(value)) continue;
    if (isSafe(`${section}.${name}`)) continue;
    if (!safeSettings.has(`${section}.${name}`) && !safeSettings.has(`${section}.*`))
      return `${resolve(folder, origin.replace(/^file:/, ""))} sets ${section}.${name}, which may start a program`;
  }
  return null;
}

/** Bytes of an index entry before its path, with SHA-1 object names. */
const ENTRY = 62;
const GITLINK = 0o160000;

/** Paths of submodules, from an index of version 2 or 3; null if it cannot be parsed. */
function readSubmodules(file: string): string[] | null {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isFile() || stat.size > MAX_INDEX_BYTES) return null;
  const index = readFileSync(file);
  if (index.length < 12 || index.toString("latin1", 0, 4) !== "DIRC" || index.readUInt32BE(4) > 3) return null;
  const found: string[] = [];
  let at = 12;
  for (let left = index.readUInt32BE(8); left > 0; left -= 1) {
    if (at + ENTRY > index.length) return null;
    const isExtended = (index.readUInt16BE(at + ENTRY - 2) & 0x4000) !== 0;
    const start = at + ENTRY + (isExtended ? 2 : 0);
    const end = index.indexOf(0, start);
    if (end < 0) return null;
    if (index.readUInt32BE(at + 24) === GITLINK) found.push(index.toString("utf8", start, end));
    at += Math.floor((end - at + 8) / 8) * 8;
  }
  // The rest of a split index is in another file.
  return index.includes("link", at) ? null : found;
}
