/**
 * What this person's terminals remember of them: favorites, pins, prompts put aside, and the prompts that were sent. Small files in
 * the data folder that nothing depends on: what cannot be read counts as nothing.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Kept {
  /** The theme of last time, so that the first picture already has it. */
  theme: string;
  favorites: string[];
  recent: string[];
  pins: string[];
  stashes: string[];
}

export interface Memory {
  kept(): Kept;
  change(change: Partial<Kept>): void;
  /** Sent prompts, oldest first; read when first asked for. */
  prompts(): readonly string[];
  sent(prompt: string): void;
}

const nothing: Kept = { theme: "", favorites: [], recent: [], pins: [], stashes: [] };
const MOST_PROMPTS = 1_000;

export function openMemory(folder: string): Memory {
  const file = join(folder, "tui.json");
  const sentFile = join(folder, "prompts.jsonl");
  let kept = { ...nothing, ...asKept(read(file)) };
  let prompts: string[] | null = null;
  const load = (): string[] => {
    prompts ??= read(sentFile)
      .split("\n")
      .flatMap((line) => promptIn(line))
      .slice(-MOST_PROMPTS);
    return prompts;
  };
  return {
    kept: () => kept,
    change(change) {
      kept = { ...kept, ...change };
      quietly(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
        renameSync(`${file}.${process.pid}`, file);
      });
    },
    prompts: load,
    sent(prompt) {
      const all = load();
      if (all.at(-1) === prompt) return;
      all.push(prompt);
      quietly(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        appendFileSync(sentFile, `${JSON.stringify(prompt)}\n`, { mode: 0o600 });
      });
    },
  };
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A full disk or a folder that may not be written costs the memory, not the work. */
function quietly(write: () => void): void {
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const promptIn = (line: string): string[] => {
  const found = line === "" ? null : parsed(line);
  return typeof found === "string" ? [found] : [];
};

function asKept(text: string): Partial<Kept> {
  const found = parsed(text);
  if (typeof found !== "object" || found === null) return {};
  const words = (value: unknown): string[] | null =>
    Array.isArray(value) ? value.filter((one) => typeof one === "string") : null;
  const lists = (["favorites", "recent", "pins", "stashes"] as const).flatMap((name) => {
    const list = words((found as Record<string, unknown>)[name]);
    return list ? [[name, list] as const] : [];
  });
  const { theme } = found as { theme?: unknown };
  return { ...Object.fromEntries(lists), ...(typeof theme === "string" && { theme }) };
}
