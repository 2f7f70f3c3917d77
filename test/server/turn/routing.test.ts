import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Envelope, EventOf } from "../../../protocol/events.ts";
import type { Model } from "../../../server/ports.ts";
import { type AgentBench, type BenchOptions, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { createAgent, createAgents } from "../../help/agents.ts";
import {
  call,
  calls,
  done,
  failed,
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
  usageWithCost,
} from "../../help/scripted-model.ts";
import { childOf, taskAgents } from "../../help/subagents.ts";

const answer: ScriptedResponse = [text("Done."), usageWithCost(0.01), done];
const tiers = { quick: "p/quick", standard: "p/standard", advanced: "p/advanced" };
const HARD = "Find the root cause of the deadlock.";
const EASY = "Fix the typo in README.md";

const model = (id: string, ...answers: ScriptedResponse[]): ScriptedModel =>
  scriptedModel(answers.length > 0 ? answers : [answer], { id });
const models = (more: Record<string, ScriptedModel> = {}): Record<string, ScriptedModel> => ({
  "p/quick": model("p/quick"),
  "p/standard": model("p/standard"),
  "p/advanced": model("p/advanced"),
  ...more,
});
const routes = (envelopes: readonly Envelope[]): EventOf<"model.routed">[] =>
  envelopes.flatMap(({ event }) => (event.type === "model.routed" ? [event] : []));
const notices = (envelopes: readonly Envelope[]): string[] =>
  envelopes.flatMap(({ event }) => (event.type === "notice.shown" ? [event.text] : []));
const end = (envelopes: readonly Envelope[]): EventOf<"turn.ended"> | undefined =>
  envelopes.flatMap(({ event }) => (event.type === "turn.ended" ? [event] : [])).at(-1);
/** Calls that fail, each another one. */
const badEdits = (count: number): ScriptedResponse => [
  ...Array.from({ length: count }, (_, at) => call("edit", { path: "a.txt", old: `none ${at}`, new: "x" }, `e${at}`)),
  calls,
];

describe("routing of turns", () => {
  let bench: AgentBench;
  const open = async (options: BenchOptions): Promise<AgentBench> => {
    bench = await openAgentBench(options);
    await writeFile(join(bench.cwd, "a.txt"), "one\n");
    return bench;
  };
  afterEach(() => bench.close());

  it("uses the tier of the task, and says why", async () => {
    const session = await (await open({ models: models(), config: { tiers } })).create();
    const [hard] = routes(await promptAndWait(session, HARD));
    assert.deepEqual([hard?.model, hard?.tier, hard?.routing?.source], ["p/advanced", "advanced", "heuristic"]);
    assert.ok(hard?.routing?.signals.some(({ id }) => id === "cause.unknown"));
    const [easy] = routes(await promptAndWait(session, EASY));
    assert.deepEqual([easy?.model, easy?.tier], ["p/quick", "quick"]);
    assert.equal(session.view().tier, "quick");
  });

  it("stays with the tier if a prompt only continues", async () => {
    const session = await (await open({ models: models(), config: { tiers } })).create();
    await promptAndWait(session, HARD);
    const [next] = routes(await promptAndWait(session, "yes, do it"));
    assert.equal(next?.tier, "advanced");
    assert.deepEqual(next?.routing?.signals, [{ id: "prompt.continues", points: 0 }]);
  });

  it("changes nothing without tiers, and where a person named a model", async () => {
    const one = await (await open({ models: { "": model("p/default") } as Record<string, Model> })).create();
    const [plain] = routes(await promptAndWait(one, HARD));
    assert.ok(plain && !("tier" in plain) && !("routing" in plain));
    assert.equal(plain.model, "p/default");
    await bench.close();
    const two = await (await open({ models: models({ "x/y": model("x/y") }), config: { tiers } })).create();
    const [named] = routes(await promptAndWait(two, HARD, { model: "x/y" }));
    assert.ok(named && !("routing" in named));
    assert.equal(named.model, "x/y");
  });

  it("takes the tier that a person chose, until they choose a model", async () => {
    const session = await (await open({ models: models({ "x/y": model("x/y") }), config: { tiers } })).create();
    assert.equal(routes(await promptAndWait(session, EASY, { tier: "advanced" }))[0]?.routing?.source, "user");
    assert.equal(routes(await promptAndWait(session, EASY))[0]?.model, "p/advanced");
    assert.equal(routes(await promptAndWait(session, EASY, { model: "x/y" }))[0]?.model, "x/y");
    assert.equal(routes(await promptAndWait(session, EASY, { tier: "standard" }))[0]?.model, "p/standard");
  });

  it("falls to the nearest tier whose model can be used, and says so", async () => {
    const { "p/advanced": _, ...some } = models();
    const session = await (await open({ models: some, config: { tiers } })).create();
    const log = await promptAndWait(session, HARD);
    const [route] = routes(log);
    assert.deepEqual([route?.model, route?.tier, route?.routing?.source], ["p/standard", "standard", "fallback"]);
    assert.deepEqual(route?.routing?.rejected, [
      { tier: "advanced", model: "p/advanced", why: "No key for p/advanced." },
    ]);
    assert.match(
      notices(log).join("\n"),
      /No model of the advanced tier can be used \(p\/advanced: No key for p\/advanced\)\. Using p\/standard of the standard tier\./,
    );
  });

  it("uses the configured model as the standard tier if only others are configured", async () => {
    const session = await (
      await open({ models: models(), config: { model: "p/standard", tiers: { quick: "p/quick" } } })
    ).create();
    assert.equal(routes(await promptAndWait(session, HARD))[0]?.model, "p/standard");
    assert.equal(routes(await promptAndWait(session, EASY))[0]?.model, "p/quick");
  });

  it("prefers the agent's tiers, and its own model only without them", async () => {
    const tiers = { advanced: { model: "x/deep" } };
    const agents = createAgents(createAgent({ name: "Engineer", model: "p/standard", tiers }));
    const config = { tiers: { quick: "p/quick", advanced: "p/advanced" } };
    const session = await (await open({ models: models({ "x/deep": model("x/deep") }), agents, config })).create();
    const [route] = routes(await promptAndWait(session, HARD, { agent: "Engineer" }));
    assert.deepEqual([route?.model, route?.routing?.agent], ["x/deep", "Engineer"]);
  });

  it("escalates a turn that makes no progress, and hands it over", async () => {
    const quick = model("p/quick", badEdits(3));
    const set = models({ "p/quick": quick });
    const session = await (await open({ models: set, config: { tiers } })).create();
    const log = await promptAndWait(session, EASY);
    const [first, second, ...more] = routes(log);
    assert.deepEqual([first?.model, second?.model, more.length], ["p/quick", "p/standard", 0]);
    assert.deepEqual(
      [second?.routing?.source, second?.routing?.from, second?.routing?.attempt],
      ["escalation", "quick", 2],
    );
    assert.equal(quick.requests.length, 1);
    const [request] = set["p/standard"]?.requests ?? [];
    assert.equal(request?.messages.length, 1);
    const sent = JSON.stringify(request?.messages);
    assert.match(sent, /Fix the typo in README\.md/);
    assert.match(sent, /less capable model/);
    assert.match(sent, /edit.*failed/);
    assert.equal(end(log)?.outcome, "done");
    const steps = log.flatMap(({ event }) =>
      event.type === "text.done" || event.type === "call.asked" ? [event.step] : [],
    );
    assert.deepEqual([...new Set(steps)], [1, 2]);
  });

  it("starts anew with the next model, and stays with it if it makes progress", async () => {
    const read: ScriptedResponse = [call("read", { path: "a.txt" }), calls];
    const standard = model("p/standard", read, [call("grep", { pattern: "o" }), calls], answer);
    const set = models({ "p/quick": model("p/quick", badEdits(3)), "p/standard": standard });
    const session = await (await open({ models: set, config: { tiers } })).create();
    assert.deepEqual(
      routes(await promptAndWait(session, EASY)).map(({ tier }) => tier),
      ["quick", "standard"],
    );
    assert.equal(standard.requests.length, 3);
    const [next] = routes(await promptAndWait(session, EASY));
    assert.deepEqual([next?.tier, next?.routing?.source, next?.routing?.from], ["quick", "heuristic", null]);
  });

  it("keeps the history if the configuration says so", async () => {
    const set = models({ "p/quick": model("p/quick", badEdits(3)) });
    const session = await (await open({ models: set, config: { tiers, routing: { carryHistory: true } } })).create();
    await promptAndWait(session, EASY);
    assert.deepEqual(
      set["p/standard"]?.requests[0]?.messages.map(({ role }) => role),
      ["user", "assistant", "tool"],
    );
  });

  it("escalates twice at most, and never past maxTier", async () => {
    const stuck = { "p/quick": model("p/quick", badEdits(3)), "p/standard": model("p/standard", badEdits(3)) };
    const one = await (await open({ models: models(stuck), config: { tiers } })).create();
    assert.deepEqual(
      routes(await promptAndWait(one, EASY)).map(({ tier }) => tier),
      ["quick", "standard", "advanced"],
    );
    await bench.close();
    const capped = { "p/quick": model("p/quick", badEdits(3)), "p/standard": model("p/standard", badEdits(3), answer) };
    const two = await (
      await open({ models: models(capped), config: { tiers, routing: { maxTier: "standard" } } })
    ).create();
    assert.deepEqual(
      routes(await promptAndWait(two, EASY)).map(({ tier }) => tier),
      ["quick", "standard"],
    );
  });

  it("escalates a model that repeats itself, instead of ending the turn", async () => {
    const loop: ScriptedResponse = [call("read", { path: "a.txt" }), calls];
    const session = await (
      await open({ models: models({ "p/quick": model("p/quick", loop) }), config: { tiers } })
    ).create();
    const log = await promptAndWait(session, EASY);
    assert.deepEqual(
      routes(log).map(({ tier }) => tier),
      ["quick", "standard"],
    );
    assert.equal(end(log)?.outcome, "done");
  });

  it("does not escalate a tier that a person chose", async () => {
    const session = await (
      await open({ models: models({ "p/quick": model("p/quick", badEdits(3), answer) }), config: { tiers } })
    ).create();
    assert.equal(routes(await promptAndWait(session, HARD, { tier: "quick" })).length, 1);
  });

  it("continues with the next model of the tier when a provider fails, with the history, and never goes up for it", async () => {
    const spare = model("r/quick");
    const set = models({
      "p/quick": model("p/quick", [call("read", { path: "a.txt" }), calls], [failed("server")]),
      "r/quick": spare,
    });
    const config = { tiers: { ...tiers, quick: { model: "p/quick", fallbacks: ["r/quick"] } } };
    const session = await (await open({ models: set, config })).create();
    const log = await promptAndWait(session, EASY);
    assert.deepEqual(
      routes(log).map(({ model, tier }) => [model, tier]),
      [
        ["p/quick", "quick"],
        ["r/quick", "quick"],
      ],
    );
    assert.equal(routes(log)[1]?.routing?.source, "fallback");
    assert.deepEqual(
      spare.requests[0]?.messages.map(({ role }) => role),
      ["user", "assistant", "tool"],
    );
    assert.equal(end(log)?.outcome, "done");
    await bench.close();
    const alone = await (
      await open({ models: models({ "p/quick": model("p/quick", [failed("rate")]) }), config: { tiers } })
    ).create();
    const failedLog = await promptAndWait(alone, EASY);
    assert.equal(routes(failedLog).length, 1);
    assert.equal(end(failedLog)?.outcome, "failed");
  });

  it("keeps the tier of a session whose history is compacted", async () => {
    const long: ScriptedResponse = [text("It waits for the pool. ".repeat(500)), usageWithCost(0.01), done];
    const set = models({
      "p/advanced": model("p/advanced", ...Array<ScriptedResponse>(5).fill(long), [
        text("A summary."),
        usageWithCost(0.5),
        done,
      ]),
    });
    const session = await (await open({ models: set, config: { tiers, budget: { tiers: { advanced: 9 } } } })).create();
    await promptAndWait(session, HARD);
    for (let count = 0; count < 4; count++) await promptAndWait(session, "yes, do it");
    const { tier, routing } = session.view();
    assert.equal(tier, "advanced");
    const before = session.envelopes().length;
    await session.compact("", { kind: "person", id: "ada", name: "Ada" });
    await session.idle();
    assert.deepEqual([session.view().tier, session.view().routing], [tier, routing]);
    const [usage] = session
      .envelopes()
      .slice(before)
      .flatMap(({ event }) => (event.type === "usage.counted" ? [event] : []));
    assert.deepEqual([usage?.tier, usage?.purpose], ["advanced", "summary"]);
  });

  it("routes a subagent by its call, else by its task, and not if a person named a model", async () => {
    const start = (input: object, id: string) =>
      call("task", { subagent_type: "general", description: "x", ...input }, id);
    const parent = model(
      "p/standard",
      [start({ prompt: HARD, tier: "quick" }, "a"), start({ prompt: HARD }, "b"), calls],
      answer,
    );
    const set = models({
      "p/standard": parent,
      "x/y": model("x/y", [start({ prompt: EASY, tier: "quick" }, "c"), calls], answer),
    });
    const session = await (await open({ models: set, agents: taskAgents, config: { tiers } })).create();
    const childRoutes = (from: number) =>
      session
        .view()
        .tasks.slice(from)
        .map((_, index) => routes(childOf(bench, session, from + index).envelopes())[0])
        .map((route) => [route?.model, route?.routing?.source, route?.routing?.agent]);
    await promptAndWait(session, "Add a page with a form.");
    assert.deepEqual(childRoutes(0).toSorted(), [
      ["p/advanced", "heuristic", "general"],
      ["p/quick", "caller", "general"],
    ]);
    await promptAndWait(session, "Add a page with a form.", { model: "x/y" });
    assert.deepEqual(childRoutes(2), [["x/y", undefined, undefined]]);
  });
});
