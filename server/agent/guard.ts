/** When to stop a model that goes in circles. Counts only; what to do about it is the loop's business. */
import type { Failure } from "../../protocol/events.ts";
import type { Limits } from "./turn.ts";

export interface Guard {
  /** A call was run; its signature has what came of it, too. */
  called(signature: string): Failure | null;
  /** A call could not be understood, or could. */
  understood(ok: boolean): Failure | null;
  refused(signature: string): Failure | null;
  answered(empty: boolean): Failure | null;
}

export function createGuard(limits: Limits, earlier: readonly string[]): Guard {
  const calls = earlier.slice(-2 * limits.identicalCalls);
  let own = 0;
  const refusals = new Map<string, number>();
  let invalid = 0;
  let empty = 0;
  return {
    called(signature) {
      calls.push(signature);
      own += 1;
      const period = repeats(calls, limits.identicalCalls);
      // Once in each turn is what a person asked for; again in the same turn is the model's own circle.
      if (period === 0 || own <= period) return null;
      const what = period === 1 ? "The same call" : "The same two calls";
      return limit(
        `${what} came ${limits.identicalCalls} times in a row, so the turn was stopped. Say what should be different and prompt again.`,
      );
    },
    understood(ok) {
      invalid = ok ? 0 : invalid + 1;
      if (invalid < limits.invalidCalls) return null;
      return limit(
        `The model made ${invalid} calls in a row that could not be understood. A stronger model, or one with tool calling, may do better.`,
      );
    },
    refused(signature) {
      const count = (refusals.get(signature) ?? 0) + 1;
      refusals.set(signature, count);
      if (count < limits.refusals) return null;
      return {
        code: "refused",
        message: `The model asked ${count} times for something that was refused, so the turn was stopped.`,
      };
    },
    answered(isEmpty) {
      empty = isEmpty ? empty + 1 : 0;
      if (empty < limits.emptyAnswers) return null;
      return {
        code: "model",
        message: `The model gave ${empty} empty answers in a row. Prompt again, or try another model.`,
      };
    },
  };
}

const limit = (message: string): Failure => ({ code: "limit", message });

/** 1 where the last `times` calls are one and the same, 2 where the last `2 × times` are two in turn, else 0. */
function repeats(calls: readonly string[], times: number): 0 | 1 | 2 {
  for (const period of [1, 2] as const) {
    const last = calls.slice(-period * times);
    if (last.length === period * times && last.every((call, index) => call === last[index % period])) return period;
  }
  return 0;
}
