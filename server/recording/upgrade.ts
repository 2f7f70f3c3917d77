/**
 * Reads recordings of version 0.1.0: their fields get the names of today. Texts for the model that have changed since are not mapped, so
 * a recording that contains one, such as of an interrupted turn, differs from a run of today. Pure.
 */
import type { RecordedCall } from "./recording.ts";

type Json = Record<string, unknown>;

/** A recorded request, and the events of its response. */
export function upgradeResponse(recorded: Json | null): Json | null {
  if (!recorded) return null;
  const { expects, events } = recorded as { expects: Json; events: Json[] };
  const messages = (expects.messages as Json[]).map((message) =>
    message.role === "assistant" ? { ...message, content: (message.content as Json[]).map(upgradePart) } : message,
  );
  return { ...recorded, expects: { ...expects, messages }, events: events.map(upgradePart) };
}

/** A call that did not settle has the value null. */
export function upgradeCall({ value, ...call }: RecordedCall): RecordedCall {
  if (value === null) return { ...call, value };
  if (call.kind === "judge") return { ...call, value: rename(value as Json, "firm", "requiresPerson") };
  const { result } = value as { result?: Json };
  if (call.kind !== "plan" || !result) return { ...call, value };
  return { ...call, value: { ...(value as Json), result: rename(result, "wants", "accesses") } };
}

const upgradePart = (part: Json): Json =>
  rename(part.type === "retry" ? rename(part, "why", "reason") : part, "replay", "providerMetadata");

function rename(object: Json, from: string, to: string): Json {
  if (!(from in object)) return object;
  const { [from]: value, ...rest } = object;
  return { ...rest, [to]: value };
}
