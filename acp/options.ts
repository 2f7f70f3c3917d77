/** The options of a session in an editor: mode, model, effort, and whether prompts queue or steer while a turn runs. Pure. */

import type { Settings } from "../protocol/events.ts";
import type { ResultOf } from "../protocol/methods.ts";
import type { PromptSettings } from "../protocol/session-methods.ts";
import { type Effort, efforts, type Mode, modes } from "../protocol/settings.ts";
import type { Option } from "./editor.ts";

/** The editor's choices for a session. An absent field uses the configuration. */
export interface SessionChoices {
  agent?: string;
  mode?: Mode;
  model?: string;
  effort?: Effort;
  busy: "queue" | "steer";
}

/** The available choices and the configured defaults. */
export interface AvailableChoices {
  models: ResultOf<"modelList">["models"];
  agents: ResultOf<"agentList">["agents"];
  defaults: { agent: string; mode: Mode; model: string; effort: string };
}

const modeChoices: Readonly<Record<Mode, { name: string; description: string }>> = {
  plan: { name: "Plan", description: "Reads and plans. Changes nothing." },
  ask: { name: "Ask", description: "Asks before it changes or runs anything." },
  edit: {
    name: "Edit",
    description: "Edits files in the folder without asking. Asks before it runs anything.",
  },
  auto: { name: "Auto", description: "Asks only if a rule requires it." },
};

/** The value for "use the configuration". */
const USE_DEFAULT = "default";
const MAX_MODELS = 200;

export const isMode = (id: string): id is Mode => modes.some((mode) => mode === id);

type NullableChoices = { [K in keyof SessionChoices]: SessionChoices[K] | null };

/** The server continues with earlier settings, so that a default is set explicitly. */
export const toSettings = ({
  agent = null,
  model = null,
  effort = null,
  mode = null,
}: NullableChoices): PromptSettings => ({
  agent,
  model,
  effort,
  mode,
});

export const initialChoices = ({
  agent,
  mode,
  model,
  effort,
}: Pick<Settings, "agent" | "mode" | "model" | "effort">): SessionChoices => ({
  ...(agent !== undefined && { agent }),
  ...(mode !== undefined && { mode }),
  ...(model !== undefined && { model }),
  ...(effort !== undefined && { effort }),
  busy: "queue",
});

export function buildOptions(choices: SessionChoices, { models, agents, defaults }: AvailableChoices): Option[] {
  const ready = models.filter((model) => model.ready).slice(0, MAX_MODELS);
  const unknown = choices.model !== undefined && !ready.some(({ id }) => id === choices.model) ? [choices.model] : [];
  return [
    {
      id: "mode",
      name: "Mode",
      category: "mode",
      value: choices.mode ?? defaults.mode,
      choices: modes.map((mode) => ({ value: mode, ...modeChoices[mode] })),
    },
    {
      id: "agent",
      name: "Agent",
      category: "_agent",
      value: choices.agent ?? USE_DEFAULT,
      choices: [
        { value: USE_DEFAULT, name: `Default: ${defaults.agent}` },
        ...agents
          .filter(({ mode, hidden }) => mode !== "subagent" && !hidden)
          .map(({ name, description }) => ({ value: name, name, description })),
      ],
    },
    {
      id: "model",
      name: "Model",
      category: "model",
      value: choices.model ?? USE_DEFAULT,
      choices: [
        { value: USE_DEFAULT, name: defaults.model === "" ? "Automatic" : `Default: ${defaults.model}` },
        ...unknown.map((id) => ({ value: id, name: id })),
        ...ready.map(({ id, name }) => ({ value: id, name: name === id ? id : `${name} (${id})` })),
      ],
    },
    {
      id: "effort",
      name: "Reasoning",
      category: "thought_level",
      value: choices.effort ?? USE_DEFAULT,
      choices: [
        { value: USE_DEFAULT, name: defaults.effort === "" ? "Model default" : `Default: ${defaults.effort}` },
        ...efforts.map((effort) => ({ value: effort, name: effort })),
      ],
    },
    {
      id: "busy",
      name: "Prompts while a turn is running",
      category: "_queue",
      value: choices.busy,
      choices: [
        { value: "queue", name: "Queue", description: "Starts a turn after the running one." },
        { value: "steer", name: "Steer", description: "Goes to the running turn at its next step." },
      ],
    },
  ];
}

/** Returns the choices with one option set; null for an unknown option or value. */
export function applyChoice(
  chosen: SessionChoices,
  available: AvailableChoices,
  option: string,
  value: unknown,
): SessionChoices | null {
  const known = buildOptions(chosen, available).find(({ id }) => id === option);
  if (!known?.choices.some((choice) => choice.value === value)) return null;
  const { [option as keyof SessionChoices]: _, ...rest } = chosen;
  const set = value === USE_DEFAULT ? rest : { ...rest, [option]: value };
  return { busy: chosen.busy, ...set };
}
