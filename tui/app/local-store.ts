/**
 * Local state of the user's terminals: favorites, pins, stashed prompts, and the prompt history. Small files in the data folder that
 * nothing depends on: a file that cannot be read counts as empty.
 */
import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { redactSecrets } from "../../protocol/secrets.ts";

export interface StoredState {
  /** The last theme, so that the first frame can use it. */
  theme: string;
  favorites: string[];
  recent: string[];
  pins: string[];
  stashes: string[];
}

export interface LocalStore {
  get(): StoredState;
  update(change: Partial<StoredState>): void;
  /** Sent prompts, oldest first. Loaded on first use. */
  promptHistory(): readonly string[];
  addPrompt(prompt: string): void;
}

const emptyState: StoredState = { theme: "", favorites: [], recent: [], pins: [], stashes: [] };
const MAX_PROMPTS = 1_000;

export function openLocalStore(folder: string): LocalStore {
  const file = join(folder, "tui.json");
  const sentFile = join(folder, "prompts.jsonl");
  let state = { ...emptyState, ...parseState(readText(file)) };
  let prompts: string[] | null = null;
  const load = (): string[] => {
    prompts ??= readText(sentFile)
      .split("\n")
      .flatMap((line) => parsePromptLine(line))
      .slice(-MAX_PROMPTS);
    return prompts;
  };
  return {
    get: () => state,
    update(change) {
      state = { ...state, ...change };
      ignoreIoErrors(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeFileSync(`${file}.${process.pid}`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
        renameSync(`${file}.${process.pid}`, file);
      });
    },
    promptHistory: load,
    addPrompt(prompt) {
      const all = load();
      if (all.at(-1) === prompt) return;
      all.push(prompt);
      ignoreIoErrors(() => {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        appendFileSync(sentFile, `${JSON.stringify(redactSecrets(prompt))}\n`, { mode: 0o600 });
      });
    },
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** A full disk or a read-only folder must not stop the user's work. */
function ignoreIoErrors(write: () => void): void {
  try {
    write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const parsePromptLine = (line: string): string[] => {
  const value = line === "" ? null : parseJson(line);
  return typeof value === "string" ? [value] : [];
};

function parseState(text: string): Partial<StoredState> {
  const found = parseJson(text);
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
