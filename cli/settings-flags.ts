/** Flags with the initial settings of sessions, shared by the interactive commands. */
import type { Settings } from "../protocol/events.ts";
import { type Effort, efforts, type Mode, modes, type Tier, tiers } from "../protocol/settings.ts";
import { usageError } from "./args.ts";
import type { Flag, ParsedFlags } from "./command.ts";

export const settingsFlags: readonly Flag[] = [
  { name: "agent", value: "NAME", purpose: "The agent to work with; see `tutti agents`" },
  { name: "model", short: "m", value: "PROVIDER/MODEL", purpose: "The model to use" },
  { name: "tier", value: "TIER", choices: tiers, purpose: "Use the model of this tier: quick, standard or advanced" },
  {
    name: "effort",
    value: "LEVEL",
    choices: efforts,
    purpose: "Reasoning effort of the model",
  },
  { name: "mode", value: "MODE", choices: modes, purpose: "What the agent can do without approval" },
];

type SettingsFromFlags = Pick<Settings, "agent" | "model" | "tier" | "effort" | "mode">;

/** The values were validated when the flags were parsed. */
export function settingsFromFlags({ text }: ParsedFlags): SettingsFromFlags {
  const agent = text("agent");
  const [model, tier, effort, mode] = [text("model"), text("tier"), text("effort"), text("mode")];
  if (model !== undefined && tier !== undefined)
    throw usageError("--tier chooses a model, so it cannot be used with --model.");
  return {
    ...(agent !== undefined && { agent }),
    ...(model !== undefined && { model }),
    ...(tier !== undefined && { tier: tier as Tier }),
    ...(effort !== undefined && { effort: effort as Effort }),
    ...(mode !== undefined && { mode: mode as Mode }),
  };
}
