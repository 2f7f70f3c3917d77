/**
 * Brings settings of other programs into the user's configuration file: first as a plan that is shown, then exactly that. A value that
 * the user has set is never replaced, so a second import changes nothing. The file is backed up before.
 */
import { constants, copyFileSync, existsSync } from "node:fs";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import { toCanonicalJson } from "../config/canonical-json.ts";
import { maskSecrets } from "../config/list-values.ts";
import { parseConfig } from "../config/parse-config-file.ts";
import { hashContent } from "../config/project-items.ts";
import { setConfig } from "../config/set-value.ts";
import { readSmallFile } from "../config/small-file.ts";
import type { FoundSetting, ImportInput, ImportSource } from "./import-source.ts";
import { readClaude } from "./read-claude.ts";
import { readCodex, readMcp } from "./read-mcp.ts";
import { readOpencode } from "./read-opencode.ts";

export const importSources = {
  claude: readClaude,
  opencode: readOpencode,
  codex: readCodex,
  mcp: readMcp,
} satisfies Record<string, (input: ImportInput) => ImportSource>;

export type ImportName = keyof typeof importSources;

interface PlannedChange {
  /** A dotted key. */
  key: string;
  value: unknown;
  from: string;
}

export interface ImportPlan {
  changes: PlannedChange[];
  skipped: ImportSource["skipped"];
  /** The files that were read, and those that were looked for. */
  files: string[];
  searched: string[];
  /** Of the changes: an import is bound to it. */
  digest: string;
}

/** The changes of a plan, with secrets. */
export function planImport(name: ImportName, input: ImportInput, userFile: string): ImportPlan {
  const source = importSources[name](input);
  const read = readSmallFile(userFile);
  const current: unknown = read && "text" in read ? parseConfig(read.text, userFile).value : {};
  const changes: PlannedChange[] = [];
  const skipped = [...source.skipped];
  for (const setting of joinLists(source.settings)) {
    const key = setting.path.map((part) => (part.includes(".") ? JSON.stringify(part) : part)).join(".");
    const existing = getValue(current, setting.path);
    const value = setting.appends ? appendTo(existing, setting.value) : setting.value;
    if (existing === undefined || (setting.appends && toCanonicalJson(value) !== toCanonicalJson(existing)))
      changes.push({ key, value, from: setting.from });
    else if (!setting.appends && toCanonicalJson(existing) !== toCanonicalJson(value))
      skipped.push({ from: setting.from, reason: `You have set ${key} to another value, which stays.` });
  }
  return {
    changes,
    skipped,
    files: source.files,
    searched: [...new Set(source.searched)],
    digest: hashContent(toCanonicalJson(changes)),
  };
}

/** Several files may add to one list. The last one sets a value. */
function joinLists(settings: readonly FoundSetting[]): FoundSetting[] {
  const byKey = new Map<string, FoundSetting>();
  for (const setting of settings) {
    const key = setting.path.join("\n");
    const before = byKey.get(key);
    byKey.set(key, before && setting.appends ? { ...setting, value: appendTo(before.value, setting.value) } : setting);
  }
  return [...byKey.values()];
}

const appendTo = (existing: unknown, value: unknown): unknown[] => [
  ...new Set([...(Array.isArray(existing) ? existing : []), ...(Array.isArray(value) ? value : [])]),
];

const getValue = (value: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (inner, name) =>
      typeof inner === "object" && inner !== null && Object.hasOwn(inner, name)
        ? (inner as Record<string, unknown>)[name]
        : undefined,
    value,
  );

/** For people: secrets are masked. */
export const showPlan = (plan: ImportPlan): ImportPlan => ({
  ...plan,
  changes: plan.changes.map(({ key, value, from }) => ({ key, value: maskSecrets(value, key), from })),
});

/** Applies exactly the plan with this digest. Resolves with the backup, or null if there was no file. */
export async function applyImport(
  name: ImportName,
  input: ImportInput,
  userFile: string,
  digest: string,
): Promise<{ plan: ImportPlan; backup: string | null }> {
  const plan = planImport(name, input, userFile);
  if (plan.digest !== digest)
    throw new TuttiError("conflict", "Nothing was imported: the files have changed. Review the import again.");
  if (plan.changes.length === 0) return { plan, backup: null };
  const backup = existsSync(userFile) ? backUp(userFile) : null;
  const refused: ImportSource["skipped"] = [];
  for (const { key, value, from } of plan.changes)
    await setConfig(userFile, key, JSON.stringify(value)).catch((error: unknown) => {
      refused.push({ from, reason: describeError(error) });
    });
  const failed = new Set(refused.map(({ from }) => from));
  const changes = plan.changes.filter(({ from }) => !failed.has(from));
  return { plan: { ...plan, changes, skipped: [...plan.skipped, ...refused] }, backup };
}

/** Never overwrites an earlier backup. */
function backUp(file: string): string {
  for (let count = 1; ; count += 1) {
    const backup = `${file}.backup-${count}`;
    if (existsSync(backup)) continue;
    copyFileSync(file, backup, constants.COPYFILE_EXCL);
    return backup;
  }
}
