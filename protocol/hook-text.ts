/** The effects of hooks as text for a transcript. Pure. */
import type { EventOf } from "./events.ts";
import { firstLine } from "./first-line.ts";

const hookEffects: Readonly<Record<EventOf<"hook.done">["effect"], string>> = {
  context: "added context for the model",
  rewrote: "changed the input",
  blocked: "blocked this",
  denied: "denied this",
  asked: "requested your approval",
  allowed: "allowed this",
  feedback: "added feedback for the model",
  continued: "continued the turn",
  failed: "failed",
};

export const hookLevel = ({ effect }: EventOf<"hook.done">): "warning" | "info" =>
  effect === "failed" || effect === "blocked" || effect === "denied" ? "warning" : "info";

export function hookText(name: string, { hook, effect, text, input }: EventOf<"hook.done">): string {
  const detail = text ?? (input === undefined ? "" : JSON.stringify(input));
  return `${name} ${hookEffects[effect]} (${hook})${detail === "" ? "" : `: ${firstLine(detail)}`}`;
}
