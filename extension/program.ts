/** Finds the bundled program and a Node.js to run it: the editor's own, or one on the PATH. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { buildEnvironment, isSupportedNode } from "./environment.ts";

export interface Program {
  node: string;
  /** The script that `node` runs. */
  script: string;
  env: NodeJS.ProcessEnv;
}

const run = promisify(execFile);

export async function findProgram(extension: string): Promise<Program> {
  const settings = vscode.workspace.getConfiguration("tutti.server");
  const script = settings.get<string>("program") || join(extension, "program", "bin", "tutti.cjs");
  if (!existsSync(script)) throw new Error(`${script} does not exist. Check the setting tutti.server.program.`);
  const env = buildEnvironment(
    process.env,
    settings.get<Record<string, string>>("environment") ?? {},
    vscode.env.appRoot,
  );
  const configuredNode = settings.get<string>("node") ?? "";
  if (configuredNode !== "") return { node: configuredNode, script, env };
  if (isSupportedNode(process.versions.node))
    return { node: process.execPath, script, env: { ...env, ...electronAsNode() } };
  for (const node of findOnPath(env.PATH ?? "")) {
    const { stdout } = await run(node, ["--version"]).catch(() => ({ stdout: "" }));
    if (isSupportedNode(stdout.trim().replace(/^v/, ""))) return { node, script, env };
  }
  throw new Error("Tutti needs Node.js 22.22 or newer. Set its path in the setting tutti.server.node.");
}

/** Makes Electron run as plain Node.js. */
const electronAsNode = (): NodeJS.ProcessEnv => ("electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {});

const findOnPath = (path: string): string[] => {
  const name = process.platform === "win32" ? "node.exe" : "node";
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .filter((file) => existsSync(file));
};
