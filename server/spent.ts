/** What completions have cost on the day that runs, in UTC: one small file in the data folder, so that a new server counts on. */
import { readFile } from "node:fs/promises";
import { replaceFile } from "./config/replace.ts";
import type { Clock } from "./ports.ts";

export interface Spent {
  /** USD. */
  today(): number;
  /** Counts at once; resolves when it is on the disk, or the disk refused: then it counts as long as this server runs. */
  add(cost: number): Promise<void>;
}

/** What cannot be read in the file counts as nothing. */
export async function openSpent(file: string, clock: Clock): Promise<Spent> {
  let spent = await read(file);
  let writing: Promise<void> = Promise.resolve();
  const day = (): string => new Date(clock.now()).toISOString().slice(0, 10);
  const today = (): number => (spent.day === day() ? spent.cost : 0);
  return {
    today,
    add(cost) {
      if (cost > 0) {
        spent = { day: day(), cost: today() + cost };
        writing = writing.then(() => replaceFile(file, `${JSON.stringify(spent)}\n`)).catch(() => undefined);
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
