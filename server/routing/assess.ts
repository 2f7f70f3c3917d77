/**
 * Assesses how capable a model a task needs, from its prompt alone: deterministic, without a network, and in time that does not grow
 * with a pasted log. The tables of signals.ts know what makes a task hard; the weights of wording.json, how people write.
 */
import type { RoutingMode, Tier } from "../../protocol/settings.ts";
import { splitWords } from "./phrases.ts";
import type { PromptText } from "./prompt-text.ts";
import { readTask, type Signal, sumPoints, type TaskReading } from "./read-task.ts";
import { AGENT_POINTS, MEASURES, MODE_SHIFT } from "./signals.ts";
import { THRESHOLDS } from "./thresholds.ts";
import { CONTINUATION } from "./verbs.ts";
import trained from "./wording.json" with { type: "json" };
import {
  addLeaning,
  chooseByLeaning,
  type Leaning,
  listFeatures,
  listScoreFeatures,
  listWordFeatures,
  sumLeaning,
  type Weights,
  type WordFeature,
} from "./wording.ts";

const weights = trained as unknown as { words: Weights; scores: Weights };

export interface AssessOptions {
  mode?: RoutingMode;
  /** The agent that does the task. */
  agent?: string;
  /** The same task, or one on the same files, failed before in this session. */
  failedBefore?: boolean;
  /** Points by signal, instead of those of the table. */
  weights?: Readonly<Record<string, number>>;
  thresholds?: { quick?: number; advanced?: number };
}

export interface Assessment {
  tier: Tier;
  score: number;
  signals: readonly Signal[];
  /** At most `quick` is quick, at least `advanced` is advanced, after the shift of the mode. */
  thresholds: { quick: number; advanced: number };
}

export function assess(prompt: string, options: AssessOptions = {}): Assessment {
  const task = readTask(prompt);
  const signals = [...listLeaning(task), ...listCircumstances(task, options)];
  const thought = THRESHOLDS.advanced - sumPoints(signals);
  if (task.asksForThought && thought > 0) signals.push({ id: "intent.think", points: thought });
  const counted = signals
    .map(({ id, points }) => ({ id, points: round(options.weights?.[id] ?? points) }))
    .filter(({ points }) => points !== 0);
  const score = round(sumPoints(counted));
  const shift = MODE_SHIFT[options.mode ?? "balanced"];
  const thresholds = {
    quick: (options.thresholds?.quick ?? THRESHOLDS.quick) + shift,
    advanced: (options.thresholds?.advanced ?? THRESHOLDS.advanced) + shift,
  };
  return { tier: chooseByScore(score, thresholds), score, signals: counted, thresholds };
}

/** True for a prompt that only makes sense after the turn before. */
export function isContinuation(prompt: string): boolean {
  const words = splitWords(prompt.slice(0, CONTINUATION_CHARS + 1));
  if (prompt.length > CONTINUATION_CHARS || words.length === 0) return false;
  return words.every(({ text }) => CONTINUATION.has(text));
}

/** A longer prompt says what to do. */
const CONTINUATION_CHARS = 60;

export const chooseByScore = (score: number, { quick, advanced }: Assessment["thresholds"]): Tier =>
  score >= advanced ? "advanced" : score <= quick ? "quick" : "standard";

/** Points to a tenth: more digits would say nothing. */
const round = (points: number): number => Math.round(points * 10) / 10;

/** Words that are named one by one. */
const NAMED_WORDS = 4;
const LEAST_NAMED = 0.3;

/**
 * The points of a task that is by its wording likelier `advanced` or `quick` than `standard` are those of the threshold and more. What the
 * tables contribute is divided among their signals.
 */
function listLeaning(task: TaskReading): Signal[] {
  const words = listWordFeatures(task.text);
  const byWords = leanByWords(task.text, words, weights.words);
  const byTables = leanByScore(task.score);
  const total = addLeaning(byWords, byTables);
  const { side, sign, points, caution } = scoreLeaning(total, task.score);
  const named = [
    ...divideAmongSignals(task, sign * (byTables[side] - leanByScore(0)[side])),
    ...nameWords(words, side),
  ];
  return [
    ...named,
    { id: "other wording", points: points - sumPoints(named) },
    ...(caution === 0 ? [] : [{ id: "caution", points: caution }]),
  ];
}

/** Of a language that it does not know, it can only see the length. */
export function leanByWords(text: PromptText, words: readonly WordFeature[], known: Weights): Leaning {
  const isKnown = words.some(({ name }) => Object.hasOwn(known, name));
  return isKnown ? sumLeaning(listFeatures(text, words), known) : { quick: 0, advanced: 0 };
}

/** `caution` keeps a task from being quick that is doubtful, or advanced by the score of the tables. */
export function scoreLeaning(total: Leaning, tableScore: number) {
  const side: keyof Leaning = total.advanced >= total.quick ? "advanced" : "quick";
  const sign = side === "advanced" ? 1 : -1;
  const middle = (THRESHOLDS.quick + THRESHOLDS.advanced) / 2;
  const score = THRESHOLDS[side] + sign * total[side];
  const points = sign * Math.max(sign * score, sign * middle);
  const isHard = chooseByScore(tableScore, THRESHOLDS) === "advanced";
  const isDoubtful = points <= THRESHOLDS.quick && (isHard || chooseByLeaning(total) !== "quick");
  return { side, sign, points, caution: isDoubtful ? THRESHOLDS.quick + 0.5 - points : 0 };
}

const leanByScore = (score: number): Leaning =>
  sumLeaning(listScoreFeatures(score, chooseByScore(score, THRESHOLDS)), weights.scores);

const divideAmongSignals = ({ signals, score }: TaskReading, points: number): Signal[] =>
  score === 0 ? [] : signals.map((signal) => ({ id: signal.id, points: (points * signal.points) / score }));

/** The words that contribute most. */
function nameWords(words: readonly WordFeature[], side: keyof Leaning): Signal[] {
  const sign = side === "advanced" ? 1 : -1;
  const points = new Map<string, number>();
  const names = new Map(words.map(({ name, text }) => [name, text]));
  for (const [name, text] of names) {
    if (text.includes("§")) continue;
    points.set(text, (points.get(text) ?? 0) + sign * sumLeaning(new Map([[name, 1]]), weights.words)[side]);
  }
  return [...points]
    .filter(([, one]) => Math.abs(one) >= LEAST_NAMED)
    .toSorted(([, one], [, other]) => Math.abs(other) - Math.abs(one))
    .slice(0, NAMED_WORDS)
    .map(([text, one]) => ({ id: `wording ${JSON.stringify(text)}`, points: one }));
}

/** What is known besides the prompt. An explicit intent outweighs the agent. */
function listCircumstances({ asksForThought, asksForSpeed }: TaskReading, options: AssessOptions): Signal[] {
  const { agent, failedBefore } = options;
  const prior = AGENT_POINTS[agent?.toLowerCase() ?? ""];
  return [
    ...(failedBefore ? [{ id: "history.failed", points: MEASURES["history.failed"] }] : []),
    ...(prior === undefined || asksForThought || asksForSpeed ? [] : [{ id: "agent.prior", points: prior }]),
  ];
}
