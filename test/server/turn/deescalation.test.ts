import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Envelope, EventOf, PlanItem, Settings } from "../../../protocol/events.ts";
import {
  type AgentBench,
  type BenchOptions,
  filterByType,
  openAgentBench,
  promptAndWait,
} from "../../help/agent-bench.ts";
import {
  call,
  calls,
  done,
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
  usageWithCost,
} from "../../help/scripted-model.ts";
import { childOf, taskAgents } from "../../help/subagents.ts";

const HARD = "Find the root cause of the deadlock.";
const EASY = "Fix the typo in README.md";
const ITEMS = ["Find the cause", "Rename foo to bar in a.txt", "Fix the typo in README.md"];
const answer: ScriptedResponse = [text("Done."), usageWithCost(0.01), done];

let count = 0;
const id = (): string => `c${++count}`;
/** The first item is done, the second one active. */
const plan = (texts = ITEMS, first: PlanItem["state"] = "done"): ScriptedResponse => [
  text("The lock is taken twice in pool.ts."),
  call("plan", { items: texts.map((text, at) => ({ text, state: at === 0 ? first : "pending" })) }, id()),
  calls,
];
const works = (): ScriptedResponse => [call("grep", { pattern: `x${count}` }, id()), usageWithCost(0.01), calls];
const fails = (): ScriptedResponse => [call("read", { path: `missing${count}` }, id()), usageWithCost(0.01), calls];
const badEdits = (): ScriptedResponse => [
  ...[1, 2, 3].map((at) => call("edit", { path: "a.txt", old: `none ${count} ${at}`, new: "x" }, id())),
  calls,
];
const tiersOf = (log: readonly Envelope[]) => filterByType(log, "model.routed").map(({ tier }) => tier);
const end = (log: readonly Envelope[]): EventOf<"turn.ended"> | undefined => filterByType(log, "turn.ended").at(-1);

describe("a turn whose plan works", () => {
  let bench: AgentBench;
  let models: Record<"p/quick" | "p/standard" | "p/advanced", ScriptedModel>;
  afterEach(() => bench.close());

  async function run(
    scripts: { quick?: ScriptedResponse[]; standard?: ScriptedResponse[]; advanced?: ScriptedResponse[] },
    { settings = {}, prompt = HARD, ...options }: BenchOptions & { settings?: Settings; prompt?: string } = {},
  ): Promise<Envelope[]> {
    const model = (name: keyof typeof scripts) => scriptedModel(scripts[name] ?? [answer], { id: `p/${name}` });
    models = { "p/quick": model("quick"), "p/standard": model("standard"), "p/advanced": model("advanced") };
    const { config, ...more } = options;
    const tiers = { quick: "p/quick", standard: "p/standard", advanced: "p/advanced" };
    bench = await openAgentBench({ models, agents: taskAgents, config: { tiers, ...config }, ...more });
    await writeFile(join(bench.cwd, "a.txt"), "one\n");
    return promptAndWait(await bench.create(), prompt, settings);
  }

  it("goes on with the tier that the rest of the plan needs, and hands over what is known", async () => {
    const log = await run({ advanced: [plan(), works(), works(), works(), answer] });
    assert.deepEqual(tiersOf(log), ["advanced", "quick"]);
    assert.equal(models["p/advanced"].requests.length, 4);
    const [, second] = filterByType(log, "model.routed");
    const { source, from, attempt } = second?.routing ?? {};
    assert.deepEqual([source, from, attempt], ["deescalation", "advanced", 2]);
    const [request] = models["p/quick"].requests;
    assert.equal(request?.messages.length, 1);
    const sent = JSON.stringify(request?.messages);
    for (const part of [
      /more capable model has planned/,
      /root cause of the deadlock/,
      /done: Find the cause/,
      /pending: Rename foo to bar/,
      /taken twice in pool\.ts/,
    ])
      assert.match(sent, part);
    assert.equal(end(log)?.outcome, "done");
  });

  it("goes no lower than the hardest item that remains", async () => {
    const add = [...ITEMS, "Add a form to the settings page with tests"];
    assert.deepEqual(tiersOf(await run({ advanced: [plan(add), works(), works(), works(), answer] })), [
      "advanced",
      "standard",
    ]);
    await bench.close();
    const hard = [...ITEMS, "Find the race condition in the scheduler that loses data"];
    assert.deepEqual(tiersOf(await run({ advanced: [plan(hard), works(), works(), works(), answer] })), ["advanced"]);
  });

  const staying: [string, ScriptedResponse[]][] = [
    ["fewer than three steps worked", [plan(), works(), works(), answer]],
    ["a call failed", [plan(), works(), works(), fails(), works(), works(), answer]],
    ["no plan is written", [works(), works(), works(), works(), works(), answer]],
    ["the plan is not followed", [plan(ITEMS, "pending"), works(), works(), works(), works(), answer]],
    ["too little remains", [plan(ITEMS.slice(0, 2)), works(), works(), works(), works(), answer]],
  ];
  for (const [why, advanced] of staying)
    it(`stays with the model if ${why}`, async () => assert.deepEqual(tiersOf(await run({ advanced })), ["advanced"]));

  it("stays with a tier that a person or the call of a subagent chose, and if the configuration says so", async () => {
    const advanced = [plan(), works(), works(), works(), answer];
    assert.deepEqual(tiersOf(await run({ advanced }, { settings: { tier: "advanced" } })), ["advanced"]);
    await bench.close();
    assert.deepEqual(tiersOf(await run({ advanced }, { config: { routing: { deescalate: false } } })), ["advanced"]);
    await bench.close();
    const start = call("task", { subagent_type: "general", description: "x", prompt: HARD, tier: "advanced" }, "s");
    await run({ quick: [[start, calls], answer], advanced }, { prompt: EASY });
    const [parent] = bench.sessions.opened();
    assert.ok(parent);
    assert.deepEqual(tiersOf(childOf(bench, parent).envelopes()), ["advanced"]);
  });

  it("does not go down within three steps after it went up", async () => {
    const standard = [badEdits()];
    const advanced = [plan(), works(), works(), works(), works(), answer];
    const log = await run({ standard, advanced }, { prompt: "Add a form to the settings page." });
    assert.deepEqual(tiersOf(log), ["standard", "advanced", "quick"]);
    assert.equal(models["p/advanced"].requests.length, 5);
  });

  it("goes down once at most, though it may go up again", async () => {
    const again = [works(), works(), works(), works(), works(), works(), answer];
    const log = await run({
      advanced: [plan(), works(), works(), works(), ...again],
      quick: [badEdits()],
      standard: [badEdits()],
    });
    assert.deepEqual(tiersOf(log), ["advanced", "quick", "standard", "advanced"]);
    assert.equal(end(log)?.outcome, "done");
  });

  it("keeps the model if no cheaper one can be used", async () => {
    const advanced = [plan(), works(), works(), works(), works(), answer];
    const log = await run({ advanced }, { config: { tiers: { quick: "unknown/x", advanced: "p/advanced" } } });
    assert.deepEqual(tiersOf(log), ["advanced"]);
    assert.equal(end(log)?.outcome, "done");
  });
});

describe("the limits of a tier", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());
  async function run(
    quick: object,
    scripts: { quick: ScriptedResponse[]; standard?: ScriptedResponse[] },
    settings = {},
  ) {
    const models = {
      "p/quick": scriptedModel(scripts.quick, { id: "p/quick" }),
      "r/quick": scriptedModel(scripts.quick, { id: "r/quick" }),
      "p/standard": scriptedModel(scripts.standard ?? [answer], { id: "p/standard" }),
    };
    const tiers = { quick: { model: "p/quick", ...quick }, standard: "p/standard" };
    bench = await openAgentBench({ models, config: { tiers } });
    const log = await promptAndWait(await bench.create(), EASY, settings);
    return { log, requests: models["p/quick"].requests.length };
  }

  for (const maxSteps of [1, 2, 4])
    it(`let the next tier continue after ${maxSteps} steps`, async () => {
      const { log, requests } = await run({ maxSteps }, { quick: Array.from({ length: 6 }, works) });
      assert.deepEqual(tiersOf(log), ["quick", "standard"]);
      assert.equal(requests, maxSteps);
      const [, second] = filterByType(log, "model.routed");
      assert.deepEqual([second?.routing?.source, second?.routing?.from], ["escalation", "quick"]);
      assert.match(filterByType(log, "notice.shown")[0]?.text ?? "", /quick tier reached its step limit\. p\/standard/);
      assert.equal(end(log)?.outcome, "done");
    });

  it("do not count the steps of a turn that ends in time", async () => {
    const { log } = await run({ maxSteps: 3 }, { quick: [works(), works(), answer] });
    assert.deepEqual([tiersOf(log), end(log)?.outcome], [["quick"], "done"]);
  });

  it("end a turn whose tier a person chose", async () => {
    const { log } = await run({ maxSteps: 2 }, { quick: Array.from({ length: 6 }, works) }, { tier: "quick" });
    assert.deepEqual([tiersOf(log), end(log)?.outcome, end(log)?.failure?.code], [["quick"], "limit", "limit"]);
    assert.match(end(log)?.failure?.message ?? "", /step limit of the quick tier \(2\)/);
  });

  it("end a turn that has cost as much as the tier may", async () => {
    const { log, requests } = await run({ maxCostUsd: 0.025 }, { quick: Array.from({ length: 6 }, works) });
    assert.deepEqual([tiersOf(log), requests], [["quick"], 3]);
    assert.deepEqual([end(log)?.outcome, end(log)?.failure?.code], ["limit", "budget"]);
    assert.match(end(log)?.failure?.message ?? "", /The quick tier has cost \$0\.0300, and its budget is \$0\.025/);
  });

  it("still let the limit of the turn end it", async () => {
    const { log } = await run({ maxSteps: 4 }, { quick: Array.from({ length: 6 }, works) }, { maxSteps: 3 });
    assert.deepEqual([tiersOf(log), end(log)?.outcome], [["quick"], "limit"]);
  });
});
