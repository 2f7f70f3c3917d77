/** Detects a model that repeats itself or fails repeatedly. It only counts; the agent loop ends the turn. */
import type { Failure } from "../../protocol/events.ts";
import type { Limits } from "./turn-context.ts";

export interface LoopDetector {
  /** A call was run; its signature includes the output. */
  onCall(signature: string): Failure | null;
  /** A call was parsed, or was invalid. */
  onParsed(ok: boolean): Failure | null;
  onRefused(signature: string): Failure | null;
  onResponse(empty: boolean): Failure | null;
}

export function createLoopDetector(limits: Limits, earlier: readonly string[]): LoopDetector {
  const calls = earlier.slice(-2 * limits.identicalCalls);
  let callsInTurn = 0;
  const refusals = new Map<string, number>();
  let invalid = 0;
  let empty = 0;
  return {
    onCall(signature) {
      calls.push(signature);
      callsInTurn += 1;
      const period = findRepetitionPeriod(calls, limits.identicalCalls);
      // The same call once in each of several turns is the user's request; only repetition within a turn is a loop.
      if (period === 0 || callsInTurn <= period) return null;
      const subject = period === 1 ? "The same call" : "The same two calls";
      return createLimitFailure(
        `${subject} came ${limits.identicalCalls} times in a row, so the turn was stopped. Describe what to do differently and prompt again.`,
      );
    },
    onParsed(ok) {
      invalid = ok ? 0 : invalid + 1;
      if (invalid < limits.invalidCalls) return null;
      return createLimitFailure(
        `The model made ${invalid} invalid calls in a row. Try a stronger model, or one with tool calling.`,
      );
    },
    onRefused(signature) {
      const count = (refusals.get(signature) ?? 0) + 1;
      refusals.set(signature, count);
      if (count < limits.refusals) return null;
      return {
        code: "refused",
        message: `The model repeated a refused call ${count} times, so the turn was stopped.`,
      };
    },
    onResponse(isEmpty) {
      empty = isEmpty ? empty + 1 : 0;
      if (empty < limits.emptyResponses) return null;
      return {
        code: "model",
        message: `The model returned ${empty} empty responses in a row. Prompt again or try another model.`,
      };
    },
  };
}

const createLimitFailure = (message: string): Failure => ({ code: "limit", message });

/** 1 if the last `times` calls are identical, 2 if the last `2 × times` alternate between two calls, otherwise 0. */
function findRepetitionPeriod(calls: readonly string[], times: number): 0 | 1 | 2 {
  for (const period of [1, 2] as const) {
    const last = calls.slice(-period * times);
    if (last.length === period * times && last.every((call, index) => call === last[index % period])) return period;
  }
  return 0;
}
