/** Repositories in which git may read without approval: those whose settings start no program. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkRepositoryRisk } from "../../../server/workspace/git-safety.ts";
import { findProgram } from "../../../server/workspace/programs.ts";

describe("git safety", () => {
  let root: string;
  let repo: string;
  const git = (folder: string, ...words: string[]): string =>
    execFileSync(
      "git",
      ["-C", folder, "-c", "user.name=a", "-c", "user.email=a@b", "-c", "protocol.file.allow=always", ...words],
      { env: { HOME: root, PATH: process.env.PATH ?? "" }, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
    );
  const make = (name: string): string => {
    const folder = join(root, name);
    mkdirSync(folder);
    git(folder, "init", "--quiet");
    writeFileSync(join(folder, "a.txt"), "a");
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", "-m", "first");
    return folder;
  };
  const findGitRisk = (folder: string): Promise<string | null> =>
    checkRepositoryRisk(folder, {
      path: findProgram("git", process.env.PATH, root) ?? "",
      env: { ...process.env, HOME: root },
    });
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-git-")));
    repo = make("repo");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("finds no risk in what git creates itself: a repository, a clone, a worktree, a submodule", async () => {
    git(root, "clone", "--quiet", repo, "clone");
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(join(root, "clone"), "submodule", "add", "--quiet", repo, "deep/sub");
    git(join(root, "clone"), "config", "branch.main.remote", "origin");
    mkdirSync(join(repo, "below"));
    for (const name of ["repo", "repo/below", "clone", "tree", "clone/deep/sub"])
      assert.equal(await findGitRisk(join(root, name)), null, name);
    assert.equal(await findGitRisk(root), null);
  });

  it("finds a risk for every setting that starts a program, in any notation", async function () {
    // Each setting starts git several times.
    this.timeout(120_000);
    const keys =
      `core.fsmonitor core.hooksPath core.sshCommand core.pager core.editor core.askPass core.gitProxy core.alternateRefsCommand
      core.attributesFile core.worktree diff.external diff.x.command diff.x.textconv filter.x.clean filter.x.smudge filter.x.process
      gpg.program gpg.ssh.program log.showSignature include.path includeIf.gitdir:/.path pager.log alias.status interactive.diffFilter
      merge.x.driver trailer.x.command credential.helper remote.origin.vcs remote.origin.uploadpack remote.origin.promisor
      extensions.partialClone submodule.x.update uploadpack.packObjectsHook`.split(/\s+/);
    const config = join(repo, ".git/config");
    for (const key of keys) {
      git(root, "config", "--file", config, key, "./evil");
      assert.match((await findGitRisk(repo)) ?? "", /may start a program|cannot be located/, key);
      git(root, "config", "--file", config, "--unset", key);
      assert.equal(await findGitRisk(repo), null, key);
    }
    for (const written of [
      "[core] fsmonitor = ./evil\n",
      "[CORE]\n\tFsMonitor=./evil\n",
      '[core "x"] a = b\n[core]\nfsmonitor = ./evil\n',
      "[user]\r\n\tname = a\r\n[core]\r\n\tfsmonitor = ./evil\r\n",
      "[core]\n\tfsmonitor\n",
      "[core] fsmonitor = ./evil # [user]\n",
      "[user] name = a\\\nb\n[core] fsmonitor = ./evil\n",
    ]) {
      writeFileSync(config, written);
      assert.notEqual(await findGitRisk(repo), null, written);
    }
    // Git continues the line, so this is a value, and user.fsmonitor, which means nothing.
    writeFileSync(config, "[user]\n\tname = a\\\n[core]\n\tfsmonitor = ./evil\n");
    assert.equal(await findGitRisk(repo), null);
  });

  it("finds a hook that reading runs, in the repository, a worktree and a submodule", async () => {
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(root, "clone", "--quiet", repo, "clone");
    git(join(root, "clone"), "submodule", "add", "--quiet", repo, "sub");
    const hooks = [
      ["repo", ".git/hooks"],
      ["tree", "../repo/.git/hooks"],
      ["clone", ".git/modules/sub/hooks"],
    ] as const;
    for (const [name, folder] of hooks) {
      const hook = join(root, name, folder, "post-index-change");
      mkdirSync(join(root, name, folder), { recursive: true });
      writeFileSync(hook, "#!/bin/sh\n", { mode: 0o755 });
      assert.match((await findGitRisk(join(root, name))) ?? "", /post-index-change may run/, name);
      rmSync(hook);
      assert.equal(await findGitRisk(join(root, name)), null, name);
    }
  });

  it("reads the repository that git reads, whatever the pointer to it looks like", async () => {
    for (const pointer of [
      "gitdir: meta \n",
      "gitdir: meta\n",
      "gitdir:  meta\n",
      "gitdir: ./meta\r\n",
      "gitdir: ../repo/meta",
    ]) {
      for (const name of ["meta", "meta ", " meta", "meta\r"]) {
        const target = join(repo, name);
        renameSync(join(repo, ".git"), target);
        git(root, "config", "--file", join(target, "config"), "core.fsmonitor", "./evil");
        writeFileSync(join(repo, ".git"), pointer);
        assert.notEqual(await findGitRisk(repo), null, JSON.stringify([pointer, name]));
        rmSync(join(repo, ".git"));
        git(root, "config", "--file", join(target, "config"), "--unset", "core.fsmonitor");
        renameSync(target, join(repo, ".git"));
      }
    }
    renameSync(join(repo, ".git"), join(repo, "evil"));
    renameSync(join(repo, "evil/HEAD"), join(repo, "HEAD"));
    writeFileSync(join(repo, "commondir"), "evil\n");
    for (const [key, value] of [
      ["core.bare", "false"],
      ["core.worktree", repo],
      ["core.fsmonitor", "./evil"],
    ] as const)
      git(root, "config", "--file", join(repo, "evil/config"), key, value);
    assert.notEqual(await findGitRisk(repo), null);
  });

  it("follows git to its settings: worktrees, submodules with a nested repository, bare repositories", async () => {
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(repo, "config", "extensions.worktreeConfig", "true");
    assert.equal(await findGitRisk(join(root, "tree")), null);
    appendFileSync(join(repo, ".git/worktrees/tree/config.worktree"), "[core]\n\tfsmonitor = ./evil\n");
    assert.match((await findGitRisk(join(root, "tree"))) ?? "", /core\.fsmonitor/);
    git(repo, "config", "core.fsmonitor", "./evil");
    assert.match((await findGitRisk(join(root, "tree"))) ?? "", /core\.fsmonitor/);

    const outer = make("outer");
    const inner = join(outer, "inner");
    cpSync(make("other"), inner, { recursive: true });
    git(outer, "add", "inner");
    assert.equal(await findGitRisk(outer), null);
    git(inner, "config", "core.fsmonitor", "./evil");
    assert.match((await findGitRisk(outer)) ?? "", /inner\/\.git\/config sets core\.fsmonitor/);
    git(outer, "update-index", "--index-version", "4");
    assert.match((await findGitRisk(outer)) ?? "", /index cannot be parsed reliably/);

    const bare = make("bare");
    git(bare, "config", "core.fsmonitor", "./evil");
    renameSync(join(bare, ".git"), join(root, "laid"));
    assert.match((await findGitRisk(join(root, "laid"))) ?? "", /core\.fsmonitor/);
    writeFileSync(join(bare, ".git"), "gitdir: ../laid\n");
    assert.match((await findGitRisk(bare)) ?? "", /core\.fsmonitor/);
    writeFileSync(join(bare, ".git"), "");
    assert.match((await findGitRisk(bare)) ?? "", /cannot be located/);
  });
});
