/** Agents, as clients choose and show them. */
import type { ResultOf } from "../protocol/methods.ts";

export type AgentRow = ResultOf<"agentList">["agents"][number];

export const DEFAULT_AGENT = "build";

/** Those that a person can work with. */
export const listSelectable = (agents: readonly AgentRow[]): AgentRow[] =>
  agents.filter(({ mode, hidden }) => mode !== "subagent" && !hidden);

/** The name of the agent after this one, of those that only people start. */
export function nextAgent(agents: readonly AgentRow[], current: string): string {
  const names = listSelectable(agents).flatMap(({ name, mode }) => (mode === "primary" ? [name] : []));
  return names[(names.indexOf(current) + 1) % names.length] ?? current;
}
