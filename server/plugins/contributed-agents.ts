/** Agents that approved plugins contribute. A plugin is started for them only if it declared that it has some. */
import { pluginRequests } from "../../protocol/plugin.ts";
import { printable } from "../../protocol/printable.ts";
import type { Plugin } from "./host.ts";

export interface ContributedAgent {
  plugin: string;
  name: string;
  description: string;
  prompt: string;
  /** Names of tools; absent: all. */
  tools?: readonly string[];
  model?: string;
}

/** A turn waits for it. */
const REQUEST_MS = 5_000;
const NAME = /^[\w.-]{1,64}$/;

export async function listContributedAgents(plugins: readonly Plugin[]): Promise<ContributedAgent[]> {
  const contributors = plugins.filter(
    ({ spec, approval }) => spec.enabled && approval?.declaration?.contributes?.includes("agents"),
  );
  return (await Promise.all(contributors.map((plugin) => fetchAgents(plugin).catch(() => [])))).flat();
}

async function fetchAgents(plugin: Plugin): Promise<ContributedAgent[]> {
  const connection = await plugin.connect();
  const answer = await connection.request("tutti/agent/list", {}, { timeoutMs: REQUEST_MS });
  const listed = pluginRequests["tutti/agent/list"].result.safeParse(answer);
  if (!listed.success) return [];
  return listed.data.agents
    .filter(({ name }) => NAME.test(name))
    .map(({ name, description, prompt, tools, model }) => ({
      plugin: plugin.spec.name,
      name,
      description: printable(description),
      prompt: printable(prompt, { keepNewlines: true }),
      ...(tools && { tools }),
      ...(model !== undefined && { model }),
    }));
}
