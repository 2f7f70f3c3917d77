import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { ASSUMPTIONS, compare } from "../../../bench/routing.ts";
import type { Tier } from "../../../protocol/settings.ts";
import { checkSets, formatTrained, readExamples, train } from "../../../scripts/routing/train.ts";
import { assess } from "../../../server/routing/assess.ts";
import { readHeldOutPrompts, readLabelledTasks } from "../../help/routing-tasks.ts";

const WEIGHTS = join(import.meta.dirname, "../../../server/routing/wording.json");

const tierOf = (prompt: string): Tier => assess(prompt).tier;
const tasks = readLabelledTasks();
const share = (count: number, of: number): number => count / of;

/** How many tasks are assessed exactly, and how many advanced ones as quick. */
function measure(half: "tune" | "report") {
  const own = tasks.filter((task) => task.half === half);
  const advanced = own.filter(({ tier }) => tier === "advanced");
  return {
    exact: share(own.filter(({ text, tier }) => tierOf(text) === tier).length, own.length),
    advancedAsQuick: share(advanced.filter(({ text }) => tierOf(text) === "quick").length, advanced.length),
  };
}

describe("assessment of a task", () => {
  it("has enough labelled tasks of each tier, in both halves", () => {
    assert.ok(tasks.length >= 240);
    assert.equal(new Set(tasks.map(({ id }) => id)).size, tasks.length);
    for (const half of ["tune", "report"] as const)
      for (const [tier, least] of [
        ["quick", 40],
        ["standard", 40],
        ["advanced", 20],
      ] as const)
        assert.ok(tasks.filter((task) => task.half === half && task.tier === tier).length >= least, `${half} ${tier}`);
    for (const { id, reason, text } of tasks) assert.ok(reason.length > 3 && text.length > 3, id);
  });

  it("agrees with at least 80 % of the labels on the half that it was not tuned on", () => {
    const { exact, advancedAsQuick } = measure("report");
    assert.ok(exact >= 0.85, `${exact}`);
    assert.ok(advancedAsQuick <= 0.02, `${advancedAsQuick}`);
  });

  it("is not much better on the half that it was tuned on", () => {
    assert.ok(measure("tune").exact - measure("report").exact <= 0.1);
  });

  it("has 95 % of the success of always-advanced at half of its cost, under the assumptions of the benchmark", () => {
    const [base] = ASSUMPTIONS;
    assert.ok(base);
    const rows = new Map(
      compare(
        tasks.filter(({ half }) => half === "report"),
        base,
      ).map(({ name, result }) => [name, result]),
    );
    const router = rows.get("router");
    assert.ok(router && router.cost <= 0.5 && router.success >= 0.95, JSON.stringify(router));
    assert.ok(router.success > (rows.get("always standard")?.success ?? 1));
  });

  it("assesses at least 80 % of the prompts of a kind as labelled with weights that were trained on other kinds", () => {
    const sets = checkSets(readExamples());
    const total = sets.reduce((sum, { size }) => sum + size, 0);
    const mean = sets.reduce((sum, { size, exact }) => sum + size * exact, 0) / total;
    assert.ok(mean >= 0.8, `${mean}`);
    for (const { set, exact, advancedAsQuick } of sets) {
      assert.ok(exact >= 0.75, `${set}: ${exact}`);
      assert.ok(advancedAsQuick <= 0.06, `${set}: ${advancedAsQuick}`);
    }
  });

  it("assesses at least 80 % of the prompts of another author as labelled, and takes no advanced one for quick", () => {
    const prompts = readHeldOutPrompts();
    const right = prompts.filter(({ tier, text }) => tierOf(text) === tier);
    assert.ok(prompts.length >= 200 && share(right.length, prompts.length) >= 0.8, `${right.length}`);
    const advanced = prompts.filter(({ tier }) => tier === "advanced");
    assert.deepEqual(
      advanced.filter(({ text }) => tierOf(text) === "quick"),
      [],
    );
  });

  it("uses the weights that the labelled prompts give", () => {
    assert.equal(formatTrained(train(readExamples())), readFileSync(WEIGHTS, "utf8"));
  });

  it("takes words of a hard field in a trivial task for what they are", () => {
    for (const prompt of [
      "fix the typo in docs/security-architecture.md",
      'Change the heading "Deadlocks" to "Locks" in concurrency.md',
      "rename test_race_condition.py to test_races.py",
      "What is a memory leak?",
      "translate these sentences about distributed consensus to German:\n\nA leader is elected. Writes are replicated.",
    ])
      assert.equal(tierOf(prompt), "quick", prompt);
  });

  it("sees a hard task behind easy words", () => {
    for (const prompt of [
      "just find out why it deadlocks",
      "simply make the writes survive a crash without losing data",
      "why does it hang sometimes",
      "quick question: how do we get exactly once delivery between two services that can crash?",
    ])
      assert.equal(tierOf(prompt), "advanced", prompt);
    for (const prompt of ["Rename the column `id` to `uid` in all tables with zero downtime"])
      assert.notEqual(tierOf(prompt), "quick", prompt);
  });

  it("does not read a pasted log or code as the task", () => {
    const log = "2026-01-01T10:00:00Z ERROR deadlock detected, possible security breach\n".repeat(30);
    assert.equal(tierOf(`Count the lines of this log that contain ERROR:\n\n${log}`), "quick");
    const code = "```ts\n// race condition, memory leak, deadlock\nlock.acquire();\n```";
    assert.equal(tierOf(`Format this nicely:\n\n${code}`), "quick");
  });

  it("understands a misspelt verb, politeness, and other languages", () => {
    assert.equal(tierOf("chnage the title to `Home`"), "quick");
    assert.equal(tierOf("Hello there! Could you please kindly list all files in src? Thank you very much!"), "quick");
    assert.equal(tierOf("Bitte benenne die Variable `a` in `b` um"), "quick");
    assert.equal(tierOf("偶尔会死锁，请排查根本原因"), "advanced");
    assert.equal(tierOf("ログイン画面のテストを書いてください"), "standard");
  });

  it("prefers a higher tier in quality mode and a lower one in cost mode", () => {
    const order: readonly Tier[] = ["quick", "standard", "advanced"];
    const ranks = (mode: "cost" | "balanced" | "quality"): number =>
      tasks.reduce((sum, { text }) => sum + order.indexOf(assess(text, { mode }).tier), 0);
    assert.ok(ranks("cost") < ranks("balanced") && ranks("balanced") < ranks("quality"));
    assert.deepEqual(assess("x", { mode: "cost" }).thresholds, { quick: -0.5, advanced: 5.5 });
  });

  it("counts earlier failures and the agent, unless the user said how hard it is", () => {
    const prompt = "make the importer accept tab separated values if asked";
    assert.equal(assess(prompt).tier, "standard");
    assert.equal(assess(prompt, { failedBefore: true }).tier, "advanced");
    assert.equal(assess("look at the importer", { agent: "Explore" }).tier, "quick");
    assert.ok(
      !assess("think hard about the importer", { agent: "explore" }).signals.some(({ id }) => id === "agent.prior"),
    );
  });

  it("takes weights and thresholds from the configuration", () => {
    assert.equal(assess("fix the login", { thresholds: { advanced: -1 } }).tier, "advanced");
    assert.equal(assess("run prettier", { weights: { "verb.mechanical": 4 } }).tier, "standard");
  });

  it("keeps nothing of a number in its signals, which may be part of a key", () => {
    for (const key of ["sk-48151623420815abcdef", "4f9c2b7d1e", "1234567890123"])
      for (const prompt of [`set the token to ${key}`, `${key} does not work, find out why`, `use ${key} in the tests`])
        assert.doesNotMatch(JSON.stringify(assess(prompt).signals), /\d{3}|4f9c/, prompt);
  });

  it("gives every text the sum of its signals, the same each time", () => {
    const words = fc.constantFrom(
      "fix",
      "why",
      "deadlock",
      "typo",
      "`x`",
      "\n",
      "-",
      "```",
      "a/b.ts",
      ".",
      "死锁",
      "  ",
      '"',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(words, fc.string()), { maxLength: 60 }), (parts) => {
        const text = parts.join(" ");
        const one = assess(text);
        assert.deepEqual(assess(text), one);
        const sum = one.signals.reduce((total, { points }) => total + points, 0);
        assert.ok(Math.abs(one.score - sum) < 1e-9, `${one.score} ${sum}`);
        const { quick, advanced } = one.thresholds;
        assert.equal(one.tier, one.score >= advanced ? "advanced" : one.score <= quick ? "quick" : "standard");
      }),
    );
  });

  it("reads a bounded part of a long prompt: its beginning and its end", () => {
    const filler = "lorem ipsum ".repeat(20_000);
    assert.equal(assess(`why does it deadlock sometimes ${filler}`).tier, "advanced");
    assert.equal(assess(`${filler}. Find the root cause of the deadlock.`).tier, "advanced");
    assert.deepEqual(assess(`${filler}deadlock ${filler}`).signals, assess(`${filler}${filler}`).signals);
  });
});
