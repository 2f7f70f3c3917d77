/** Which events are facts and which are deltas, whose part ends with an event that repeats them. Apart from events.ts, so that a hot path loads no schema. */
import type { SessionEvent } from "./events.ts";

type Delta = "text.delta" | "reasoning.delta" | "call.output" | "task.progress";

const deltas: ReadonlySet<string> = new Set<Delta>(["text.delta", "reasoning.delta", "call.output", "task.progress"]);

export const isDelta = (event: SessionEvent): event is Extract<SessionEvent, { type: Delta }> => deltas.has(event.type);

export const isFact = (event: SessionEvent): boolean => !isDelta(event);
