/**
 * The labelled tasks of test/fixtures/routing, one file per tier: a line `=== id | reason for the label`, then the prompt. A hash of
 * the id puts each task in one half: weights are tuned with `tune` only, and figures are reported for `report`.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Tier, tiers } from "../../protocol/settings.ts";

export interface LabelledTask {
  id: string;
  tier: Tier;
  reason: string;
  half: "tune" | "report";
  text: string;
}

const folder = join(import.meta.dirname, "../fixtures/routing");

const chooseHalf = (id: string): "tune" | "report" =>
  (createHash("sha256").update(id).digest()[0] ?? 0) % 2 === 0 ? "tune" : "report";

export const readLabelledTasks = (): LabelledTask[] =>
  tiers.flatMap((tier) =>
    readFileSync(join(folder, `${tier}.txt`), "utf8")
      .split(/^=== /m)
      .slice(1)
      .map((entry) => {
        const end = entry.indexOf("\n");
        const [id = "", reason = ""] = entry.slice(0, end).split(" | ");
        return { id, tier, reason, half: chooseHalf(id), text: entry.slice(end + 1).trim() };
      }),
  );

export interface LabelledPrompt {
  tier: Tier;
  text: string;
}

/**
 * The prompts from which the weights of words are trained, by set: the tuning half above, the prompts with which the tables were extended,
 * and sets whose authors did not know the tables. A line is `tier | prompt`.
 */
export function readPromptSets(): ReadonlyMap<string, readonly LabelledPrompt[]> {
  const names = ["tuned", "described", "delegated", "typed", "misleading", "short"];
  const tuning = readLabelledTasks().filter(({ half }) => half === "tune");
  return new Map([["tune", tuning], ...names.map((name) => [name, readPromptSet(name)] as const)]);
}

/** Written by another author after the weights were trained; nothing is ever tuned with it. */
export const readHeldOutPrompts = (): LabelledPrompt[] => readPromptSet("held-out");

const readPromptSet = (name: string): LabelledPrompt[] =>
  readFileSync(join(folder, `${name}.txt`), "utf8")
    .trim()
    .split("\n")
    .map((line) => {
      const [tier = "", text = ""] = line.split(/ \| (.*)/s);
      return { tier: tier as Tier, text: text.replaceAll("\\n", "\n") };
    });
