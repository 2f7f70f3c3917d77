/** Maps the end of a turn to the stop reasons that both versions of ACP share. Pure. */
import type { RequestError } from "@agentclientprotocol/sdk";
import type { TurnEnd } from "../protocol/parts.ts";
import { rpcError } from "./errors.ts";

/** `notice` is shown to the user before the end. A failure is an error. */
export type StopResult =
  | { stopReason: "end_turn" | "cancelled" | "max_tokens" | "max_turn_requests"; notice: string | null }
  | { stopReason: "error"; error: RequestError };

export function stopReasonOf({ outcome, failure }: Pick<TurnEnd, "outcome" | "failure">): StopResult {
  const message = failure?.message ?? null;
  switch (outcome) {
    case "done":
      return { stopReason: "end_turn", notice: null };
    case "cancelled":
    case "interrupted":
      return { stopReason: "cancelled", notice: null };
    case "limit":
      return { stopReason: failure?.code === "outputLimit" ? "max_tokens" : "max_turn_requests", notice: message };
    case "failed":
      // The user or a hook denied a call: the turn has ended normally.
      if (failure?.code === "refused") return { stopReason: "end_turn", notice: failure.message };
      return { stopReason: "error", error: rpcError(failure?.code ?? "failed", message ?? "The turn failed.") };
    default:
      return outcome satisfies never;
  }
}
