/** What a person sets for a session in an editor: mode, model, effort, and what a prompt does while a turn runs. Data, and pure. */
import type { SessionConfigOption, SessionModeState } from "@agentclientprotocol/sdk";
import type { ResultOf, Settings } from "../protocol/methods.ts";

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

export const modeState = (chosen: Chosen, { usual }: Offer): SessionModeState => ({
  currentModeId: chosen.mode ?? usual.mode,
  availableModes: modes.map((mode) => ({ ...mode })),
});

export const settingsOf = ({ busy: _, ...settings }: Chosen): Settings => settings;

export const chosenAtFirst = ({ mode, model, effort }: Pick<Settings, "mode" | "model" | "effort">): Chosen => ({
  ...(mode !== undefined && { mode }),
  ...(model !== undefined && { model }),
  ...(effort !== undefined && { effort }),
  busy: "queue",
});

export function configOptions(chosen: Chosen, { models, usual }: Offer): SessionConfigOption[] {
  const ready = models.filter((model) => model.ready).slice(0, MOST_MODELS);
  const unknown = chosen.model !== undefined && !ready.some(({ id }) => id === chosen.model) ? [chosen.model] : [];
  return [
    {
      type: "select",
      id: "mode",
      name: "Mode",
      category: "mode",
      currentValue: chosen.mode ?? usual.mode,
      options: modes.map(({ id, name, description }) => ({ value: id, name, description })),
    },
    {
      type: "select",
      id: "model",
      name: "Model",
      category: "model",
      currentValue: chosen.model ?? USUAL,
      options: [
        { value: USUAL, name: usual.model === "" ? "As Tutti finds one" : `As configured: ${usual.model}` },
        ...unknown.map((id) => ({ value: id, name: id })),
        ...ready.map(({ id, name }) => ({ value: id, name: name === id ? id : `${name} (${id})` })),
      ],
    },
    {
      type: "select",
      id: "effort",
      name: "Reasoning",
      category: "thought_level",
      currentValue: chosen.effort ?? USUAL,
      options: [
        { value: USUAL, name: usual.effort === "" ? "As the model does" : `As configured: ${usual.effort}` },
        ...efforts.map((effort) => ({ value: effort, name: effort })),
      ],
    },
    {
      type: "select",
      id: "busy",
      name: "A prompt while a turn runs",
      category: "_queue",
      currentValue: chosen.busy,
      options: [
        { value: "queue", name: "Waits", description: "It is a turn of its own, after the one that runs." },
        { value: "steer", name: "Steers", description: "The running turn is told at its next step." },
      ],
    },
  ];
}

/** The choice with one option set; null where there is no such option or value. */
export function choose(chosen: Chosen, offer: Offer, option: string, value: unknown): Chosen | null {
  const known = configOptions(chosen, offer).find(({ id }) => id === option);
  if (typeof value !== "string" || known?.type !== "select") return null;
  if (!known.options.some((one) => "value" in one && one.value === value)) return null;
  const { [option as keyof Chosen]: _, ...rest } = chosen;
  const set = value === USUAL ? rest : { ...rest, [option]: value };
  return { busy: chosen.busy, ...set };
}
