/** Which events are facts and which are deltas, whose part ends with an event that repeats them. Apart from events.ts, so that a hot path loads no schema. */
import type { SessionEvent } from "./events.ts";

type Delta = "text.delta" | "reasoning.delta" | "call.output";

export function isDelta(event: SessionEvent): event is Extract<SessionEvent, { type: Delta }> {
  return event.type === "text.delta" || event.type === "reasoning.delta" || event.type === "call.output";
}

export const isFact = (event: SessionEvent): boolean => !isDelta(event);
