/**
 * Rules saved by "always allow", by workspace: a rule saved in one workspace does not apply in another. One small JSON file in the data
 * folder; content that cannot be parsed counts as no rules.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { replaceFile } from "./replace-file.ts";

/** Rules by real workspace root. */
type RulesByRoot = Record<string, string[]>;

export interface SavedRules {
  /** Every workspace with its rules. */
  list(): Readonly<RulesByRoot>;
  get(root: string): readonly string[];
  /** Resolves when the rule is on disk. */
  add(root: string, rule: string): Promise<void>;
  /** Without a rule, removes every rule of that workspace. */
  remove(root: string, rule?: string): Promise<void>;
}

export function openSavedRules(dataDir: string): SavedRules {
  const file = join(dataDir, "permissions.json");
  let writing: Promise<void> = Promise.resolve();

  /** Applies one change at a time, so that concurrent changes are all saved. */
  const change = (next: (all: RulesByRoot) => RulesByRoot): Promise<void> => {
    const done = writing.then(() => replaceFile(file, `${JSON.stringify(next(readRules(file)), null, 2)}\n`));
    writing = done.catch(() => undefined);
    return done;
  };

  return {
    list: () => readRules(file),
    get: (root) => readRules(file)[root] ?? [],
    add: (root, rule) => change((all) => ({ ...all, [root]: [...new Set([...(all[root] ?? []), rule])] })),
    remove: (root, rule) =>
      change((all) => {
        const rest = rule === undefined ? [] : (all[root] ?? []).filter((saved) => saved !== rule);
        return Object.fromEntries(Object.entries({ ...all, [root]: rest }).filter(([, rules]) => rules.length > 0));
      }),
  };
}

function readRules(file: string): RulesByRoot {
  try {
    const found: unknown = JSON.parse(readFileSync(file, "utf8"));
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
