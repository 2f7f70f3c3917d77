/** Where Claude Code keeps the settings that may hold hooks. */
import { existsSync } from "node:fs";
import { join } from "node:path";

export const claudeSettings = (folder: string): string => join(folder, ".claude", "settings.json");

/** A look before anything is loaded: most folders have none. */
export const hasClaudeSettings = (folders: readonly string[]): boolean =>
  folders.some((one) => existsSync(claudeSettings(one)));
