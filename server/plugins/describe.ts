/** Describes plugins for approval: exactly and completely. */

import { pluginRequests } from "../../protocol/plugin.ts";
import type { PluginInspection, PluginRow } from "../../protocol/plugin-methods.ts";
import type { OfferChange, PluginOffer } from "./approval-diff.ts";
import { measureTool } from "./find-tool.ts";
import type { Plugin } from "./host.ts";
import type { PluginConnection, PluginTool } from "./plugin-connection.ts";
import { checkToolSchema } from "./tool-schema.ts";
import { checkToolName, getToolName, toTool } from "./tools.ts";

export function toPluginRow({ spec, identity, status, approval }: Plugin): PluginRow {
  const { name, source, own: userOwned, command, url, env, headers, variables, cwd } = spec;
  const state = status.state === "unapproved" && status.changed ? "changed" : status.state;
  return {
    name,
    source,
    userOwned,
    ...(command && { command }),
    ...(url !== undefined && { url }),
    env: Object.keys(env),
    headers: Object.keys(headers),
    ...(variables && variables.length > 0 && { variables }),
    cwd,
    identity,
    state,
    ...("reason" in status && { reason: status.reason }),
    ...(approval && { approvedAt: approval.at }),
    tools: (approval?.tools ?? []).flatMap((tool) => getToolName(name, tool.name) ?? []),
    widgets: approval?.declaration?.contributes?.includes("widgets") ? (approval.declaration.widgets ?? []) : [],
  };
}

export async function createInspection(
  { spec }: Plugin,
  {
    connection,
    offered,
    digest,
    changes,
  }: { connection: PluginConnection; offered: PluginOffer; digest: string; changes: OfferChange[] },
): Promise<PluginInspection> {
  const { name, version, title, instructions } = connection.server;
  return {
    server: {
      name,
      version,
      ...(title !== undefined && { title }),
      ...(instructions !== undefined && { instructions }),
    },
    tools: describeTools(spec.name, offered.tools),
    problems: connection.problems(),
    prompts: offered.prompts.map(({ arguments: _, ...prompt }) => prompt),
    resources: (await connection.resources()).map(({ uri, name: resourceName }) => ({ uri, name: resourceName })),
    hooks: (offered.declaration?.hooks ?? []).map(({ event, match }) => ({
      event,
      ...(match !== undefined && { match }),
    })),
    contributes: [...(offered.declaration?.contributes ?? [])],
    ...(await listAgentsAndSkills(connection, offered)),
    digest,
    changes,
  };
}

function describeTools(plugin: string, tools: readonly PluginTool[]): PluginInspection["tools"] {
  const never = () => Promise.reject(new Error("the plugin is only inspected"));
  const names = new Set<string>();
  return tools.map((tool) => {
    const offeredAs = getToolName(plugin, tool.name);
    const duplicate = offeredAs !== null && names.has(offeredAs) ? "another tool of the plugin has this name" : null;
    if (offeredAs !== null) names.add(offeredAs);
    const problem = checkToolName(plugin, tool.name) ?? duplicate;
    const warning = checkToolSchema(tool.schema);
    return {
      ...tool,
      ...(offeredAs !== null && { offeredAs }),
      tokens: Math.ceil(measureTool(toTool(offeredAs ?? tool.name, tool, never)) / 4),
      ...(problem !== null && { problem }),
      ...(warning !== null && { warning }),
    };
  });
}

const ASK_MS = 5_000;

/** The agents and skills that it lists now; invalid lists are ignored. */
async function listAgentsAndSkills(
  connection: PluginConnection,
  { declaration }: PluginOffer,
): Promise<Pick<PluginInspection, "agents" | "skills">> {
  const ask = async (kind: "agents" | "skills", method: "tutti/agent/list" | "tutti/skill/list"): Promise<unknown> =>
    declaration?.contributes?.includes(kind) ? connection.request(method, {}, { timeoutMs: ASK_MS }) : null;
  const [agents, skills] = await Promise.all([ask("agents", "tutti/agent/list"), ask("skills", "tutti/skill/list")]);
  const readAgents = pluginRequests["tutti/agent/list"].result.safeParse(agents);
  const readSkills = pluginRequests["tutti/skill/list"].result.safeParse(skills);
  const summarize = ({ name, description }: { name: string; description: string }) => ({ name, description });
  return {
    agents: readAgents.success ? readAgents.data.agents.map(summarize) : [],
    skills: readSkills.success ? readSkills.data.skills.map(summarize) : [],
  };
}
