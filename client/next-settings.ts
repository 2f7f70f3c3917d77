/** What the next prompt runs with, as a client shows it: chosen here, else as the session continues, else configured. Pure. */
import type { Settings } from "../protocol/events.ts";
import type { SessionSettings } from "../protocol/session-settings.ts";
import { type Mode, modes, type Tier } from "../protocol/settings.ts";
import type { AgentRow } from "./agents.ts";

/** Chosen in a client for the next prompts; null stands for the configured default. */
export type ChosenSettings = Pick<Settings, "agent" | "effort" | "mode"> & {
  model?: string | null | undefined;
  tier?: Tier | null | undefined;
};

export interface ConfiguredSettings {
  agent: string;
  /** Empty where none is configured. */
  model: string;
  effort: string;
  mode: string;
}

export interface NextSettings extends ConfiguredSettings {
  /** Empty if each task gets its own tier, or a model was named. */
  tier: string;
}

export function nextSettings({
  settings,
  view,
  defaults,
  agents = [],
}: {
  /** Chosen in this client. */
  settings: ChosenSettings;
  view: { settings: SessionSettings } | null;
  defaults: ConfiguredSettings;
  /** Those of the folder, as far as they are known. */
  agents?: readonly AgentRow[];
}): NextSettings {
  const known = view?.settings ?? {};
  const chosen = {
    ...known,
    // The one that was chosen last counts.
    ...(settings.tier != null && { model: undefined }),
    ...(settings.model != null && { tier: undefined }),
    ...settings,
  };
  const agent = chosen.agent ?? defaults.agent;
  const limit = agents.find(({ name }) => name === agent)?.permissionMode;
  return {
    agent,
    model: chosen.model ?? defaults.model,
    effort: chosen.effort ?? defaults.effort,
    mode: limitMode(chosen.mode ?? (limit || defaults.mode), limit),
    tier: chosen.tier ?? "",
  };
}

const limitMode = (mode: string, limit: Mode | undefined): string =>
  limit && modes.indexOf(limit) < modes.indexOf(mode as Mode) ? limit : mode;

/** A named model and a tier exclude each other. */
export function chooseModel({ tier: _, ...settings }: ChosenSettings, model: string): ChosenSettings {
  return { ...settings, model };
}

/** Null: each task gets the tier that its wording asks for. */
export function chooseTier({ model: _, ...settings }: ChosenSettings, tier: Tier | null): ChosenSettings {
  return tier === null ? { ...settings, model: null, tier } : { ...settings, tier };
}

/** What `/tier` accepts. */
export const tierChoices = ["auto", "quick", "standard", "advanced"] as const;
export const toTier = (choice: (typeof tierChoices)[number]): Tier | null => (choice === "auto" ? null : choice);
