/** Reads the included agents from their files. In the bundle, embed.mjs replaces this module with one that contains them parsed. */
import { readdir, readFile } from "node:fs/promises";
import type { AgentFields } from "../agent-fields.ts";

const folder = new URL("./agents/", import.meta.url);

export async function readBuiltinAgents(): Promise<readonly AgentFields[]> {
  const [{ parseBuiltinAgent }, names] = await Promise.all([import("./parse.ts"), readdir(folder)]);
  return Promise.all(
    names.toSorted().map(async (name) => parseBuiltinAgent(name, await readFile(new URL(name, folder), "utf8"))),
  );
}
