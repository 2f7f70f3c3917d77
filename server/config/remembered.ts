/**
 * The rules that a person chose to keep when asked, by workspace: allowing something here allows it nowhere else.
 * One small JSON file in the data folder; what cannot be read in it counts as nothing.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./replace.ts";

/** Rules by real workspace root. */
export type Remembered = Record<string, string[]>;

const fileIn = (dataDir: string): string => join(dataDir, "permissions.json");

export function loadRemembered(dataDir: string): Remembered {
  try {
    const found: unknown = JSON.parse(readFileSync(fileIn(dataDir), "utf8"));
    if (typeof found !== "object" || found === null) return {};
    const pairs = Object.entries(found).filter(([, rules]) => Array.isArray(rules));
    return Object.fromEntries(
      pairs.map(([root, rules]) => [root, (rules as unknown[]).filter((rule) => typeof rule === "string")]),
    );
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

let writing: Promise<void> = Promise.resolve();

/** Resolves when it is on the disk. */
export function remember(dataDir: string, root: string, rule: string): Promise<void> {
  return change(dataDir, (all) => ({ ...all, [root]: [...new Set([...(all[root] ?? []), rule])] }));
}

/** Without a rule, every rule of that workspace. */
export function forget(dataDir: string, root: string, rule?: string): Promise<void> {
  return change(dataDir, (all) => {
    const rest = rule === undefined ? [] : (all[root] ?? []).filter((kept) => kept !== rule);
    return Object.fromEntries(Object.entries({ ...all, [root]: rest }).filter(([, rules]) => rules.length > 0));
  });
}

/** One change after the other, so that two answers at once are both kept. */
function change(dataDir: string, next: (all: Remembered) => Remembered): Promise<void> {
  const done = writing.then(() =>
    replaceFile(fileIn(dataDir), `${JSON.stringify(next(loadRemembered(dataDir)), null, 2)}\n`),
  );
  writing = done.catch(() => undefined);
  return done;
}
