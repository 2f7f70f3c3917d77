/** Notices of the transcript: those that the server shows, and how a turn failed. Pure. */
import type { EventOf } from "./events.ts";
import type { NoticePart, Part } from "./parts.ts";

export const toCompaction = (
  { summary, reason, tokens }: EventOf<"history.compacted">,
  id: string,
): Extract<Part, { type: "compaction" }> => ({ type: "compaction", id, summary, reason, ...(tokens && { tokens }) });

export const toNotice = (event: EventOf<"notice.shown">, id: string): NoticePart => ({
  type: "notice",
  id,
  level: event.level,
  text: event.text,
  ...(event.until !== undefined && { until: event.until }),
});

/** The notice waits for another attempt. */
export const isRetry = (part: Part | undefined): part is NoticePart & { until: number } =>
  part?.type === "notice" && part.until !== undefined;

/** Not what the user did: a cancelled turn, or a denied approval, which its call shows. */
export const isShownAsEnd = ({ outcome, failure }: EventOf<"turn.ended">): boolean =>
  failure !== undefined && outcome !== "cancelled" && failure.code !== "refused";

export const toEndNotice = ({ turn, outcome, failure }: EventOf<"turn.ended">): NoticePart => ({
  type: "notice",
  id: `end.${turn}`,
  level: outcome === "failed" ? "error" : "warning",
  text: failure?.message ?? outcome,
  endsTurn: true,
});
