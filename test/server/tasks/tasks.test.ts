import assert from "node:assert/strict";
import type { ModelRequest } from "../../../server/ports.ts";
import type { Session } from "../../../server/session/session.ts";
import {
  type AgentBench,
  ada,
  type BenchOptions,
  bob,
  filterByType,
  openAgentBench,
  promptAndWait,
  waitForEvent,
} from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/invariants.ts";
import { call, calls, done, failed, neverResolves, text, usageWithCost } from "../../help/scripted-model.ts";
import { byPrompt, childOf, results, type Script, taskAgents } from "../../help/subagents.ts";

describe("a task for a subagent", () => {
  let bench: AgentBench;
  const open = async (script: Script, options: BenchOptions = {}): Promise<Session> => {
    bench = await openAgentBench({ model: byPrompt(script), agents: taskAgents, ...options });
    return bench.create();
  };
  afterEach(() => bench.close());

  it("runs in a session of its own, and its last response is the result", async () => {
    const session = await open({
      Go: (step) =>
        step === 1
          ? [call("task", { subagent_type: "Engineer", description: "build it", prompt: "Build." }), calls]
          : [text("All done."), done],
      "Build.": (step) =>
        step === 1
          ? [text("Looking."), call("list", { path: "." }), calls]
          : [text("Built "), text("it."), usageWithCost(0.25), done],
    });
    await promptAndWait(session, "Go");
    const [result = ""] = results(session);
    const child = childOf(bench, session);
    assert.match(result, new RegExp(`^task_id: ${child.view().id}\nEngineer is done \\(.*\\)\\.\nBuilt it\\.$`));
    const [task] = session.view().tasks;
    assert.deepEqual(
      [task?.agent, task?.title, task?.state, task?.cost, task?.tokens, task?.steps],
      ["Engineer", "build it", "done", 0.25, 15, 1],
    );
    assert.deepEqual(child.view().task, {
      session: session.view().id,
      root: session.view().id,
      call: "call_t1_1_1",
      agent: "Engineer",
      depth: 1,
    });
    assert.equal(child.view().title, "build it");
    assert.match(filterByType(child.envelopes(), "instructions.loaded")[0]?.text ?? "", /You build things\./);
    for (const one of [session, child]) checkEnds(one.envelopes());
  });

  it("runs at the same time as others, with results in order, and one that fails does not stop the others", async () => {
    const arrived = new Set<string>();
    const { promise: allArrived, resolve } = Promise.withResolvers<void>();
    const numbers = Array.from({ length: 16 }, (_, index) => index + 1);
    const session = await open({
      Go: (step) =>
        step === 1
          ? [...numbers.map((n) => call("task", { agent: "general", prompt: `Part ${n}` }, `c${n}`)), calls]
          : [text("ok"), done],
      ...Object.fromEntries(
        numbers.map((n) => [
          `Part ${n}`,
          () => {
            arrived.add(`${n}`);
            if (arrived.size === 16) resolve();
            return [allArrived, ...(n === 7 ? [failed("auth")] : [text(`Result ${n}`), done])];
          },
        ]),
      ),
    });
    await promptAndWait(session, "Go");
    assert.deepEqual(
      results(session).map((result) => result.split("\n").at(-1)),
      numbers.map((n) => (n === 7 ? results(session)[6]?.split("\n").at(-1) : `Result ${n}`)),
    );
    assert.match(results(session)[6] ?? "", /did not finish: It failed: auth\..*task_id to continue/);
    assert.deepEqual(
      session.view().tasks.map(({ state }) => state),
      numbers.map((n) => (n === 7 ? "failed" : "done")),
    );
  });

  it("is continued by its ID, with what it knows", async () => {
    const session = await open({
      Go: (step, request) => {
        const id = /task_id: (\w+)/.exec(JSON.stringify(request.messages))?.[1];
        if (step === 1) return [call("task", { agent: "general", prompt: "First" }), calls];
        return step === 2 ? [call("task", { task_id: id, prompt: "Second" }), calls] : [text("ok"), done];
      },
      First: (step) => [text(`Response ${step}`), done],
    });
    await promptAndWait(session, "Go");
    assert.match(results(session)[1] ?? "", /Response 2$/);
    assert.equal(session.view().tasks.length, 1);
    assert.equal(childOf(bench, session).view().turns, 2);
  });

  it("is continued once if it is continued twice at the same time", async () => {
    const session = await open({
      Go: (step, request) => {
        const id = /task_id: (\w+)/.exec(JSON.stringify(request.messages))?.[1];
        if (step === 1) return [call("task", { agent: "general", prompt: "First" }), calls];
        const again = (name: string) => call("task", { task_id: id, prompt: name }, name);
        return step === 2 ? [again("a"), again("b"), calls] : [text("ok"), done];
      },
      First: (step) => [text(`Response ${step}`), done],
    });
    await promptAndWait(session, "Go");
    assert.deepEqual(
      results(session)
        .slice(1)
        .map((output) => /Response 2$|is running; wait for it/.exec(output)?.[0]),
      ["Response 2", "is running; wait for it"],
    );
    assert.equal(childOf(bench, session).view().turns, 2);
  });

  it("has no more permissions than the session that started it", async () => {
    const seen: { agent: string | undefined; mode: string | undefined; allow: unknown; deny: unknown }[] = [];
    const session = await open(
      {
        Go: (step) => (step === 1 ? [call("task", { agent: "Engineer", prompt: "Sub" }), calls] : [done]),
        Sub: (step) => (step === 1 ? [call("bash", { command: "true" }), calls] : [text("ok"), done]),
      },
      {
        mode: "ask",
        judge: async ({ tool, settings }) => {
          if (tool.name === "bash")
            seen.push({ agent: settings.agent, mode: settings.mode, allow: settings.allow, deny: settings.deny });
          return { decision: "allow" };
        },
      },
    );
    await promptAndWait(session, "Go", { mode: "plan", deny: ["fetch"], allow: ["read"] });
    assert.deepEqual(seen, [{ agent: "Engineer", mode: "plan", allow: ["read"], deny: ["fetch", "bash(rm:*)"] }]);
  });

  it("asks in the session that started it, under its name, and counts the answer in both", async () => {
    const session = await open(
      {
        Go: (step) => (step === 1 ? [call("task", { agent: "Engineer", prompt: "Sub" }), calls] : [text("ok"), done]),
        Sub: (step) =>
          step === 1 ? [call("task", { agent: "general", prompt: "SubSub" }), calls] : [text("ok"), done],
        SubSub: (step) => (step === 1 ? [call("ask", { question: "Which?" }), calls] : [text("ok"), done]),
      },
      { canAnswer: true },
    );
    const asked = waitForEvent(session, "question.asked");
    const turn = promptAndWait(session, "Go");
    const { question, digest, title, task } = await asked;
    assert.equal(task?.agent, "general");
    assert.match(title, /^general: /);
    await session.answer(question, digest, { text: "That one." }, bob);
    await turn;
    const grandchild = bench.sessions.live(task?.session ?? "");
    assert.deepEqual(
      grandchild
        ?.envelopes()
        .flatMap(({ by, event }) => (event.type === "question.answered" ? [[by.name, event.answer]] : [])),
      [["Bob", { text: "That one." }]],
    );
    assert.deepEqual(session.view().questions, []);
    assert.deepEqual(
      session.view().tasks.map(({ agent, parent, state }) => [agent, parent !== undefined, state]),
      [
        ["Engineer", false, "done"],
        ["general", true, "done"],
      ],
    );
  });

  it("can be answered in its own session, too", async () => {
    const session = await open(
      {
        Go: (step) => (step === 1 ? [call("task", { agent: "general", prompt: "Sub" }), calls] : [text("ok"), done]),
        Sub: (step) => (step === 1 ? [call("ask", { question: "Which?" }), calls] : [text("ok"), done]),
      },
      { canAnswer: true },
    );
    const asked = waitForEvent(session, "question.asked");
    const turn = promptAndWait(session, "Go");
    await asked;
    const child = childOf(bench, session);
    const [open_] = child.view().questions;
    await child.answer(open_?.id ?? "", open_?.digest ?? "", { text: "This." }, ada);
    await turn;
    assert.deepEqual(
      filterByType(session.envelopes(), "question.expired").map(({ reason }) => reason),
      ["answered in the session of the subagent"],
    );
    checkEnds(session.envelopes());
  });

  it("asks more questions at once than a session shows, one after the other", async () => {
    const numbers = Array.from({ length: 12 }, (_, index) => index + 1);
    const session = await open(
      {
        Go: (step) =>
          step === 1
            ? [...numbers.map((n) => call("task", { agent: "general", prompt: `Part ${n}` }, `c${n}`)), calls]
            : [text("ok"), done],
        ...Object.fromEntries(
          numbers.map((n) => [
            `Part ${n}`,
            (step: number) => (step === 1 ? [call("ask", { question: `Question ${n}?` }), calls] : [text("ok"), done]),
          ]),
        ),
      },
      { canAnswer: true },
    );
    session.watch(({ event }) => {
      if (event.type === "question.asked") void session.answer(event.question, event.digest, { text: "x" }, ada);
    });
    await promptAndWait(session, "Go");
    assert.equal(filterByType(session.envelopes(), "question.answered").length, 12);
    assert.ok(session.view().tasks.every(({ state }) => state === "done"));
  });

  it("stops with the turn that waits for it", async () => {
    const session = await open({
      Go: () => [call("task", { agent: "general", prompt: "Sub" }), calls],
      Sub: () => [text("Working"), neverResolves()],
    });
    const started = waitForEvent(session, "task.progress");
    const turn = promptAndWait(session, "Go");
    await started;
    const ended = waitForEvent(session, "task.ended");
    await session.cancel();
    await turn;
    assert.equal((await ended).outcome, "cancelled");
    assert.equal(childOf(bench, session).view().lastEnd?.outcome, "cancelled");
  });

  it("is stopped after its timeout, while what others finished stays", async () => {
    const session = await open({
      Go: (step) =>
        step === 1
          ? [
              call("task", { agent: "general", prompt: "Slow", timeout: 1 }, "a"),
              call("task", { agent: "general", prompt: "Fast" }, "b"),
              calls,
            ]
          : [text("ok"), done],
      Slow: () => [text("Half."), neverResolves()],
      Fast: () => [text("Whole."), done],
    });
    await promptAndWait(session, "Go");
    const [slow = "", fast = ""] = results(session);
    assert.match(slow, /did not finish: cancelled.*stopped after its timeout of 1 s.*\nHalf\.$/s);
    assert.match(fast, /Whole\.$/);
  });

  it("continues in the background, is polled, and outlives the turn", async () => {
    const { promise: finish, resolve } = Promise.withResolvers<void>();
    const session = await open({
      Go: (step, request) => {
        const id = /task_id: (\w+)/.exec(JSON.stringify(request.messages))?.[1];
        if (step === 1) return [call("task", { agent: "general", prompt: "Sub", run_in_background: true }), calls];
        return step === 2 ? [call("task_output", { task_id: id, block: false }), calls] : [text("Later."), done];
      },
      Sub: () => [text("Begun."), finish, text(" Ended."), done],
    });
    await promptAndWait(session, "Go");
    assert.match(results(session)[0] ?? "", /Started in the background/);
    assert.match(results(session)[1] ?? "", /general is running/);
    assert.equal(session.view().tasks[0]?.state, "running");
    const ended = waitForEvent(session, "task.ended");
    resolve();
    assert.equal((await ended).outcome, "done");
  });

  it("can be interrupted and steered alone", async () => {
    const session = await open({
      Go: (step) =>
        step === 1
          ? [
              call("task", { agent: "general", prompt: "One" }, "a"),
              call("task", { agent: "general", prompt: "Two" }, "b"),
              calls,
            ]
          : [text("ok"), done],
      One: () => [text("Half."), neverResolves()],
      Two: (step, request) =>
        JSON.stringify(request.messages).includes("Hurry")
          ? [text("Hurried."), done]
          : [call("list", { path: "." }, `l${step}`), calls],
    });
    const turn = promptAndWait(session, "Go");
    await waitForEvent(session, "task.progress", ({ task }) => task === session.view().tasks[1]?.id);
    const two = childOf(bench, session, 1);
    await two.steer("t1", "Hurry", ada);
    await childOf(bench, session, 0).cancel();
    await turn;
    assert.match(results(session)[0] ?? "", /did not finish: cancelled/);
    assert.match(results(session)[1] ?? "", /Hurried\.$/);
  });

  it("starts agents of its own down to three levels, and no further", async () => {
    const offered: number[] = [];
    const session = await open({
      Go: (step) => (step === 1 ? [call("task", { agent: "general", prompt: "1" }), calls] : [text("ok"), done]),
      ...Object.fromEntries(
        [1, 2, 3].map((depth) => [
          `${depth}`,
          (step: number, request: ModelRequest) => {
            offered.push(request.tools.some(({ name }) => name === "task") ? 1 : 0);
            return step === 1
              ? [call("task", { agent: "general", prompt: `${depth + 1}` }), calls]
              : [text(`Level ${depth}`), done];
          },
        ]),
      ),
    });
    await promptAndWait(session, "Go");
    assert.deepEqual(offered, [1, 1, 0, 0, 1, 1]);
    assert.equal(session.view().tasks.length, 3);
  });

  it("is suggested to the model if the prompt mentions its agent", async () => {
    const seen: string[] = [];
    const session = await open({
      "@engineer build it, and mail ada@general.org": (_, request) => {
        seen.push(JSON.stringify(request.messages));
        return [text("ok"), done];
      },
    });
    await promptAndWait(session, "@engineer build it, and mail ada@general.org");
    assert.match(seen[0] ?? "", /mentions the agent Engineer: use the task tool/);
  });

  it("has only the tools of its agent", async () => {
    const tools: string[][] = [];
    const session = await open({
      Go: (step) => (step === 1 ? [call("task", { agent: "explore", prompt: "Sub" }), calls] : [text("ok"), done]),
      Sub: (_, request) => {
        tools.push(request.tools.map(({ name }) => name));
        return [text("ok"), done];
      },
    });
    await promptAndWait(session, "Go");
    assert.deepEqual(tools, [["read", "grep"]]);
  });

  it("is refused for an agent that does not exist, with the names of those that do", async () => {
    const session = await open({
      Go: (step) => (step === 1 ? [call("task", { agent: "Enginer", prompt: "x" }), calls] : [text("ok"), done]),
    });
    await promptAndWait(session, "Go");
    assert.match(results(session)[0] ?? "", /no agent named Enginer\. Available agents: general, Engineer, explore\./);
    assert.deepEqual(session.view().tasks, []);
  });

  it("is interrupted when the program ends, and continues after a restart", async () => {
    const session = await open({
      Go: (step, request) => {
        const id = /task_id: (\w+)/.exec(JSON.stringify(request.messages))?.[1];
        if (step === 1) return [call("task", { agent: "general", prompt: "Sub" }), calls];
        return JSON.stringify(request.messages).includes("Response")
          ? [text("ok"), done]
          : [call("task", { task_id: id, prompt: "Again" }), calls];
      },
      Sub: (_, request) =>
        JSON.stringify(request.messages).includes("Again")
          ? [text("Response."), done]
          : [text("Half."), neverResolves()],
    });
    const started = waitForEvent(session, "task.progress");
    void session.prompt("Go", [], {}, ada);
    await started;
    const { id } = session.view();
    await bench.sessions.closeAll();
    bench = await bench.reopen();
    const again = await bench.sessions.open(id);
    assert.equal(again.view().tasks[0]?.state, "cancelled");
    await promptAndWait(again, "Continue.");
    assert.match(results(again).at(-1) ?? "", /Response\.$/);
    checkEnds(again.envelopes());
  });
});
