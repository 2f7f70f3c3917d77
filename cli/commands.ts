/** The commands there are, each loaded when it is called; and the words of the contract that are not built yet. */
import type { Command } from "./command.ts";
import { run } from "./run.ts";

export interface CommandRow {
  name: string;
  purpose: string;
  load(): Promise<Command>;
}

export const commands: readonly CommandRow[] = [{ name: run.name, purpose: run.purpose, load: async () => run }];

export const later: ReadonlySet<string> = new Set([
  "lsp",
  "acp",
  "web",
  "desktop",
  "share",
  "join",
  "hub",
  "agents",
  "skills",
  "commands",
  "route",
  "plugins",
  "trust",
  "import",
  "stats",
]);
