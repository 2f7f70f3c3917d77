/** How a turn ended, in the words that both versions of ACP have for it. Pure. */
import type { RequestError } from "@agentclientprotocol/sdk";
import type { TurnEnd } from "../protocol/parts.ts";
import { rpcError } from "./errors.ts";

/** `notice` is for the person, and said before the end. What failed is an error with its sentence. */
export type Ended =
  | { stopReason: "end_turn" | "cancelled" | "max_tokens" | "max_turn_requests"; notice: string | null }
  | { stopReason: "error"; error: RequestError };

export function endedAs({ outcome, failure }: Pick<TurnEnd, "outcome" | "failure">): Ended {
  const why = failure?.message ?? null;
  switch (outcome) {
    case "done":
      return { stopReason: "end_turn", notice: null };
    case "cancelled":
    case "interrupted":
      return { stopReason: "cancelled", notice: null };
    case "limit":
      // The one limit that is the model's has no name of its own.
      return { stopReason: /output limit/.test(why ?? "") ? "max_tokens" : "max_turn_requests", notice: why };
    case "failed":
      // A person said no, or a hook: the turn has ended, and nothing is broken.
      if (failure?.code === "refused") return { stopReason: "end_turn", notice: failure.message };
      return { stopReason: "error", error: rpcError(failure?.code ?? "failed", why ?? "The turn failed.") };
    default:
      return outcome satisfies never;
  }
}
