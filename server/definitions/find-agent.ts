/** Finds an agent by a name, as people and models of different programs write it. Pure. */
import type { Agent, Agents, DefinitionProblem } from "./agent.ts";
import { matchesName } from "./matches-name.ts";

/** Names of other programs for the included agents. */
const ALIASES: Readonly<Record<string, string>> = {
  generalpurpose: "general",
  default: "build",
  coder: "build",
  codereviewer: "review",
  reviewer: "review",
  explorer: "explore",
  planner: "plan",
};

const simplify = (name: string): string => name.toLowerCase().replaceAll(/[-_\s]/g, "");

/** An agent of a plugin is named `plugin:name`; `name` alone finds it if no other agent has that name. */
export function createAgents(found: readonly Agent[], problems: readonly DefinitionProblem[]): Agents {
  const agents = found.toSorted((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
  const byName = new Map(agents.map((agent) => [agent.name.toLowerCase(), agent]));
  const bySimpleName = new Map(agents.map((agent) => [simplify(agent.name), agent]));
  return {
    find(name) {
      const simple = simplify(name.trim());
      const alias = Object.hasOwn(ALIASES, simple) ? ALIASES[simple] : undefined;
      const known = byName.get(name.trim().toLowerCase()) ?? bySimpleName.get(simple) ?? byName.get(alias ?? "");
      if (known) return known;
      const ofPlugins = agents.filter(
        (agent) => agent.source.kind === "plugin" && agent.name.endsWith(`:${name.trim()}`),
      );
      return ofPlugins.length === 1 ? ofPlugins[0] : undefined;
    },
    list: () => agents,
    problems,
  };
}

/** Whether an agent may start another one: `agents` are names and patterns, and a name after `!` is excluded. */
export function mayStart(agents: Agent["agents"], name: string): boolean {
  if (agents === null) return true;
  const matches = (pattern: string): boolean => matchesName(pattern, name);
  const excluded = agents.filter((pattern) => pattern.startsWith("!")).map((pattern) => pattern.slice(1));
  const included = agents.filter((pattern) => !pattern.startsWith("!"));
  return !excluded.some(matches) && included.some(matches);
}
