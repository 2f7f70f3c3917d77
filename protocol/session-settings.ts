/** The settings that a session remembers from prompt to prompt, and those that a copy of it keeps. Pure. */
import type { Settings } from "./events.ts";

export type SessionSettings = Pick<Settings, "agent" | "model" | "tier" | "effort" | "mode">;

/** Older logs have no settings, which changes nothing. */
export function rememberSettings(current: SessionSettings, settings: Settings | undefined): SessionSettings {
  if (!settings || settings.transient) return current;
  const { agent, model, tier, effort, mode } = settings;
  return {
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
    ...(tier && { tier }),
    ...(effort && { effort }),
    ...(mode && { mode }),
  };
}

/** Without the modes and rules that let a call run without an approval: they were given to the original, perhaps by a stranger. */
export function withoutGrants({ mode, allow: _, ...rest }: Settings): Settings {
  return { ...rest, ...((mode === "plan" || mode === "ask") && { mode }) };
}
