/** What the next prompt runs with, as a client shows it: chosen here, else as the session continues, else configured. Pure. */
import type { Settings } from "../protocol/events.ts";
import type { SessionSettings } from "../protocol/session-settings.ts";
import type { Tier } from "../protocol/settings.ts";

/** Chosen in a client for the next prompts; null stands for the configured default. */
export type ChosenSettings = Pick<Settings, "effort" | "mode"> & {
  model?: string | null | undefined;
  tier?: Tier | null | undefined;
};

export interface ConfiguredSettings {
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
}: {
  /** Chosen in this client. */
  settings: ChosenSettings;
  view: { settings: SessionSettings } | null;
  defaults: ConfiguredSettings;
}): NextSettings {
  const known = view?.settings ?? {};
  const chosen = {
    ...known,
    // The one that was chosen last counts.
    ...(settings.tier != null && { model: undefined }),
    ...(settings.model != null && { tier: undefined }),
    ...settings,
  };
  return {
    model: chosen.model ?? defaults.model,
    effort: chosen.effort ?? defaults.effort,
    mode: chosen.mode ?? defaults.mode,
    tier: chosen.tier ?? "",
  };
}

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
