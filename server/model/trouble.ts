/** What went wrong with one request, as the door passes it around inside: a failure for people, and what may be done about it. */
import type { ModelFailure } from "../ports.ts";

/** Which budget of tries a repetition is counted against; `never` is not repeated. */
export type RetryClass = "never" | "rate" | "server" | "network" | "timeout" | "empty" | "once";

export interface Trouble {
  failure: ModelFailure;
  retry: RetryClass;
  /** Milliseconds from now, where the endpoint said when to come back. */
  after?: number;
  /** What the endpoint wrote, for lessons to be learned from; never shown. */
  said?: string;
  status?: number;
}

const carried = new WeakMap<Error, Trouble>();

/** An Error that carries the trouble through code that only knows errors. */
export function asError(trouble: Trouble): Error {
  const error = new Error(trouble.failure.message);
  carried.set(error, trouble);
  return error;
}

/** The trouble inside an error, also where other code wrapped it. */
export function troubleIn(error: unknown): Trouble | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    const trouble = carried.get(at);
    if (trouble !== undefined) return trouble;
  }
  return null;
}
