/** What the sources of an agent say about it, and the agent that follows. Pure. */
import type { Agent, DefinitionSource } from "./agent.ts";

/** What one source says about an agent; other sources may say the rest. */
export interface AgentFields extends Partial<Omit<Agent, "source" | "tools" | "permissions" | "agents">> {
  tools?: Partial<Agent["tools"]>;
  permissions?: Partial<Agent["permissions"]>;
  agents?: readonly string[] | null;
  disable?: boolean;
}

/** An agent with everything that no source says. */
export function toAgent(name: string, fields: AgentFields, source: DefinitionSource): Agent {
  const { disable: _, tools, permissions, ...rest } = fields;
  return {
    description: "",
    prompt: "",
    mode: "all",
    hidden: false,
    tiers: {},
    agents: null,
    skills: [],
    extra: {},
    ...rest,
    name,
    tools: { allow: null, deny: [], ...tools },
    permissions: { allow: [], ask: [], deny: [], ...permissions },
    source,
  };
}

/** `over` has priority. Its model replaces a tier of `base`, which would hide it, and the reverse. */
export function mergeAgentFields(base: AgentFields, over: AgentFields): AgentFields {
  const { model, tier, ...rest } = base;
  const keepsModel = model !== undefined && over.tier === undefined;
  const keepsTier = tier !== undefined && over.model === undefined;
  return combine({ ...rest, ...(keepsModel && { model }), ...(keepsTier && { tier }) }, over);
}

/** Rules are joined, tiers and tools replaced one by one. */
export function combine(base: AgentFields, over: AgentFields): AgentFields {
  return {
    ...base,
    ...over,
    ...((base.tiers ?? over.tiers) && { tiers: { ...base.tiers, ...over.tiers } }),
    ...((base.tools ?? over.tools) && { tools: { ...base.tools, ...over.tools } }),
    ...((base.permissions ?? over.permissions) && { permissions: joinPermissions(base.permissions, over.permissions) }),
    ...((base.extra ?? over.extra) && { extra: { ...base.extra, ...over.extra } }),
  };
}

function joinPermissions(
  base: Partial<Agent["permissions"]> = {},
  over: Partial<Agent["permissions"]> = {},
): Partial<Agent["permissions"]> {
  const join = (key: "allow" | "ask" | "deny") => [...new Set([...(base[key] ?? []), ...(over[key] ?? [])])];
  const mode = over.mode ?? base.mode;
  return { ...(mode && { mode }), allow: join("allow"), ask: join("ask"), deny: join("deny") };
}
