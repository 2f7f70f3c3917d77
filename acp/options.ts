/** What a person sets for a session in an editor: mode, model, effort, and what a prompt does while a turn runs. Data, and pure. */
import type { ResultOf, Settings } from "../protocol/methods.ts";
import type { Option } from "./editor.ts";

export type Mode = NonNullable<Settings["mode"]>;
type Effort = NonNullable<Settings["effort"]>;

/** What the editor chose for a session; what is absent is as configured. */
export interface Chosen {
  mode?: Mode;
  model?: string;
  effort?: Effort;
  busy: "queue" | "steer";
}

/** What there is to choose from, and what the configuration says. */
export interface Offer {
  models: ResultOf<"modelList">["models"];
  usual: { mode: Mode; model: string; effort: string };
}

const modes: readonly { id: Mode; name: string; description: string }[] = [
  { id: "plan", name: "Plan", description: "Looks and thinks, and changes nothing." },
  { id: "ask", name: "Ask", description: "Asks before it changes or runs anything." },
  {
    id: "edit",
    name: "Edit",
    description: "Changes files of the folder without asking; asks before it runs anything.",
  },
  { id: "auto", name: "Auto", description: "Asks only where a rule says so." },
];
const efforts: readonly Effort[] = ["none", "low", "medium", "high"];

/** The value that stands for what the configuration says. */
const USUAL = "default";
const MOST_MODELS = 200;

export const isMode = (id: string): id is Mode => modes.some((mode) => mode.id === id);

export const settingsOf = ({ busy: _, ...settings }: Chosen): Settings => settings;

export const chosenAtFirst = ({ mode, model, effort }: Pick<Settings, "mode" | "model" | "effort">): Chosen => ({
  ...(mode !== undefined && { mode }),
  ...(model !== undefined && { model }),
  ...(effort !== undefined && { effort }),
  busy: "queue",
});

export function optionsOf(chosen: Chosen, { models, usual }: Offer): Option[] {
  const ready = models.filter((model) => model.ready).slice(0, MOST_MODELS);
  const unknown = chosen.model !== undefined && !ready.some(({ id }) => id === chosen.model) ? [chosen.model] : [];
  return [
    {
      id: "mode",
      name: "Mode",
      category: "mode",
      value: chosen.mode ?? usual.mode,
      choices: modes.map(({ id, name, description }) => ({ value: id, name, description })),
    },
    {
      id: "model",
      name: "Model",
      category: "model",
      value: chosen.model ?? USUAL,
      choices: [
        { value: USUAL, name: usual.model === "" ? "As Tutti finds one" : `As configured: ${usual.model}` },
        ...unknown.map((id) => ({ value: id, name: id })),
        ...ready.map(({ id, name }) => ({ value: id, name: name === id ? id : `${name} (${id})` })),
      ],
    },
    {
      id: "effort",
      name: "Reasoning",
      category: "thought_level",
      value: chosen.effort ?? USUAL,
      choices: [
        { value: USUAL, name: usual.effort === "" ? "As the model does" : `As configured: ${usual.effort}` },
        ...efforts.map((effort) => ({ value: effort, name: effort })),
      ],
    },
    {
      id: "busy",
      name: "A prompt while a turn runs",
      category: "_queue",
      value: chosen.busy,
      choices: [
        { value: "queue", name: "Waits", description: "It is a turn of its own, after the one that runs." },
        { value: "steer", name: "Steers", description: "The running turn is told at its next step." },
      ],
    },
  ];
}

/** The choice with one option set; null where there is no such option or value. */
export function choose(chosen: Chosen, offer: Offer, option: string, value: unknown): Chosen | null {
  const known = optionsOf(chosen, offer).find(({ id }) => id === option);
  if (!known?.choices.some((choice) => choice.value === value)) return null;
  const { [option as keyof Chosen]: _, ...rest } = chosen;
  const set = value === USUAL ? rest : { ...rest, [option]: value };
  return { busy: chosen.busy, ...set };
}
