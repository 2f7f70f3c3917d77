/** Which repositories git may read in without anyone being asked: those whose settings name nothing that runs. */
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
import { gitDoubt } from "../../../server/workspace/git-doubt.ts";

describe("doubt about git", () => {
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
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-git-")));
    repo = make("repo");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("is not there for what git makes itself: a repository, a clone, a worktree, a submodule", () => {
    git(root, "clone", "--quiet", repo, "clone");
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(join(root, "clone"), "submodule", "add", "--quiet", repo, "deep/sub");
    git(join(root, "clone"), "config", "branch.main.remote", "origin");
    mkdirSync(join(repo, "below"));
    for (const name of ["repo", "repo/below", "clone", "tree", "clone/deep/sub"])
      assert.equal(gitDoubt(join(root, name)), null, name);
    assert.equal(gitDoubt(root), null);
  });

  it("is there for every setting that starts a program, however it is written", () => {
    const keys =
      `core.fsmonitor core.hooksPath core.sshCommand core.pager core.editor core.askPass core.gitProxy core.alternateRefsCommand
      core.attributesFile core.worktree diff.external diff.x.command diff.x.textconv filter.x.clean filter.x.smudge filter.x.process
      gpg.program gpg.ssh.program log.showSignature include.path includeIf.gitdir:/.path pager.log alias.status interactive.diffFilter
      merge.x.driver trailer.x.command credential.helper remote.origin.vcs remote.origin.uploadpack remote.origin.promisor
      extensions.partialClone submodule.x.update uploadpack.packObjectsHook`.split(/\s+/);
    const config = join(repo, ".git/config");
    for (const key of keys) {
      git(root, "config", "--file", config, key, "./evil");
      assert.match(gitDoubt(repo) ?? "", /may start a program/, key);
      git(root, "config", "--file", config, "--unset", key);
      assert.equal(gitDoubt(repo), null, key);
    }
    for (const written of [
      "[core] fsmonitor = ./evil\n",
      "[CORE]\n\tFsMonitor=./evil\n",
      '[core "x"] a = b\n[core]\nfsmonitor = ./evil\n',
      "[user]\n\tname = a\\\n[core]\n\tfsmonitor = ./evil\n",
      "[user]\r\n\tname = a\r\n[core]\r\n\tfsmonitor = ./evil\r\n",
      "[core]\n\tfsmonitor\n",
    ]) {
      writeFileSync(config, written);
      assert.notEqual(gitDoubt(repo), null, written);
    }
  });

  it("follows git to where the settings are: worktrees, submodules with a repository inside, a repository laid bare", () => {
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(repo, "config", "extensions.worktreeConfig", "true");
    assert.equal(gitDoubt(join(root, "tree")), null);
    appendFileSync(join(repo, ".git/worktrees/tree/config.worktree"), "[core]\n\tfsmonitor = ./evil\n");
    assert.match(gitDoubt(join(root, "tree")) ?? "", /core\.fsmonitor/);
    git(repo, "config", "core.fsmonitor", "./evil");
    assert.match(gitDoubt(join(root, "tree")) ?? "", /core\.fsmonitor/);

    const outer = make("outer");
    const inner = join(outer, "inner");
    cpSync(make("other"), inner, { recursive: true });
    git(outer, "add", "inner");
    assert.equal(gitDoubt(outer), null);
    git(inner, "config", "core.fsmonitor", "./evil");
    assert.match(gitDoubt(outer) ?? "", /inner\/\.git\/config sets core\.fsmonitor/);
    git(outer, "update-index", "--index-version", "4");
    assert.match(gitDoubt(outer) ?? "", /index cannot be read for certain/);

    const bare = make("bare");
    git(bare, "config", "core.fsmonitor", "./evil");
    renameSync(join(bare, ".git"), join(root, "laid"));
    assert.match(gitDoubt(join(root, "laid")) ?? "", /core\.fsmonitor/);
    writeFileSync(join(bare, ".git"), "gitdir: ../laid\n");
    assert.match(gitDoubt(bare) ?? "", /core\.fsmonitor/);
    writeFileSync(join(bare, ".git"), "");
    assert.match(gitDoubt(bare) ?? "", /cannot be told/);
  });
});
