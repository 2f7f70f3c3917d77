/** The folders that define agents, skills and commands: those of Tutti, Claude Code, OpenCode and the shared `.agents`. */
import { isAbsolute, join } from "node:path";
import type { Environment } from "../config/paths.ts";

export interface UserFoldersInput {
  env: Environment;
  home: string;
  configDir: string;
}

/** The user's own folders, lowest priority first. */
export function listUserFolders({ env, home, configDir }: UserFoldersInput): string[] {
  const read = (name: string): string | undefined => {
    const path = env[name];
    return path !== undefined && isAbsolute(path) ? path : undefined;
  };
  const config = read("XDG_CONFIG_HOME") ?? join(home, ".config");
  const claude = read("CLAUDE_CONFIG_DIR") ?? join(home, ".claude");
  const opencode = read("OPENCODE_CONFIG_DIR");
  return [
    join(home, ".agents"),
    claude,
    join(config, "opencode"),
    join(home, ".opencode"),
    ...(opencode === undefined ? [] : [opencode]),
    configDir,
  ];
}

/** The folders of a project in one folder of it, lowest priority first. */
export const listDefinitionFolders = (folder: string): string[] =>
  [".agents", ".claude", ".opencode", ".tutti"].map((name) => join(folder, name));

export type DefinitionKind = "agent" | "skill" | "command";

/** The names of the folders of each kind, in one of the folders above. */
export const folderNames: Readonly<Record<DefinitionKind, readonly string[]>> = {
  agent: ["agent", "agents"],
  skill: ["skill", "skills"],
  command: ["command", "commands"],
};

export const opencodeFileNames = ["opencode.json", "opencode.jsonc"];
