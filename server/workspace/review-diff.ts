/**
 * The diff of a change to review. Git runs without hooks, external diffs and connections, and only where no setting of the repository
 * could start a program. Files that may hold secrets are left out, because the diff is sent to a model.
 */
import { lstat, readFile } from "node:fs/promises";
import { isAbsolute, join, relative, resolve } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { ChangedFile, ReviewBase, ReviewTarget } from "../../protocol/review-methods.ts";
import { checkRepositoryRisk } from "./git-safety.ts";
import { cleanSearchPath, findProgram } from "./programs.ts";
import { buildGitEnvironment } from "./read-environment.ts";
import { resolveRealPath } from "./real-path.ts";
import { type RunResult, runWithLimits } from "./run-with-limits.ts";
import { isSecretPath } from "./secret-files.ts";
import { isWithin } from "./within.ts";

type Env = Readonly<Record<string, string | undefined>>;

export interface Review {
  root: string;
  base: ReviewBase;
  files: ChangedFile[];
}

const TIMEOUT_MS = 60_000;
const MAX_DIFF_BYTES = 32 * 1024 * 1024;
const MAX_FILE_BYTES = 512 * 1024;
/** More than anyone reviews; the names of further files are still listed. */
const MAX_FILES = 2_000;
const MAX_LINES_BYTES = 16 * 1024 * 1024;

const SETTINGS = ["core.quotePath=false", "diff.noprefix=false", "diff.mnemonicPrefix=false", "diff.relative=false"];
const DIFF = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", "--ignore-submodules=dirty"];

export async function readReviewDiff(cwd: string, target: ReviewTarget, env: Env): Promise<Review> {
  if (target.kind === "pullRequest") return readPullRequest(cwd, target.number, env);
  const git = await openGit(cwd, env);
  const { base, range } = await resolveTarget(git, target);
  const listed = await listChanges(git, range);
  const untracked = target.kind === "commit" ? [] : await readUntracked(git);
  const files = [...(await readPatches(git, range, listed)), ...untracked];
  return { root: git.root, base, files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** The number of lines of files in the reviewed state. A path may be absolute, or relative to the root or to `cwd`. */
export async function locateReviewFiles(
  cwd: string,
  target: ReviewTarget,
  paths: readonly string[],
  env: Env,
): Promise<{ path: string; lines?: number | null }[]> {
  if (target.kind === "pullRequest") return paths.map((path) => ({ path }));
  const git = await openGit(cwd, env);
  const commit = target.kind === "commit" ? (await resolveCommit(git, target.name)).commit : null;
  const count = (path: string): Promise<number | null> =>
    commit === null ? countLines(git.root, path) : countCommittedLines(git, commit, path);
  return Promise.all(
    paths.map(async (named) => {
      const [first = named, ...others] = listCandidates(git.root, cwd, named);
      for (const path of [first, ...others]) {
        const lines = await count(path);
        if (lines !== null) return { path, lines };
      }
      return { path: first, lines: null };
    }),
  );
}

interface Git {
  root: string;
  run(args: readonly string[], maxBytes?: number): Promise<RunResult>;
  /** Rejects where git fails. */
  read(args: readonly string[]): Promise<string>;
}

async function openGit(cwd: string, env: Env): Promise<Git> {
  const path = findProgram("git", env.PATH, cwd);
  if (path === null) throw new TuttiError("notFound", "A review needs git, which is not installed.");
  const risk = await checkRepositoryRisk(cwd, { path, env }, true);
  if (risk !== null)
    throw new TuttiError(
      "failed",
      `The change is not read, because git could start a program: ${risk}. Remove that from the repository, or pass the output of git diff as a prompt: \`git diff | tutti run "Review this change"\`.`,
    );
  const run = (folder: string, args: readonly string[], maxBytes: number): Promise<RunResult> =>
    runWithLimits(path, [...SETTINGS.flatMap((setting) => ["-c", setting]), ...args], {
      cwd: folder,
      env: {
        HOME: env.HOME,
        XDG_CONFIG_HOME: env.XDG_CONFIG_HOME,
        PATH: cleanSearchPath(env.PATH, cwd),
        LC_ALL: "C",
        GIT_LITERAL_PATHSPECS: "1",
        ...buildGitEnvironment(),
      },
      timeoutMs: TIMEOUT_MS,
      maxBytes,
    });
  const found = await run(cwd, ["rev-parse", "--show-toplevel"], MAX_FILE_BYTES);
  if (found.status !== 0) throw new TuttiError("notFound", `${cwd} is not in the working tree of a git repository.`);
  const root = found.stdout.replace(/\n$/, "");
  return {
    root,
    run: (args, maxBytes = MAX_DIFF_BYTES) => run(root, args, maxBytes),
    async read(args) {
      const { status, stdout, stderr } = await run(root, args, MAX_DIFF_BYTES);
      if (status === 0) return stdout;
      throw new TuttiError("failed", `git ${args[0]} failed: ${stderr.trim().slice(0, 300)}`);
    },
  };
}

/** `range`: what `git diff` compares. */
async function resolveTarget(
  git: Git,
  target: Exclude<ReviewTarget, { kind: "pullRequest" }>,
): Promise<{ base: ReviewBase; range: string[] }> {
  if (target.kind === "commit") {
    const { commit, parent } = await resolveCommit(git, target.name);
    return {
      base: { kind: "commit", name: target.name, commit: parent },
      range: [parent ?? (await emptyTree(git)), commit],
    };
  }
  if (target.kind === "branch") {
    // A checkout of a CI system often has the base only as a remote branch.
    const other =
      (await findCommit(git, target.name)) ?? (await findCommit(git, `refs/remotes/origin/${target.name}`)) ?? null;
    if (other === null) throw unknownCommit("branch", target.name);
    const { status, stdout } = await git.run(["merge-base", other, "HEAD"]);
    if (status !== 0)
      throw new TuttiError(
        "notFound",
        `The checked-out branch and ${target.name} have no common commit. In a shallow clone, fetch the history first.`,
      );
    const commit = stdout.trim();
    return { base: { kind: "branch", name: target.name, commit }, range: [commit] };
  }
  const commit = await findCommit(git, "HEAD");
  return { base: { kind: "uncommitted", commit }, range: [commit ?? (await emptyTree(git))] };
}

async function resolveCommit(git: Git, name: string): Promise<{ commit: string; parent: string | null }> {
  const commit = await findCommit(git, name);
  if (commit === null) throw unknownCommit("commit", name);
  return { commit, parent: await findCommit(git, `${commit}^1`) };
}

const unknownCommit = (kind: string, name: string): TuttiError =>
  new TuttiError("notFound", `There is no ${kind} ${JSON.stringify(name)} in this repository.`);

async function findCommit(git: Git, name: string): Promise<string | null> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${name}^{commit}`];
  const { status, stdout } = await git.run(args);
  return status === 0 ? stdout.trim() : null;
}

const emptyTree = async (git: Git): Promise<string> =>
  (await git.read(["hash-object", "-t", "tree", "--stdin"])).trim();

type Change = Pick<ChangedFile, "path" | "status"> & { from?: string };

const STATUSES: Readonly<Record<string, ChangedFile["status"]>> = {
  A: "added",
  C: "added",
  D: "deleted",
  R: "renamed",
};

async function listChanges(git: Git, range: readonly string[]): Promise<Change[]> {
  const fields = (await git.read([...DIFF, "--name-status", "-z", ...range, "--"])).split("\0");
  const changes = new Map<string, Change>();
  for (let at = 0; at + 1 < fields.length; ) {
    const letter = fields[at]?.[0] ?? "M";
    const isPair = letter === "R" || letter === "C";
    const [first = "", second = ""] = fields.slice(at + 1, at + 3);
    const path = isPair ? second : first;
    // A conflict is listed twice.
    if (!changes.has(path))
      changes.set(path, { path, status: STATUSES[letter] ?? "modified", ...(isPair && { from: first }) });
    at += isPair ? 3 : 2;
  }
  return [...changes.values()];
}

/** One diff for all files where its parts can be separated, else one for each file. */
async function readPatches(git: Git, range: readonly string[], changes: readonly Change[]): Promise<ChangedFile[]> {
  if (changes.length === 0) return [];
  const all = await git.run([...DIFF, "-U5", ...range, "--"]);
  const parts = all.status === 0 ? splitDiff(all.stdout) : [];
  const files: ChangedFile[] = [];
  for (const [index, change] of changes.entries()) {
    const reason = leaveOut(change, index);
    if (reason !== null) files.push({ path: change.path, status: change.status, patch: null, reason });
    else if (parts.length === changes.length) files.push(toChangedFile(change, parts[index] ?? ""));
    else {
      const paths = [...(change.from === undefined ? [] : [change.from]), change.path];
      const one = await git.run([...DIFF, "-U5", ...range, "--", ...paths], MAX_FILE_BYTES * 2);
      files.push(toChangedFile(change, one.status === 0 ? one.stdout : null));
    }
  }
  return files;
}

function leaveOut({ path, from }: Change, index: number): string | null {
  if (isSecretPath(path) || (from !== undefined && isSecretPath(from))) return "it may contain secrets";
  return index >= MAX_FILES ? `the change has more than ${MAX_FILES} files` : null;
}

/** Lines of a file begin with a space, a sign or a backslash. `^` would also match after other line ends than those of git. */
const splitDiff = (text: string): string[] => text.split(/(?<![^\n])(?=diff --git )/).filter((part) => part !== "");

/** The lines before the first hunk. */
const headOf = (patch: string): string => patch.split(/(?<![^\n])@@/, 1)[0] ?? "";

function toChangedFile({ path, status }: Change, patch: string | null): ChangedFile {
  if (patch === null || patch.length > MAX_FILE_BYTES) return { path, status, patch: null, reason: "it is too large" };
  if (/^Binary files .* differ$/m.test(headOf(patch)))
    return { path, status, patch: null, reason: "it is a binary file" };
  return { path, status, patch };
}

async function readUntracked(git: Git): Promise<ChangedFile[]> {
  const names = (await git.read(["ls-files", "--others", "--exclude-standard", "-z"])).split("\0");
  const paths = names.filter((name) => name !== "");
  const read = async (path: string, index: number): Promise<ChangedFile> => {
    const status = "added";
    const reason = leaveOut({ path, status }, index);
    if (reason !== null) return { path, status, patch: null, reason };
    const stat = await lstat(join(git.root, path)).catch(() => null);
    if (!stat?.isFile()) return { path, status, patch: null, reason: "it is not a regular file" };
    if (stat.size > MAX_FILE_BYTES) return { path, status, patch: null, reason: "it is too large" };
    const bytes = await readFile(join(git.root, path)).catch(() => null);
    if (bytes === null) return { path, status, patch: null, reason: "it cannot be read" };
    if (bytes.subarray(0, 8192).includes(0)) return { path, status, patch: null, reason: "it is a binary file" };
    return { path, status, patch: formatNewFile(path, bytes.toString("utf8")) };
  };
  const files: ChangedFile[] = [];
  for (const [index, path] of paths.entries()) files.push(await read(path, index));
  return files;
}

function formatNewFile(path: string, text: string): string {
  const head = `diff --git a/${path} b/${path}\nnew file\n--- /dev/null\n+++ b/${path}\n`;
  if (text === "") return head;
  const lines = text.replace(/\n$/, "").split("\n");
  const end = text.endsWith("\n") ? "" : "\\ No newline at end of file\n";
  return `${head}@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}\n`).join("")}${end}`;
}

async function readPullRequest(cwd: string, number: number, env: Env): Promise<Review> {
  const gh = findProgram("gh", env.PATH, cwd);
  if (gh === null)
    throw new TuttiError(
      "notFound",
      "A review of a pull request needs the program gh, which is not installed. Check out its branch and use --base.",
    );
  const git = await openGit(cwd, env);
  const limits = { cwd: git.root, env: { ...env, PATH: cleanSearchPath(env.PATH, cwd), GH_PROMPT_DISABLED: "1" } };
  const { status, stdout, stderr } = await runWithLimits(gh, ["pr", "diff", String(number), "--color", "never"], {
    ...limits,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_DIFF_BYTES,
  });
  if (status !== 0) throw new TuttiError("failed", `gh pr diff ${number} failed: ${stderr.trim().slice(0, 300)}`);
  const files = splitDiff(stdout).map((patch, index) => {
    const change = readHeader(patch);
    const reason = leaveOut(change, index);
    return reason === null
      ? toChangedFile(change, patch)
      : { path: change.path, status: change.status, patch: null, reason };
  });
  return { root: git.root, base: { kind: "pullRequest", name: `#${number}`, commit: null }, files };
}

const ESCAPES: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13 };

/** A name as git writes it if it has other than ASCII characters: its bytes, with escapes. */
const unquote = (name: string): string =>
  Buffer.concat(
    [...name.matchAll(/\\([0-7]{3})|\\(.)|([^\\]+)/g)].map(([, octal, escaped, plain = ""]) =>
      octal !== undefined
        ? Buffer.from([Number.parseInt(octal, 8)])
        : escaped !== undefined
          ? Buffer.from([ESCAPES[escaped] ?? escaped.charCodeAt(0)])
          : Buffer.from(plain),
    ),
  ).toString("utf8");

/** The name and the kind of a change, from the lines before its first hunk. */
function readHeader(patch: string): Change {
  const head = headOf(patch).replace(/"((?:[^"\\\n]|\\.)*)"(?= "|$)/gm, (_, name: string) => unquote(name));
  const find = (pattern: RegExp): string | undefined => pattern.exec(head)?.[1];
  const from = find(/^rename from (.*)$/m);
  const path =
    find(/^\+\+\+ b\/(.*)$/m) ??
    find(/^rename to (.*)$/m) ??
    find(/^--- a\/(.*)$/m) ??
    find(/^diff --git a\/.* b\/(.*)$/m) ??
    "";
  if (from !== undefined) return { path, status: "renamed", from };
  return {
    path,
    status: /^new file/m.test(head) ? "added" : /^deleted file/m.test(head) ? "deleted" : "modified",
  };
}

/** Paths relative to the root that a name may stand for, best first. */
function listCandidates(root: string, cwd: string, named: string): string[] {
  const absolute = isAbsolute(named) ? [named] : [resolve(root, named), resolve(cwd, named)];
  const inside = absolute.filter((path) => path !== root && isWithin(path, root));
  return [...new Set(inside.map((path) => relative(root, path)))];
}

async function countLines(root: string, path: string): Promise<number | null> {
  const file = join(root, path);
  if (!isWithin(resolveRealPath(file), root)) return null;
  const stat = await lstat(file).catch(() => null);
  if (!stat?.isFile() || stat.size > MAX_LINES_BYTES) return null;
  return countIn(await readFile(file, "utf8").catch(() => ""));
}

async function countCommittedLines(git: Git, commit: string, path: string): Promise<number | null> {
  const { status, stdout } = await git.run(["cat-file", "blob", `${commit}:${path}`], MAX_LINES_BYTES);
  return status === 0 ? countIn(stdout) : null;
}

/** An empty file has a first line, where a finding about the file can be. */
const countIn = (text: string): number => Math.max(1, text.replace(/\n$/, "").split("\n").length);
