import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Session } from "../../../server/session/session.ts";
import {
  type AgentBench,
  ada,
  type BenchOptions,
  openAgentBench,
  promptAndWait,
  waitForEvent,
} from "../../help/agent-bench.ts";
import { call, calls, done, text } from "../../help/scripted-model.ts";
import { byPrompt, childOf, results, type Script, taskAgents } from "../../help/subagents.ts";

describe("a subagent in a worktree", () => {
  let bench: AgentBench;
  const open = async (script: Script, options: BenchOptions = {}): Promise<Session> => {
    bench = await openAgentBench({ model: byPrompt(script), agents: taskAgents, ...options });
    return bench.create();
  };
  const git = (...args: string[]) =>
    String(execFileSync("git", ["-C", bench.cwd, "-c", "user.name=a", "-c", "user.email=a@b", ...args]));
  const commit = async (files: Record<string, string>): Promise<void> => {
    git("init", "-q");
    for (const [name, content] of Object.entries(files)) await writeFile(join(bench.cwd, name), content);
    git("add", ".");
    git("commit", "-q", "-m", "start");
  };
  afterEach(() => bench.close());

  it("works in a worktree, whose changes are merged with what changed since, as a diff to approve", async () => {
    const session = await open(
      {
        Go: (step, request) => {
          const id = /task_id: (\w+)/.exec(JSON.stringify(request.messages))?.[1];
          if (step === 1) return [call("task", { agent: "general", prompt: "Sub", isolation: "worktree" }), calls];
          return step === 2 ? [call("task_merge", { task_id: id }), calls] : [text("ok"), done];
        },
        Sub: (step) =>
          step === 1
            ? [
                call("bash", { command: "cat a.txt && sed -i s/five/FIVE/ a.txt && echo new > b.txt && rm c.txt" }),
                calls,
              ]
            : [text("Changed."), done],
      },
      {
        canAnswer: true,
        judge: async ({ tool }) =>
          tool.name === "task_merge" ? { decision: "ask", reason: "it edits" } : { decision: "allow" },
      },
    );
    const { cwd } = bench;
    await commit({ "a.txt": "one\ntwo\nthree\nfour\nfive\n", "c.txt": "old\n" });
    await writeFile(join(cwd, "a.txt"), "uncommitted\ntwo\nthree\nfour\nfive\n");
    const asked = waitForEvent(session, "question.asked");
    const turn = promptAndWait(session, "Go");
    const { question, digest, detail } = await asked;
    assert.equal(await readFile(join(cwd, "a.txt"), "utf8"), "uncommitted\ntwo\nthree\nfour\nfive\n");
    assert.match(
      childOf(bench, session)
        .view()
        .parts.flatMap((part) => (part.type === "call" ? [part.output] : []))[0] ?? "",
      /^uncommitted/,
    );
    assert.match(results(session)[0] ?? "", /It changed 3 files in its worktree/);
    for (const line of ["-five", "+FIVE", "+new", "-old"]) assert.ok(detail.includes(line), `${line} in ${detail}`);
    // Meanwhile another line changes.
    await writeFile(join(cwd, "a.txt"), "ONE\ntwo\nthree\nfour\nfive\n");
    await session.answer(question, digest, { choice: "yes" }, ada);
    await turn;
    assert.equal(await readFile(join(cwd, "a.txt"), "utf8"), "ONE\ntwo\nthree\nfour\nFIVE\n");
    assert.equal(await readFile(join(cwd, "b.txt"), "utf8"), "new\n");
    assert.equal(existsSync(join(cwd, "c.txt")), false);
    assert.deepEqual(
      session.view().files.map(({ path }) => basename(path)),
      ["a.txt", "b.txt", "c.txt"],
    );
    assert.equal(git("worktree", "list").trim().split("\n").length, 1);
    assert.equal(git("stash", "list"), "");
  });

  it("merges nothing where both changed the same lines, and can discard", async () => {
    const session = await open({
      Go: (step, request) => {
        const id = /task_id: (\w+)/.exec(JSON.stringify(request.messages))?.[1];
        if (step === 1) return [call("task", { agent: "general", prompt: "Sub", isolation: "worktree" }), calls];
        if (step === 2) return [call("bash", { command: "echo here > a.txt" }), calls];
        if (step === 3) return [call("task_merge", { task_id: id }), calls];
        return step === 4 ? [call("task_merge", { task_id: id, discard: true }), calls] : [text("ok"), done];
      },
      Sub: (step) =>
        step === 1 ? [call("bash", { command: "echo there > a.txt; echo x > b.txt" }), calls] : [text("ok"), done],
    });
    const { cwd } = bench;
    await commit({ "a.txt": "one\n" });
    await promptAndWait(session, "Go");
    assert.match(results(session)[2] ?? "", /Nothing was merged\. a\.txt was changed here, too, in the same lines\./);
    assert.match(results(session)[3] ?? "", /Discarded/);
    assert.equal(existsSync(join(cwd, "b.txt")), false);
  });

  it("needs a git repository for a worktree", async () => {
    const session = await open({
      Go: (step) =>
        step === 1
          ? [call("task", { agent: "general", prompt: "Sub", isolation: "worktree" }), calls]
          : [text("ok"), done],
    });
    await promptAndWait(session, "Go");
    assert.match(results(session)[0] ?? "", /is not in a git repository, so there is no worktree/);
  });
});
