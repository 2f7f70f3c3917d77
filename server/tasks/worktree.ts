/**
 * Git worktrees for subagents that work apart from the user's files. A worktree begins with the workspace's current state without
 * untracked files. Git runs only where nothing of the repository's settings would start a program, and without hooks.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readlink, realpath, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { TaskOrigin } from "../../protocol/events.ts";
import type { TaskFile } from "../subagents.ts";
import { checkRepositoryRisk, type GitProgram } from "../workspace/git-safety.ts";
import { findProgram } from "../workspace/programs.ts";
import { runWithLimits } from "../workspace/run-with-limits.ts";
import { openWorktreeRecords, type WorktreeRecord, type WorktreeRecords } from "./worktree-records.ts";

export interface WorktreeDeps {
  /** Where worktrees are created. */
  folder: string;
  /** The data folder of the sessions. */
  dataDir: string;
  env: Readonly<Record<string, string | undefined>>;
}

export type Worktree = NonNullable<TaskOrigin["worktree"]>;

export interface Worktrees {
  /** `name` must be new. Rejects where that is not possible. Returns the folder that corresponds to `cwd`. */
  create(cwd: string, name: string): Promise<{ cwd: string; worktree: Worktree }>;
  /** Records the session that works in it. */
  assign(worktree: Worktree, task: NonNullable<WorktreeRecord["task"]>): void;
  /** Creates a worktree again that was deleted. */
  restore(worktree: Worktree, task: NonNullable<WorktreeRecord["task"]>): Promise<void>;
  /** The files that differ from its beginning, sorted by path. */
  changes(worktree: Worktree): Promise<TaskFile[]>;
  /** A change that fits a file which has changed since, too; null if both changed the same lines. */
  merge(worktree: Worktree, file: Pick<TaskFile, "before" | "after">, current: Uint8Array): Promise<Uint8Array | null>;
  /** Deletes the worktree with everything in it. */
  remove(worktree: Worktree): Promise<void>;
  /** Deletes it if git finds nothing in it that differs from its beginning, else resolves with the reason why not. */
  removeUnchanged(worktree: Worktree): Promise<string | null>;
  /** The session of a subagent is closed, so this process no longer uses its worktree. */
  release(session: string): void;
  records: WorktreeRecords;
}

const TIMEOUT_MS = 120_000;
const MAX_BYTES = 64 * 1024 * 1024;
const MAX_FILES = 1_000;
/** Nobody is the author of the commit that a worktree begins with. */
const AUTHOR = ["-c", "user.name=Tutti", "-c", "user.email=tutti@localhost"];

export function openWorktrees({ folder, dataDir, env }: WorktreeDeps): Worktrees {
  const records = openWorktreeRecords(folder);
  /** Names of worktrees, by the open session that works in each. */
  const used = new Map<string, string>();
  const open = (cwd: string): GitProgram => {
    const path = findProgram("git", env.PATH, cwd);
    if (path === null) throw new TuttiError("failed", "Isolation in a worktree needs git, which is not installed.");
    return { path, env };
  };
  const run = async (git: GitProgram, cwd: string, args: readonly string[]): Promise<string> => {
    const options = { cwd, env: gitEnvironment(env), timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES };
    const result = await runWithLimits(git.path, ["-c", "core.hooksPath=/dev/null", ...AUTHOR, ...args], options);
    if (result.status === 0) return result.stdout;
    throw new TuttiError("failed", `git ${args[0]} failed: ${result.stderr.trim().slice(0, 300)}`);
  };

  /** The paths in a log may come from elsewhere: git only creates and deletes worktrees where Tutti makes them. */
  const nameOf = (path: string): string => {
    const name = records.nameOf(path);
    if (name === null) throw new TuttiError("failed", `${path} is not a worktree that Tutti made.`);
    return name;
  };

  return {
    records,
    async create(cwd, name) {
      const git = open(cwd);
      await refuseRisk(cwd, git);
      const root = (await run(git, cwd, ["rev-parse", "--show-toplevel"]).catch(() => "")).trimEnd();
      if (root === "") throw new TuttiError("failed", `${cwd} is not in a git repository, so there is no worktree.`);
      const changed = (await run(git, root, ["stash", "create"])).trim();
      const base = changed || (await run(git, root, ["rev-parse", "--verify", "HEAD"])).trim();
      const path = records.pathOf(name);
      records.write(name, { dataDir, root, base, task: null });
      await run(git, root, ["worktree", "add", "--detach", "--quiet", path, base]).catch((error: unknown) => {
        if (!existsSync(path)) records.remove(name);
        throw error;
      });
      const real = await realpath(path);
      return { cwd: join(real, relative(root, cwd)), worktree: { path: real, base, root } };
    },
    assign({ path, base, root }, task) {
      const name = nameOf(path);
      records.write(name, { dataDir, root, base, task });
      used.set(task.session, name);
    },
    async restore({ path, base, root }, task) {
      const git = open(root);
      const name = nameOf(path);
      await refuseRisk(root, git);
      records.write(name, { dataDir, root, base, task });
      used.set(task.session, name);
      // Git may still know the worktree whose folder was deleted.
      await run(git, root, ["worktree", "add", "--detach", "--quiet", "--force", path, base]);
    },
    async changes({ path, base, root }) {
      nameOf(path);
      if (!existsSync(path)) throw new TuttiError("notFound", `The worktree ${path} no longer exists.`);
      const git = open(root);
      await run(git, path, ["add", "--all", "--intent-to-add"]);
      const args = ["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", base];
      const names = (await run(git, path, args)).split("\0").filter((name) => name !== "");
      if (names.length > MAX_FILES)
        throw new TuttiError("failed", `The subagent changed ${names.length} files; at most ${MAX_FILES} are merged.`);
      return Promise.all(
        names.toSorted().map(async (name) => ({
          path: resolve(root, name),
          before: await readCommitted(git, env, path, base, name),
          ...(await readChanged(join(path, name))),
        })),
      );
    },
    async merge({ root }, { before, after }, current) {
      if (before === null || after === null) return null;
      const git = open(root);
      const folder = await mkdtemp(join(tmpdir(), "tutti-merge-"));
      try {
        const paths = ["current", "before", "after"].map((name) => join(folder, name));
        for (const [index, content] of [current, before, after].entries()) await writeFile(paths[index] ?? "", content);
        const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, encoding: "latin1" } as const;
        const args = ["merge-file", "-p", "-q", ...paths];
        const result = await runWithLimits(git.path, args, { cwd: folder, env: gitEnvironment(env), ...limits });
        return result.status === 0 ? Buffer.from(result.stdout, "latin1") : null;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    async remove({ path, root }) {
      const name = nameOf(path);
      await run(open(root), root, ["worktree", "remove", "--force", path]);
      records.remove(name);
    },
    async removeUnchanged({ path, base, root }) {
      if (!existsSync(root)) return `its repository ${root} no longer exists, so its changes cannot be listed`;
      const git = open(root);
      const risk = await checkRepositoryRisk(path, git);
      if (risk !== null) return `its changes cannot be listed, because git could start a program: ${risk}`;
      const head = (await run(git, path, ["rev-parse", "--verify", "HEAD"])).trim();
      if (head !== base) return "it has commits that are not merged";
      const diff = ["diff", "--name-only", "--ignore-submodules=none", "--no-ext-diff", "--no-textconv", "HEAD"];
      for (const args of [diff, [...diff, "--cached"], ["ls-files", "--others", "--exclude-standard"]])
        if ((await run(git, path, args)) !== "") return "it has changes that are not merged";
      // What `changes` announced to git may have been deleted since.
      await run(git, path, ["reset", "--quiet"]);
      // Without --force, git refuses if there are changes.
      await run(git, root, ["worktree", "remove", path]);
      return null;
    },
    release(session) {
      const name = used.get(session);
      used.delete(session);
      if (name !== undefined) records.release(name);
    },
  };
}

async function refuseRisk(cwd: string, git: GitProgram): Promise<void> {
  const risk = await checkRepositoryRisk(cwd, git);
  if (risk === null) return;
  const remedy = "Remove that from the repository, or start the task without isolation.";
  throw new TuttiError("failed", `No worktree is created, because git could start a program: ${risk}. ${remedy}`);
}

/** Git reads the user's own settings, but nothing else of this process's environment. */
function gitEnvironment({ HOME, XDG_CONFIG_HOME, PATH }: Readonly<Record<string, string | undefined>>) {
  return { HOME, XDG_CONFIG_HOME, PATH, LC_ALL: "C", GIT_TERMINAL_PROMPT: "0" };
}

/** Null if the file was not there. */
async function readCommitted(
  git: GitProgram,
  env: WorktreeDeps["env"],
  cwd: string,
  base: string,
  name: string,
): Promise<Uint8Array | null> {
  const limits = { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, encoding: "latin1" } as const;
  // With the line ends that a file of the workspace has.
  const args = ["cat-file", "--filters", `${base}:${name}`];
  const result = await runWithLimits(git.path, args, { cwd, env: gitEnvironment(env), ...limits });
  return result.status === 0 ? Buffer.from(result.stdout, "latin1") : null;
}

async function readChanged(path: string): Promise<Pick<TaskFile, "after" | "mode" | "problem">> {
  try {
    const link = await readlink(path).catch(() => null);
    if (link !== null) return { after: null, problem: "is a link" };
    const [after, { mode }] = await Promise.all([readFile(path), stat(path)]);
    return { after, mode: mode & 0o777 };
  } catch {
    return { after: null };
  }
}
