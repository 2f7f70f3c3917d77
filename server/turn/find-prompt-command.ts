/** A prompt that begins with `/name`, if a command or a skill has that name. expand-prompt.ts expands it. */
import type { Settings } from "../../protocol/events.ts";
import type { Command, Named, Skill } from "../definitions/skill.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { parseSlash } from "./slash.ts";

export interface ExpandDeps {
  commands(cwd: string): Promise<Named<Command>>;
  skills(cwd: string): Promise<Named<Skill>>;
}

/** A command or a skill that a prompt names. */
export type PromptCommand = ({ command: Command; skill: null } | { command: null; skill: Skill }) & {
  args: string;
  /** What it sets for the turn; the prompt's own settings have priority. */
  settings: Settings;
};

/** Null if the prompt of this turn names none. */
export async function findPromptCommand(
  deps: ExpandDeps,
  session: Pick<TurnSession, "view" | "turn">,
): Promise<PromptCommand | null> {
  const { cwd, parts } = session.view();
  const prompt = parts.findLast((part) => part.type === "prompt" && part.turn === session.turn);
  return prompt?.type === "prompt" ? findNamedCommand(deps, cwd, prompt.text) : null;
}

/** Null if this text names none. */
export async function findNamedCommand(deps: ExpandDeps, cwd: string, text: string): Promise<PromptCommand | null> {
  const slash = parseSlash(text);
  if (slash === null) return null;
  const { name, args } = slash;
  const command = (await deps.commands(cwd)).find(name);
  if (command) return { command, skill: null, args, settings: getSettings(command) };
  const skill = (await deps.skills(cwd)).find(name);
  return skill ? { command: null, skill, args, settings: {} } : null;
}

function getSettings({ agent, model, allow, subtask }: Command): Settings {
  return {
    ...(agent !== undefined && !subtask && { agent }),
    ...(model?.includes("/") && !subtask && { model }),
    ...(allow.length > 0 && { allow: [...allow] }),
  };
}
