/** What an agent changes in the settings of a turn. Pure. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Settings } from "../../protocol/events.ts";
import { findNearest } from "../../protocol/nearest.ts";
import { type Mode, modes } from "../../protocol/settings.ts";
import type { Agent, Agents } from "../definitions/agent.ts";
import { matchesName } from "../definitions/matches-name.ts";
import type { Tool } from "../ports.ts";

export interface AgentConfig {
  /** The agent of sessions for which none was chosen. */
  agent?: string;
  permissions: { mode: Mode };
}

export interface AppliedAgent {
  agent: Agent;
  settings: Settings;
  /** The mode in force. */
  mode: Mode;
}

const DEFAULT_AGENT = "build";

/** A subagent (`isTask`) never has more permissions than its settings say, which come from the session that started it. */
export function applyAgent(agents: Agents, requested: Settings, config: AgentConfig, isTask: boolean): AppliedAgent {
  const agent = findAgent(agents, requested.agent ?? config.agent ?? DEFAULT_AGENT);
  const { permissions, steps } = agent;
  const mode = restrictMode(requested.mode, permissions.mode);
  const maxSteps = Math.min(requested.maxSteps ?? Number.POSITIVE_INFINITY, steps ?? Number.POSITIVE_INFINITY);
  const settings: Settings = {
    ...requested,
    ...(mode && { mode }),
    ...joinRules("allow", requested, isTask ? [] : permissions.allow),
    ...joinRules("ask", requested, permissions.ask),
    ...joinRules("deny", requested, permissions.deny),
    ...(Number.isFinite(maxSteps) && { maxSteps }),
  };
  return { agent, settings, mode: mode ?? config.permissions.mode };
}

function findAgent(agents: Agents, name: string): Agent {
  const found = agents.find(name);
  if (found) return found;
  const names = agents.list().flatMap((agent) => (agent.hidden ? [] : [agent.name]));
  const near = findNearest(name, names);
  const hint = near === null ? `Available agents: ${names.join(", ")}.` : `Did you mean ${near}?`;
  throw new TuttiError("config", `There is no agent named ${JSON.stringify(name)}. ${hint}`);
}

/** The agent's mode is a limit for a mode that was chosen, and the default where none was. */
function restrictMode(chosen: Mode | undefined, limit: Mode | undefined): Mode | undefined {
  if (chosen === undefined || limit === undefined) return chosen ?? limit;
  return modes.indexOf(limit) < modes.indexOf(chosen) ? limit : chosen;
}

function joinRules(list: "allow" | "ask" | "deny", settings: Settings, rules: readonly string[]): Partial<Settings> {
  const joined = [...(settings[list] ?? []), ...rules];
  return joined.length === 0 ? {} : { [list]: joined };
}

/** Whether the agent may use the tool. */
export function offersTool({ tools: { allow, deny } }: Agent, { name }: Pick<Tool, "name">): boolean {
  const isNamed = (patterns: readonly string[]) => patterns.some((pattern) => matchesName(pattern, name));
  return !isNamed(deny) && (allow === null || isNamed(allow));
}

/** What a subagent has to know about its place, after the prompt of its agent. */
const SUBAGENT = `You work on a task that another agent gave you. It sees only your last response: put everything it needs into it (what you found or did, with paths and lines, what you checked, what remains), and nothing else.`;

export const formatAgentPrompt = ({ name, prompt }: Agent, isTask: boolean): string =>
  [
    ...(prompt.trim() === "" ? [] : [`You are the agent ${name}.\n${prompt.trim()}`]),
    ...(isTask ? [SUBAGENT] : []),
  ].join("\n\n");
