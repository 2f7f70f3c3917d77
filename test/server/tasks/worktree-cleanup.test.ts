/** Worktrees of deleted sessions, with real repositories. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Session } from "../../../server/session/session.ts";
import { type AgentBench, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { call, calls, done, text } from "../../help/scripted-model.ts";
import { byPrompt, childOf, taskAgents } from "../../help/subagents.ts";

const COMMIT = "git -c user.name=a -c user.email=a@b";

describe("the worktree of a deleted session", function () {
  this.timeout(30_000);
  let bench: AgentBench;
  /** Runs a subagent whose worktree survives its task: it still has changes when the task ends. */
  const start = async (): Promise<{ session: Session; child: string; path: string }> => {
    bench = await openAgentBench({
      model: byPrompt({
        Go: (step) =>
          step === 1
            ? [call("task", { agent: "general", prompt: "Sub", isolation: "worktree" }), calls]
            : [text("ok"), done],
        Sub: (step) => (step === 1 ? [call("bash", { command: "echo x > new.txt" }), calls] : [text("ok"), done]),
      }),
      agents: taskAgents,
    });
    run(bench.cwd, "git init -q && echo one > a.txt && echo ignored.txt > .gitignore && git add .");
    run(bench.cwd, `${COMMIT} commit -q -m start`);
    const session = await bench.create();
    await promptAndWait(session, "Go");
    const view = childOf(bench, session).view();
    const path = view.task?.worktree?.path;
    assert.ok(path && existsSync(path));
    return { session, child: view.id, path };
  };
  const run = (cwd: string, command: string): void => {
    execFileSync("sh", ["-c", command], { cwd });
  };
  const remove = async (session: string) => {
    await bench.sessions.remove(session);
    return bench.tasks.sessionDeleted(session);
  };
  const restart = async (): Promise<void> => {
    await bench.sessions.closeAll();
    bench = await bench.reopen();
  };
  const listed = (): string =>
    execFileSync("git", ["worktree", "list", "--porcelain"], { cwd: bench.cwd, encoding: "utf8" });
  afterEach(() => bench.close());

  for (const whose of ["subagent", "parent"] as const)
    it(`is deleted without changes, with the session of the ${whose}`, async () => {
      const { session, child, path } = await start();
      run(path, "rm new.txt");
      assert.deepEqual(await remove(whose === "subagent" ? child : session.view().id), []);
      assert.ok(!existsSync(path));
      assert.deepEqual(readdirSync(join(bench.root, "worktrees")), []);
      assert.ok(!listed().includes(path));
    });

  for (const [title, change, reason] of [
    ["an untracked file", "true", "it has changes that are not merged"],
    ["a changed file", "rm new.txt && echo two > a.txt", "it has changes that are not merged"],
    ["a deleted file", "rm new.txt a.txt", "it has changes that are not merged"],
    ["a staged file", "git add new.txt", "it has changes that are not merged"],
    ["a commit", `git add . && ${COMMIT} commit -q -m more`, "it has commits that are not merged"],
    [
      "a commit that another one undoes",
      `git add . && ${COMMIT} commit -q -m more && ${COMMIT} revert --no-edit HEAD`,
      "it has commits that are not merged",
    ],
  ] as const)
    it(`is kept with ${title}, by the deletion and by the next start`, async () => {
      const { session, child, path } = await start();
      run(path, change);
      assert.deepEqual(await remove(session.view().id), [{ path, reason }]);
      assert.deepEqual(await remove(child), [{ path, reason }]);
      await restart();
      assert.deepEqual(await bench.tasks.cleanUp(), [{ path, reason }]);
      assert.ok(existsSync(path));
    });

  it("is kept where git could start a program, or its repository is gone", async () => {
    const { session, path } = await start();
    run(path, "rm new.txt");
    run(bench.cwd, "git config core.fsmonitor ./evil.sh");
    const [risky] = await remove(session.view().id);
    assert.match(risky?.reason ?? "", /its changes cannot be listed, because git could start a program/);
    run(bench.cwd, "git config --unset core.fsmonitor");
    renameSync(bench.cwd, `${bench.cwd}-moved`);
    const [gone] = await bench.tasks.sessionDeleted(session.view().id);
    assert.match(gone?.reason ?? "", /its repository \S+ no longer exists/);
    assert.ok(existsSync(path));
  });

  it("is deleted at the next start if its session is gone, and not while the session exists", async () => {
    const { child, path } = await start();
    run(path, "rm new.txt");
    await restart();
    assert.deepEqual(await bench.tasks.cleanUp(), []);
    assert.ok(existsSync(path));
    await bench.sessions.remove(child);
    assert.deepEqual(await bench.tasks.cleanUp(), []);
    assert.ok(!existsSync(path));
  });

  it("is the only thing that is deleted: folders without a record, links and those of other data folders stay", async () => {
    const { session, path } = await start();
    run(path, "rm new.txt");
    const folder = join(bench.root, "worktrees");
    const [record = ""] = readdirSync(folder).filter((name) => name.endsWith(".json"));
    const stays = ["mine", "other", "linked"].map((name) => join(folder, name));
    for (const one of stays.slice(0, 2))
      run(bench.cwd, `git worktree add --detach --quiet '${one}' "$(git -C '${path}' rev-parse HEAD)"`);
    const target = join(bench.root, "target");
    mkdirSync(target);
    symlinkSync(target, join(folder, "linked"));
    const content = JSON.parse(readFileSync(join(folder, record), "utf8")) as object;
    writeFileSync(join(folder, "other.json"), JSON.stringify({ ...content, dataDir: "/elsewhere" }));
    writeFileSync(join(folder, "linked.json"), JSON.stringify(content));
    writeFileSync(join(folder, "broken.json"), "{");
    writeFileSync(join(folder, "..json"), JSON.stringify(content));
    assert.deepEqual(await remove(session.view().id), [{ path: join(folder, "linked"), reason: "it is no folder" }]);
    assert.ok(!existsSync(path));
    for (const one of [...stays, target, bench.cwd]) assert.ok(existsSync(one), one);
  });

  it("that a log names elsewhere is neither changed nor deleted", async () => {
    bench = await openAgentBench({
      model: byPrompt({ Go: () => [call("task_merge", { task_id: "t", discard: true }), calls] }),
      agents: taskAgents,
    });
    run(bench.cwd, "git init -q && echo one > a.txt && git add .");
    run(bench.cwd, `${COMMIT} commit -q -m start`);
    const own = join(bench.root, "own");
    run(bench.cwd, `git worktree add --detach --quiet '${own}'`);
    const { openWorktrees } = await import("../../../server/tasks/worktree.ts");
    const worktrees = openWorktrees({
      folder: join(bench.root, "worktrees"),
      dataDir: bench.dataDir,
      env: process.env,
    });
    const task = { session: "s", owners: [] };
    for (const path of [own, join(bench.root, "worktrees", "..", "own"), bench.cwd]) {
      const worktree = { path, base: "HEAD", root: bench.cwd };
      await assert.rejects(worktrees.remove(worktree), /is not a worktree that Tutti made/);
      await assert.rejects(worktrees.restore(worktree, task), /is not a worktree that Tutti made/);
      await assert.rejects(worktrees.changes(worktree), /is not a worktree that Tutti made/);
    }
    assert.ok(existsSync(own));
  });
});
