/** Plugins as a person is shown them before they say yes: exactly, with nothing hidden and nothing left out. */

import { pluginRequests } from "../../protocol/plugin.ts";
import type { PluginLook, PluginRow } from "../../protocol/plugin-methods.ts";
import { weightOf } from "./find-tool.ts";
import type { Plugin } from "./host.ts";
import type { PluginLink } from "./link.ts";
import type { Change, Offered } from "./pins.ts";
import { asTool, nameProblem, toolName } from "./tools.ts";

export function rowOf({ spec, identity, status, approval }: Plugin): PluginRow {
  const { name, source, own, command, url, env, headers, cwd } = spec;
  const state = status.state === "unapproved" && status.changed ? "changed" : status.state;
  return {
    name,
    source,
    own,
    ...(command && { command }),
    ...(url !== undefined && { url }),
    env: Object.keys(env),
    headers: Object.keys(headers),
    cwd,
    identity,
    state,
    ...("why" in status && { why: status.why }),
    ...(approval && { approvedAt: approval.at }),
    tools: (approval?.tools ?? []).map((tool) => toolName(name, tool.name)),
    widgets: approval?.declaration?.contributes?.includes("widgets") ? (approval.declaration.widgets ?? []) : [],
  };
}

export async function lookOf(
  { spec }: Plugin,
  { link, offered, digest, changes }: { link: PluginLink; offered: Offered; digest: string; changes: Change[] },
): Promise<PluginLook> {
  const { name, version, title, instructions } = link.server;
  const never = () => Promise.reject(new Error("it is only looked at"));
  return {
    server: {
      name,
      version,
      ...(title !== undefined && { title }),
      ...(instructions !== undefined && { instructions }),
    },
    tools: offered.tools.map((tool) => {
      const problem = nameProblem(spec.name, tool.name);
      return {
        ...tool,
        tokens: Math.ceil(weightOf(asTool(spec.name, tool, never)) / 4),
        ...(problem !== null && { problem }),
      };
    }),
    prompts: offered.prompts.map(({ arguments: _, ...prompt }) => prompt),
    resources: (await link.resources()).map(({ uri, name: called }) => ({ uri, name: called })),
    hooks: (offered.declaration?.hooks ?? []).map(({ event, match }) => ({
      event,
      ...(match !== undefined && { match }),
    })),
    contributes: [...(offered.declaration?.contributes ?? [])],
    ...(await brought(link, offered)),
    digest,
    changes,
  };
}

const ASK_MS = 5_000;

/** Agents and skills, as it lists them now; what it lists wrongly is not there. */
async function brought(link: PluginLink, { declaration }: Offered): Promise<Pick<PluginLook, "agents" | "skills">> {
  const ask = async (what: "agents" | "skills", method: "tutti/agent/list" | "tutti/skill/list"): Promise<unknown> =>
    declaration?.contributes?.includes(what) ? link.request(method, {}, { timeoutMs: ASK_MS }) : null;
  const [agents, skills] = await Promise.all([ask("agents", "tutti/agent/list"), ask("skills", "tutti/skill/list")]);
  const readAgents = pluginRequests["tutti/agent/list"].result.safeParse(agents);
  const readSkills = pluginRequests["tutti/skill/list"].result.safeParse(skills);
  const short = ({ name, description }: { name: string; description: string }) => ({ name, description });
  return {
    agents: readAgents.success ? readAgents.data.agents.map(short) : [],
    skills: readSkills.success ? readSkills.data.skills.map(short) : [],
  };
}
