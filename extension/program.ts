/** The program that comes along, and the Node that runs it: the editor's own, or one that is found. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import * as vscode from "vscode";
import { environment, runs } from "./environment.ts";

export interface Program {
  node: string;
  /** The path of what `node` runs. */
  script: string;
  env: NodeJS.ProcessEnv;
}

const run = promisify(execFile);

export async function findProgram(extension: string): Promise<Program> {
  const settings = vscode.workspace.getConfiguration("tutti.server");
  const script = settings.get<string>("program") || join(extension, "program", "bin", "tutti.cjs");
  if (!existsSync(script)) throw new Error(`There is no ${script}; see the setting tutti.server.program.`);
  const env = environment(process.env, settings.get<Record<string, string>>("environment") ?? {}, vscode.env.appRoot);
  const given = settings.get<string>("node") ?? "";
  if (given !== "") return { node: given, script, env };
  if (runs(process.versions.node)) return { node: process.execPath, script, env: { ...env, ...asNode() } };
  for (const node of onPath(env.PATH ?? "")) {
    const { stdout } = await run(node, ["--version"]).catch(() => ({ stdout: "" }));
    if (runs(stdout.trim().replace(/^v/, ""))) return { node, script, env };
  }
  throw new Error("Tutti needs Node 22.22 or newer; name one in the setting tutti.server.node.");
}

/** An Electron is told to be a Node. */
const asNode = (): NodeJS.ProcessEnv => ("electron" in process.versions ? { ELECTRON_RUN_AS_NODE: "1" } : {});

const onPath = (path: string): string[] => {
  const name = process.platform === "win32" ? "node.exe" : "node";
  return path
    .split(delimiter)
    .filter((folder) => folder !== "")
    .map((folder) => join(folder, name))
    .filter((file) => existsSync(file));
};
