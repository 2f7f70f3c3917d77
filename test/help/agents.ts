/** Agents for tests, without files. */
import type { Agent, Agents } from "../../server/definitions/agent.ts";

export const createAgent = (changes: Partial<Agent> & Pick<Agent, "name">): Agent => ({
  description: `The agent ${changes.name}.`,
  prompt: "",
  mode: "all",
  hidden: false,
  tiers: {},
  tools: { allow: null, deny: [] },
  permissions: { allow: [], ask: [], deny: [] },
  agents: null,
  skills: [],
  extra: {},
  source: { kind: "builtin" },
  ...changes,
});

/** With `build`, the default. */
export function createAgents(...own: Agent[]): Agents {
  const all = [createAgent({ name: "build", mode: "primary" }), ...own];
  return {
    find: (name) => all.find((agent) => agent.name.toLowerCase() === name.toLowerCase()),
    list: () => all,
    problems: [],
  };
}
