/** The settings of a subagent's session. It never has more permissions than the session that starts it. Pure. */
import type { Settings } from "../../protocol/events.ts";
import type { Mode } from "../../protocol/settings.ts";
import type { Agent } from "../definitions/agent.ts";
import type { TaskRequest } from "../subagents.ts";

/** `mode`: the mode in force in the parent; the agent's own restrictions are added when its turn runs. A model that a person chose for the parent applies to its subagents, too. */
export function createChildSettings(parent: Settings, mode: Mode, agent: Agent, request: TaskRequest): Settings {
  const model = parent.model ?? request.model;
  return {
    agent: agent.name,
    mode,
    ...(parent.allow && { allow: parent.allow }),
    ...(parent.ask && { ask: parent.ask }),
    ...(parent.deny && { deny: parent.deny }),
    ...(model !== undefined && { model }),
    ...(request.tier && { tier: request.tier }),
    ...(parent.sandbox && { sandbox: parent.sandbox }),
    ...(request.maxSteps !== undefined && { maxSteps: request.maxSteps }),
  };
}
