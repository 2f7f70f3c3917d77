/**
 * How the words of a prompt lean towards a tier: a linear model of words and pairs of words, trained on labelled prompts by
 * scripts/routing/train.ts. It covers what the tables of signals do not list. Pure.
 */
import type { Tier } from "../../protocol/settings.ts";
import type { PromptText } from "./prompt-text.ts";

/** How much likelier a tier is than `standard`, as natural logarithms. */
export interface Leaning {
  quick: number;
  advanced: number;
}

export type Weights = Readonly<Record<string, readonly [quick: number, advanced: number]>>;

/** By name: a word, two words in sequence, or a property; its value is 1 unless it is a size. */
export type Features = ReadonlyMap<string, number>;

const PART = /[\p{L}\p{N}_§]+|[.!?;:\n]/gu;
const BREAK = /^[.!?;:\n]/;
const SHORT = 12;
const LONGEST = 150;
const PER_LENGTH = 50;
/** Where a sentence begins, as the word before. */
const START = "^";

/** `text`: as it is written, without the marker for the start of a sentence. */
export interface WordFeature {
  name: string;
  text: string;
}

/** The words and pairs of a prompt, in its order. */
export function listWordFeatures(text: PromptText): WordFeature[] {
  const found: WordFeature[] = [];
  let before = { stem: START, text: "" };
  for (const [part] of text.marked.toLowerCase().replaceAll(/['’]/g, "").matchAll(PART)) {
    if (BREAK.test(part)) {
      before = { stem: part === ":" ? ":" : START, text: "" };
      continue;
    }
    const stem = toStem(part);
    // Of a number, which may be part of a key, nothing is kept.
    const shown = stem === NUMBER ? NUMBER : part;
    found.push({ name: stem, text: shown }, { name: `${before.stem} ${stem}`, text: `${before.text} ${shown}`.trim() });
    before = { stem, text: shown };
  }
  return found;
}

export function listFeatures(text: PromptText, words: readonly WordFeature[]): Features {
  const features = new Map<string, number>();
  for (const { name } of words) features.set(name, 1);
  const count = words.length / 2;
  features.set("#length", Math.min(count, LONGEST) / PER_LENGTH);
  if (count <= SHORT) features.set("#short", 1);
  if (text.prose.includes("?")) features.set("#question", 1);
  if (text.files > 0) features.set(text.files > 1 ? "#files" : "#file", 1);
  if (text.hasLiteralChange) features.set("#literal", 1);
  if (text.hasPaste) features.set("#paste", 1);
  if (text.hasTrace) features.set("#trace", 1);
  if (text.requirements > 2) features.set("#requirements", 1);
  features.set("#base", 1);
  return features;
}

/** The score of the tables as features: its tier, and how high or low it is. */
export function listScoreFeatures(score: number, tier: Tier): Features {
  const bounded = Math.max(LEAST, Math.min(score, MOST));
  return new Map([
    ["#score", bounded / 3],
    ["#score-high", Math.max(0, bounded - 2) / 3],
    ["#score-low", Math.max(0, -bounded) / 3],
    [`#tier-${tier}`, 1],
  ]);
}

const LEAST = -4;
const MOST = 6;

export function sumLeaning(features: Features, weights: Weights): Leaning {
  let quick = 0;
  let advanced = 0;
  for (const [name, value] of features) {
    const weight = Object.hasOwn(weights, name) ? weights[name] : undefined;
    if (!weight) continue;
    quick += weight[0] * value;
    advanced += weight[1] * value;
  }
  return { quick, advanced };
}

/** Stands for every number. */
const NUMBER = "#";

/** Forms of a word count as one. */
function toStem(word: string): string {
  if (/^\d/.test(word)) return NUMBER;
  return word.length > SHORTEST_STEM ? word.replace(/(?:ing|ed|es|s|ly|e)$/, "") : word;
}

const SHORTEST_STEM = 4;

export const addLeaning = (one: Leaning, other: Leaning): Leaning => ({
  quick: one.quick + other.quick,
  advanced: one.advanced + other.advanced,
});

/** A task that is this likely an advanced one, compared with a quick one, is not given to a quick model. */
const CAUTION = Math.log(0.1);

export function chooseByLeaning({ quick, advanced }: Leaning): Tier {
  if (advanced >= Math.max(quick, 0)) return "advanced";
  return quick >= 0 && advanced - quick <= CAUTION ? "quick" : "standard";
}
