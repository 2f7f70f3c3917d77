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
