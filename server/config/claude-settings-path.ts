/** Claude Code's settings files, which may define hooks. Separate from parse-command-hooks.ts, which is loaded only if there are any. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export const getClaudeSettingsPath = (folder: string): string => join(folder, ".claude", "settings.json");

/** Checked before parse-command-hooks.ts is loaded: most folders have none. */
export const hasClaudeSettings = (folders: readonly string[]): boolean =>
  folders.some((folder) => listProjectClaudeSettings(folder).some((file) => existsSync(file)));

/** Those of a project's folder: the second one, which is not shared with others, overrides the first. */
export const listProjectClaudeSettings = (folder: string): string[] => [
  getClaudeSettingsPath(folder),
  join(folder, ".claude", "settings.local.json"),
];
