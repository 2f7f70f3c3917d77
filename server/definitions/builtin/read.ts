/** Reads the included agents and commands from their files. In the bundle, embed.mjs replaces this module with one that contains them. */
import { readdir, readFile } from "node:fs/promises";
import type { AgentFields } from "../agent-fields.ts";
import type { BuiltinCommand } from "./parse.ts";

export async function readBuiltinAgents(): Promise<readonly AgentFields[]> {
  const { parseBuiltinAgent } = await import("./parse.ts");
  return (await readFolder("agents")).map(([file, text]) => parseBuiltinAgent(file, text));
}

export async function readBuiltinCommands(): Promise<readonly BuiltinCommand[]> {
  const { parseBuiltinCommand } = await import("./parse.ts");
  return (await readFolder("commands")).map(([file, text]) => parseBuiltinCommand(file, text));
}

async function readFolder(name: string): Promise<(readonly [file: string, text: string])[]> {
  const folder = new URL(`./${name}/`, import.meta.url);
  const files = (await readdir(folder)).toSorted();
  return Promise.all(files.map(async (file) => [file, await readFile(new URL(file, folder), "utf8")] as const));
}
