/**
 * Trains the weights of server/routing/wording.ts on the labelled prompts of test/fixtures/routing, and writes them to
 * server/routing/wording.json: `node scripts/routing/train.ts`. With `--check`, each set of prompts is assessed by weights that were
 * trained on the others, and nothing is written: that is how well unknown prompts are assessed.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Tier, tiers } from "../../protocol/settings.ts";
import { chooseByScore, leanByWords, scoreLeaning } from "../../server/routing/assess.ts";
import { readTask, type TaskReading } from "../../server/routing/read-task.ts";
import { THRESHOLDS } from "../../server/routing/thresholds.ts";
import {
  addLeaning,
  type Features,
  listFeatures,
  listScoreFeatures,
  listWordFeatures,
  sumLeaning,
  type Weights,
} from "../../server/routing/wording.ts";
import { type LabelledPrompt, readPromptSets } from "../../test/help/routing-tasks.ts";

const FILE = join(import.meta.dirname, "../../server/routing/wording.json");

interface Training {
  /** How much large weights cost. */
  decay: number;
  /** Examples that a feature must occur in. */
  least: number;
  rounds: number;
  /** Of the result. */
  share: number;
}
const WORDS: Training = { decay: 1, least: 2, rounds: 150, share: 1 };
const SCORES: Training = { decay: 1, least: 1, rounds: 200, share: 0.8 };
const RATE = 0.08;
/** Smaller weights are left out. */
const LEAST_WEIGHT = 0.06;
/** The tables were tuned on these, and know them too well to be weighed on them. */
const KNOWN_TO_TABLES: ReadonlySet<string> = new Set(["tune", "tuned"]);

interface Example {
  tier: Tier;
  task: TaskReading;
  words: Features;
  scores: Features;
}

export interface Trained {
  words: Weights;
  scores: Weights;
}

function toExample({ tier, text }: LabelledPrompt): Example {
  const task = readTask(text);
  return {
    tier,
    task,
    words: listFeatures(task.text, listWordFeatures(task.text)),
    scores: listScoreFeatures(task.score, chooseByScore(task.score, THRESHOLDS)),
  };
}

type Sets = ReadonlyMap<string, readonly Example[]>;

export const readExamples = (): Sets =>
  new Map([...readPromptSets()].map(([name, prompts]) => [name, prompts.map(toExample)]));

export function train(sets: Sets): Trained {
  const all = [...sets.values()].flat();
  const unknown = [...sets].flatMap(([name, examples]) => (KNOWN_TO_TABLES.has(name) ? [] : examples));
  return {
    words: fitWeights(
      all.map(({ tier, words }) => ({ tier, features: words })),
      WORDS,
    ),
    scores: fitWeights(
      unknown.map(({ tier, scores }) => ({ tier, features: scores })),
      SCORES,
    ),
  };
}

/** Logistic regression over three classes by gradient descent with momentum (Adam), without chance: the same examples, the same weights. */
function fitWeights(
  examples: readonly { tier: Tier; features: Features }[],
  { decay, least, rounds, share }: Training,
): Weights {
  const counts = new Map<string, number>();
  for (const { features } of examples)
    for (const name of features.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].flatMap(([name, count]) => (count >= least ? [name] : []));
  const columns = new Map(names.map((name, column) => [name, column]));
  const rows = examples.map(({ tier, features }) => ({
    label: tiers.indexOf(tier),
    cells: [...features].flatMap(([name, value]) => {
      const column = columns.get(name);
      return column === undefined ? [] : [[column, value] as const];
    }),
  }));
  const size = names.length * tiers.length;
  const weights = new Float64Array(size);
  const slope = new Float64Array(size);
  const momentum = new Float64Array(size);
  const spread = new Float64Array(size);
  for (let round = 1; round <= rounds; round++) {
    slope.fill(0);
    for (const { label, cells } of rows) {
      const likely = getShares(sumCells(cells, weights));
      likely[label] = (likely[label] ?? 0) - 1;
      for (const [column, value] of cells)
        for (let tier = 0; tier < tiers.length; tier++) {
          const at = column * tiers.length + tier;
          slope[at] = (slope[at] ?? 0) + value * (likely[tier] ?? 0);
        }
    }
    for (let at = 0; at < size; at++) {
      const step = ((slope[at] ?? 0) + decay * (weights[at] ?? 0)) / rows.length;
      momentum[at] = 0.9 * (momentum[at] ?? 0) + 0.1 * step;
      spread[at] = 0.999 * (spread[at] ?? 0) + 0.001 * step * step;
      const mean = (momentum[at] ?? 0) / (1 - 0.9 ** round);
      weights[at] = (weights[at] ?? 0) - (RATE * mean) / (Math.sqrt((spread[at] ?? 0) / (1 - 0.999 ** round)) + 1e-8);
    }
  }
  return toWeights(names, weights, share);
}

function sumCells(cells: readonly (readonly [column: number, value: number])[], weights: Float64Array): number[] {
  const sums = tiers.map(() => 0);
  for (const [column, value] of cells)
    for (let tier = 0; tier < tiers.length; tier++)
      sums[tier] = (sums[tier] ?? 0) + value * (weights[column * tiers.length + tier] ?? 0);
  return sums;
}

function getShares(sums: readonly number[]): number[] {
  const most = Math.max(...sums);
  const powers = sums.map((sum) => Math.exp(sum - most));
  const total = powers.reduce((one, other) => one + other, 0);
  return powers.map((power) => power / total);
}

/** Relative to the standard tier, and rounded. */
function toWeights(names: readonly string[], weights: Float64Array, share: number): Weights {
  const at = (index: number, tier: Tier): number => weights[index * tiers.length + tiers.indexOf(tier)] ?? 0;
  const entries = names.flatMap((name, index) => {
    const relative = (tier: Tier) => Math.round(100 * share * (at(index, tier) - at(index, "standard"))) / 100;
    const pair = [relative("quick"), relative("advanced")] as const;
    return pair.some((weight) => Math.abs(weight) >= LEAST_WEIGHT) ? [[name, pair] as const] : [];
  });
  return Object.fromEntries(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

export const formatTrained = ({ words, scores }: Trained): string => {
  const lines = (weights: Weights): string =>
    Object.entries(weights)
      .map(([name, pair]) => `${JSON.stringify(name)}: ${JSON.stringify(pair)}`)
      .join(",\n");
  return `{"scores": {\n${lines(scores)}\n}, "words": {\n${lines(words)}\n}}\n`;
};

export interface SetCheck {
  set: string;
  size: number;
  /** Shares, from 0 to 1. */
  exact: number;
  advancedAsQuick: number;
}

/** How well each set is assessed by weights from the others. */
export function checkSets(sets: Sets): SetCheck[] {
  return [...sets]
    .filter(([set]) => !KNOWN_TO_TABLES.has(set))
    .map(([set, examples]) => {
      const weights = train(new Map([...sets].filter(([other]) => other !== set)));
      const chosen = examples.map(({ tier, task, scores }) => {
        const byWords = leanByWords(task.text, listWordFeatures(task.text), weights.words);
        const { points, caution } = scoreLeaning(addLeaning(byWords, sumLeaning(scores, weights.scores)), task.score);
        return { label: tier, tier: chooseByScore(points + caution, THRESHOLDS) };
      });
      const advanced = chosen.filter(({ label }) => label === "advanced");
      return {
        set,
        size: examples.length,
        exact: chosen.filter(({ label, tier }) => label === tier).length / chosen.length,
        advancedAsQuick: advanced.filter(({ tier }) => tier === "quick").length / advanced.length,
      };
    });
}

if (import.meta.main) {
  const sets = readExamples();
  if (!process.argv.includes("--check")) writeFileSync(FILE, formatTrained(train(sets)));
  else
    for (const { set, size, exact, advancedAsQuick } of checkSets(sets)) {
      const [right, taken] = [exact, advancedAsQuick].map((share) => `${(100 * share).toFixed(1)} %`);
      process.stdout.write(
        `${set}, ${size} prompts: ${right} as labelled; ${taken} of the advanced ones taken for quick\n`,
      );
    }
}
