/** The agents that ship with Tutti. */
import type { Agent, Agents } from "./agent.ts";

const base: Omit<Agent, "name" | "description" | "mode"> = {
  prompt: "",
  hidden: false,
  tiers: {},
  tools: { allow: null, deny: [] },
  permissions: { allow: [], ask: [], deny: [] },
  agents: null,
  skills: [],
  extra: {},
  source: { kind: "builtin" },
};

const agents: readonly Agent[] = [
  { ...base, name: "build", description: "Builds and changes things.", mode: "primary" },
  { ...base, name: "general", description: "Works on any task with several steps.", mode: "subagent" },
];

export const builtinAgents: Agents = {
  find: (name) => agents.find((agent) => agent.name === name.toLowerCase()),
  list: () => agents,
  problems: [],
};
