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
