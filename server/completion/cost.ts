/** Tracks the cost of completions on the current UTC day, in a small file in the data folder that survives a restart. */
import { readFile } from "node:fs/promises";
import { replaceFile } from "../config/replace-file.ts";
import type { Clock } from "../ports.ts";

export interface CompletionCost {
  /** USD. */
  today(): number;
  /** Counts at once. Resolves when it is on disk, or when the write failed: then the cost counts only in this process. */
  add(cost: number): Promise<void>;
}

/** A file that cannot be parsed counts as no cost. */
export async function openCompletionCost(file: string, clock: Clock): Promise<CompletionCost> {
  let total = await read(file);
  let writing: Promise<void> = Promise.resolve();
  const day = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  const today = (): number => (total.day === day() ? total.cost : 0);
  return {
    today,
    add(cost) {
      if (cost > 0) {
        total = { day: day(), cost: today() + cost };
        writing = writing.then(() => replaceFile(file, `${JSON.stringify(total)}\n`)).catch(() => undefined);
      }
      return writing;
    },
  };
}

async function read(file: string): Promise<{ day: string; cost: number }> {
  const nothing = { day: "", cost: 0 };
  try {
    const { day, cost } = Object(JSON.parse(await readFile(file, "utf8"))) as Record<string, unknown>;
    return typeof day === "string" && typeof cost === "number" ? { day, cost } : nothing;
  } catch {
    return nothing;
  }
}
