/** The flags that say what sessions begin with, for the commands that serve a person and not one prompt. */
import type { Settings } from "../protocol/methods.ts";
import type { Flag, Parsed } from "./command.ts";

export const settingsFlags: readonly Flag[] = [
  { name: "model", value: "PROVIDER/MODEL", purpose: "the model to use" },
  {
    name: "effort",
    value: "LEVEL",
    of: ["none", "low", "medium", "high"],
    purpose: "how much the model should reason",
  },
  { name: "mode", value: "MODE", of: ["plan", "ask", "edit", "auto"], purpose: "what is allowed without asking" },
];

/** Values were checked against the flags when the words were read. */
export function settingsOf({ text }: Parsed): Pick<Settings, "model" | "effort" | "mode"> {
  const [model, effort, mode] = [text("model"), text("effort"), text("mode")];
  return {
    ...(model !== undefined && { model }),
    ...(effort !== undefined && { effort: effort as "none" }),
    ...(mode !== undefined && { mode: mode as "ask" }),
  };
}
