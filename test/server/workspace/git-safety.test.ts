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
import { findGitRisk } from "../../../server/workspace/git-safety.ts";

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
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), "tutti-git-")));
    repo = make("repo");
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("finds no risk in what git creates itself: a repository, a clone, a worktree, a submodule", () => {
    git(root, "clone", "--quiet", repo, "clone");
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(join(root, "clone"), "submodule", "add", "--quiet", repo, "deep/sub");
    git(join(root, "clone"), "config", "branch.main.remote", "origin");
    mkdirSync(join(repo, "below"));
    for (const name of ["repo", "repo/below", "clone", "tree", "clone/deep/sub"])
      assert.equal(findGitRisk(join(root, name)), null, name);
    assert.equal(findGitRisk(root), null);
  });

  it("finds a risk for every setting that starts a program, in any notation", () => {
    const keys =
      `core.fsmonitor core.hooksPath core.sshCommand core.pager core.editor core.askPass core.gitProxy core.alternateRefsCommand
      core.attributesFile core.worktree diff.external diff.x.command diff.x.textconv filter.x.clean filter.x.smudge filter.x.process
      gpg.program gpg.ssh.program log.showSignature include.path includeIf.gitdir:/.path pager.log alias.status interactive.diffFilter
      merge.x.driver trailer.x.command credential.helper remote.origin.vcs remote.origin.uploadpack remote.origin.promisor
      extensions.partialClone submodule.x.update uploadpack.packObjectsHook`.split(/\s+/);
    const config = join(repo, ".git/config");
    for (const key of keys) {
      git(root, "config", "--file", config, key, "./evil");
      assert.match(findGitRisk(repo) ?? "", /may start a program/, key);
      git(root, "config", "--file", config, "--unset", key);
      assert.equal(findGitRisk(repo), null, key);
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
      assert.notEqual(findGitRisk(repo), null, written);
    }
  });

  it("follows git to its settings: worktrees, submodules with a nested repository, bare repositories", () => {
    git(repo, "worktree", "add", "--quiet", "../tree");
    git(repo, "config", "extensions.worktreeConfig", "true");
    assert.equal(findGitRisk(join(root, "tree")), null);
    appendFileSync(join(repo, ".git/worktrees/tree/config.worktree"), "[core]\n\tfsmonitor = ./evil\n");
    assert.match(findGitRisk(join(root, "tree")) ?? "", /core\.fsmonitor/);
    git(repo, "config", "core.fsmonitor", "./evil");
    assert.match(findGitRisk(join(root, "tree")) ?? "", /core\.fsmonitor/);

    const outer = make("outer");
    const inner = join(outer, "inner");
    cpSync(make("other"), inner, { recursive: true });
    git(outer, "add", "inner");
    assert.equal(findGitRisk(outer), null);
    git(inner, "config", "core.fsmonitor", "./evil");
    assert.match(findGitRisk(outer) ?? "", /inner\/\.git\/config sets core\.fsmonitor/);
    git(outer, "update-index", "--index-version", "4");
    assert.match(findGitRisk(outer) ?? "", /index cannot be parsed reliably/);

    const bare = make("bare");
    git(bare, "config", "core.fsmonitor", "./evil");
    renameSync(join(bare, ".git"), join(root, "laid"));
    assert.match(findGitRisk(join(root, "laid")) ?? "", /core\.fsmonitor/);
    writeFileSync(join(bare, ".git"), "gitdir: ../laid\n");
    assert.match(findGitRisk(bare) ?? "", /core\.fsmonitor/);
    writeFileSync(join(bare, ".git"), "");
    assert.match(findGitRisk(bare) ?? "", /cannot be located/);
  });
});
