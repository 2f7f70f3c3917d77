/** Where other programs name MCP servers: in a project, unless nothing of it is to count, and in the home folder. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { listProjectFolders } from "./load.ts";

export interface ForeignPluginFile {
  file: string;
  /** Under which the servers stand, by name. */
  key: string;
  place: "project" | "home";
}

export function listForeignPluginFiles(cwd: string, home: string, project: boolean): ForeignPluginFile[] {
  const inProject: ForeignPluginFile[] = [
    { file: join(cwd, ".mcp.json"), key: "mcpServers", place: "project" },
    { file: join(cwd, ".vscode", "mcp.json"), key: "servers", place: "project" },
  ];
  return [...(project ? inProject : []), { file: join(home, ".claude.json"), key: "mcpServers", place: "home" }];
}

export interface OpencodeFolder {
  folder: string;
  place: ForeignPluginFile["place"];
  /** The folder of a project: only its configuration file counts there. */
  isRoot: boolean;
}

/** The existing folders of OpenCode, and folders of a project with its configuration. */
export function listOpencodeFolders(cwd: string, home: string, project: boolean): OpencodeFolder[] {
  const isConfigured = (folder: string): boolean =>
    ["opencode.json", "opencode.jsonc"].some((name) => existsSync(join(folder, name)));
  const own = [join(home, ".config", "opencode"), join(home, ".opencode")].filter((folder) => existsSync(folder));
  const inProject = project ? listProjectFolders(cwd) : [];
  return [
    ...inProject.flatMap((folder): OpencodeFolder[] => [
      ...(isConfigured(folder) ? [{ folder, place: "project" as const, isRoot: true }] : []),
      ...(existsSync(join(folder, ".opencode")) && !own.includes(join(folder, ".opencode"))
        ? [{ folder: join(folder, ".opencode"), place: "project" as const, isRoot: false }]
        : []),
    ]),
    ...own.map((folder): OpencodeFolder => ({ folder, place: "home", isRoot: false })),
  ];
}
