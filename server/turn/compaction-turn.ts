/** A turn that only compacts the history, because the user asked for it. Why nothing was compacted is said, since nothing else shows it. */
import type { Failure } from "../../protocol/events.ts";
import type { TurnResult } from "../agent/turn-context.ts";
import type { ModelFailure } from "../ports.ts";
import { SERVER_AUTHOR } from "../session/session.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import type { ContextWindow } from "./context-window.ts";

export async function runCompactionTurn(
  { signal, append }: TurnSession,
  { compactNow }: Pick<ContextWindow, "compactNow">,
  focus: string,
): Promise<TurnResult> {
  const problem = await compactNow("You asked for it.", focus);
  if (signal.aborted) return { outcome: "cancelled" };
  if (problem?.reason === "noSummary") return { outcome: "failed", failure: toFailure(problem.failure) };
  if (problem) {
    const text = "Nothing was compacted: a summary would not be shorter than the conversation.";
    append({ type: "notice.shown", level: "info", text }, SERVER_AUTHOR);
  }
  return { outcome: "done" };
}

const toFailure = (failure: ModelFailure | null): Failure => ({
  code: failure?.kind === "auth" || failure?.kind === "overflow" ? failure.kind : "model",
  message: `The conversation was not compacted: ${failure?.message ?? "the model wrote no summary."}`,
});
