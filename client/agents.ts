/** Agents, as clients choose and show them. */
import type { ResultOf } from "../protocol/methods.ts";

export type AgentRow = ResultOf<"agentList">["agents"][number];

export const DEFAULT_AGENT = "build";

/** Those that a person can work with. */
export const listSelectable = (agents: readonly AgentRow[]): AgentRow[] =>
  agents.filter(({ mode, hidden }) => mode !== "subagent" && !hidden);

/** Those that `@` and the beginning of a name, or of a word in it, can mention: an agent can be asked to start them. */
export function matchMentions(agents: readonly AgentRow[], text: string): AgentRow[] {
  const typed = text.toLowerCase();
  const matches = (name: string): boolean =>
    name.startsWith(typed) || name.split(/[-_:.]/).some((word) => word.startsWith(typed));
  return agents.filter(({ name, mode, hidden }) => mode !== "primary" && !hidden && matches(name.toLowerCase()));
}

/** The name of the agent after this one, of those that only people start. */
export function nextAgent(agents: readonly AgentRow[], current: string): string {
  const names = listSelectable(agents).flatMap(({ name, mode }) => (mode === "primary" ? [name] : []));
  return names[(names.indexOf(current) + 1) % names.length] ?? current;
}
