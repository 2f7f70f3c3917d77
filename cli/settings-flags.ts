/** Flags with the initial settings of sessions, shared by the interactive commands. */
import type { Settings } from "../protocol/events.ts";
import { type Effort, efforts, type Mode, modes } from "../protocol/settings.ts";
import type { Flag, ParsedFlags } from "./command.ts";

export const settingsFlags: readonly Flag[] = [
  { name: "model", short: "m", value: "PROVIDER/MODEL", purpose: "The model to use" },
  {
    name: "effort",
    value: "LEVEL",
    choices: efforts,
    purpose: "Reasoning effort of the model",
  },
  { name: "mode", value: "MODE", choices: modes, purpose: "What the agent can do without approval" },
];

/** The values were validated when the flags were parsed. */
export function settingsFromFlags({ text }: ParsedFlags): Pick<Settings, "model" | "effort" | "mode"> {
  const [model, effort, mode] = [text("model"), text("effort"), text("mode")];
  return {
    ...(model !== undefined && { model }),
    ...(effort !== undefined && { effort: effort as Effort }),
    ...(mode !== undefined && { mode: mode as Mode }),
  };
}
