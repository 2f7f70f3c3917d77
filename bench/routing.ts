/**
 * What routing by tier brings, on the reporting half of the labelled tasks: accuracy, decision time, and a simulation of cost and success
 * beside fixed tiers. The simulation computes expected values from the assumptions below; it runs no model.
 */
import { performance } from "node:perf_hooks";
import { type Tier, tiers } from "../protocol/settings.ts";
import { assess } from "../server/routing/assess.ts";
import { type LabelledTask, readLabelledTasks } from "../test/help/routing-tasks.ts";

export interface Assumptions {
  name: string;
  /** Cost of one try of a task of size 1. */
  price: Readonly<Record<Tier, number>>;
  /** Tokens of a task relative to a quick one. */
  size: Readonly<Record<Tier, number>>;
  /** How often a tier solves a task, by the label of the task. */
  success: Readonly<Record<Tier, Readonly<Record<Tier, number>>>>;
  /** How often a failure is noticed, by a test or a tool, so that the task is escalated. */
  noticed: number;
}

const base: Assumptions = {
  name: "base: price 1 : 12 : 60, tasks of one size",
  price: { quick: 1, standard: 12, advanced: 60 },
  size: { quick: 1, standard: 1, advanced: 1 },
  success: {
    quick: { quick: 0.93, standard: 0.97, advanced: 0.98 },
    standard: { quick: 0.5, standard: 0.86, advanced: 0.93 },
    advanced: { quick: 0.1, standard: 0.45, advanced: 0.75 },
  },
  noticed: 0.6,
};

/** The other rows show what the result depends on. */
export const ASSUMPTIONS: readonly Assumptions[] = [
  base,
  { ...base, name: "no failure is noticed", noticed: 0 },
  { ...base, name: "price 1 : 3 : 6", price: { quick: 1, standard: 3, advanced: 6 } },
  { ...base, name: "harder tasks are larger, 1 : 2 : 4", size: { quick: 1, standard: 2, advanced: 4 } },
  {
    ...base,
    name: "weaker quick and standard models",
    success: {
      quick: { ...base.success.quick, quick: 0.8, standard: 0.92 },
      standard: { ...base.success.standard, quick: 0.3, standard: 0.75 },
      advanced: { ...base.success.advanced, quick: 0.03, standard: 0.3 },
    },
  },
];

export interface Result {
  cost: number;
  success: number;
}

/** A try at this tier; a noticed failure costs the failed try, and the next tier tries again, up to advanced. */
function attempt(tier: Tier, label: Tier, assumptions: Assumptions, escalates: boolean): Result {
  const { price, size, success, noticed } = assumptions;
  const cost = price[tier] * size[label];
  const solved = success[label][tier];
  const next = tiers[tiers.indexOf(tier) + 1];
  if (!escalates || next === undefined) return { cost, success: solved };
  // A model that solves what the lower tier could not: the failures overlap, so only the gain counts.
  const gain = (success[label][next] - solved) / (1 - solved);
  const again = attempt(next, label, assumptions, escalates);
  const retried = (1 - solved) * noticed;
  return { cost: cost + retried * again.cost, success: solved + retried * Math.max(0, gain) };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function simulate(
  tasks: readonly LabelledTask[],
  assumptions: Assumptions,
  choose: (task: LabelledTask) => Tier,
  escalates: boolean,
): Result {
  const results = tasks.map((task) => attempt(choose(task), task.tier, assumptions, escalates));
  return { cost: mean(results.map(({ cost }) => cost)), success: mean(results.map(({ success }) => success)) };
}

/** Always one tier, or a random one of two at the cost of the router, or the router; cost and success as shares of always-advanced. */
export function compare(tasks: readonly LabelledTask[], assumptions: Assumptions): { name: string; result: Result }[] {
  const fixed = (tier: Tier): Result => simulate(tasks, assumptions, () => tier, false);
  const router = simulate(tasks, assumptions, ({ text }) => assess(text).tier, true);
  const [low, high] = [fixed("quick"), fixed("advanced")];
  const part = Math.min(1, (router.cost - low.cost) / (high.cost - low.cost));
  const random = { cost: router.cost, success: low.success + part * (high.success - low.success) };
  const rows = [
    { name: "always quick", result: low },
    { name: "always standard", result: fixed("standard") },
    { name: "always advanced", result: high },
    { name: "random quick or advanced, at the cost of the router", result: random },
    { name: "router", result: router },
  ];
  return rows.map(({ name, result }) => ({
    name,
    result: { cost: result.cost / high.cost, success: result.success / high.success },
  }));
}

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;

function formatConfusion(half: LabelledTask["half"]): string[] {
  const tasks = readLabelledTasks().filter((task) => task.half === half);
  const exact = tasks.filter(({ text, tier }) => assess(text).tier === tier).length;
  const count = (label: Tier, tier: Tier): number =>
    tasks.filter((task) => task.tier === label && assess(task.text).tier === tier).length;
  return [
    `${half === "report" ? "Reporting" : "Tuning"} half: ${tasks.length} tasks, ${percent(exact / tasks.length)} exact.`,
    "",
    `| label | ${tiers.join(" | ")} |`,
    "| --- | --- | --- | --- |",
    ...tiers.map((label) => `| ${label} | ${tiers.map((tier) => count(label, tier)).join(" | ")} |`),
    "",
  ];
}

function formatTime(): string {
  const tasks = readLabelledTasks();
  const long = { text: `fix this\n${"2026-01-01T00:00:00Z ERROR at run (a.js:1:2)\n".repeat(4_500)}` };
  for (const { text } of tasks) assess(text);
  const measure = (texts: readonly { text: string }[]): number[] =>
    texts
      .map(({ text }) => {
        const start = performance.now();
        assess(text);
        return performance.now() - start;
      })
      .sort((a, b) => a - b);
  const times = measure(Array.from({ length: 10 }, () => tasks).flat());
  const longTimes = measure(Array.from({ length: 200 }, () => long));
  const at = (sorted: readonly number[], share: number): string =>
    `${(sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(3)} ms`;
  return `Decision: median ${at(times, 0.5)}, p99 ${at(times, 0.99)}; for a prompt of 200,000 characters: median ${at(longTimes, 0.5)}, p99 ${at(longTimes, 0.99)}.`;
}

export function benchmarkRouting(): string {
  const tasks = readLabelledTasks().filter(({ half }) => half === "report");
  const simulated = ASSUMPTIONS.flatMap((assumptions) => [
    `Assumptions: ${assumptions.name}.`,
    "",
    "| | cost | success |",
    "| --- | --- | --- |",
    ...compare(tasks, assumptions).map(
      ({ name, result }) => `| ${name} | ${percent(result.cost)} | ${percent(result.success)} |`,
    ),
    "",
  ]);
  return [...formatConfusion("report"), ...formatConfusion("tune"), ...simulated, formatTime()].join("\n");
}
