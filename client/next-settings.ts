/** What the next prompt runs with, as a client shows it: chosen here, else as the session continues, else configured. Pure. */
import type { SessionSettings } from "../protocol/session-settings.ts";
import type { SessionView } from "../protocol/view.ts";

export interface ConfiguredSettings {
  /** Empty where none is configured. */
  model: string;
  effort: string;
  mode: string;
}

export function nextSettings({
  settings,
  view,
  defaults,
}: {
  /** Chosen in this client. */
  settings: SessionSettings;
  view: Pick<SessionView, "settings"> | null;
  defaults: ConfiguredSettings;
}): ConfiguredSettings {
  const chosen = { ...view?.settings, ...settings };
  return {
    model: chosen.model ?? defaults.model,
    effort: chosen.effort ?? defaults.effort,
    mode: chosen.mode ?? defaults.mode,
  };
}
