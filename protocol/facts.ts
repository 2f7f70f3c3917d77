/** Which events a log must keep, and which are only for the eye. Apart from events.ts, so that a hot path pays for no schema. */
import type { SessionEvent } from "./events.ts";

type Delta = "text.delta" | "reasoning.delta" | "call.output";

export function isDelta(event: SessionEvent): event is Extract<SessionEvent, { type: Delta }> {
  return event.type === "text.delta" || event.type === "reasoning.delta" || event.type === "call.output";
}

export const isFact = (event: SessionEvent): boolean => !isDelta(event);
