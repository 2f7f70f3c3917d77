/** Where other programs name MCP servers: in a project, unless nothing of it is to count, and in the home folder. */
import { join } from "node:path";

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
