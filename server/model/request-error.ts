/** The error of one request inside server/model: the failure to report, and whether the request may be retried. */
import type { ModelFailure } from "../ports.ts";

/** The retry budget that a retry counts against. `never` is not retried. */
export type RetryClass = "never" | "rate" | "server" | "network" | "timeout" | "empty" | "once";

export interface RequestError {
  failure: ModelFailure;
  retry: RetryClass;
  /** Milliseconds from now, if the endpoint sent a time. */
  retryAfterMs?: number;
  /** The endpoint's own error text, matched by endpoint-quirks.ts. Never shown. */
  endpointText?: string;
  status?: number;
}

const requestErrors = new WeakMap<Error, RequestError>();

/** An Error that carries the request error through code that handles only Error. */
export function toError(requestError: RequestError): Error {
  const error = new Error(requestError.failure.message);
  requestErrors.set(error, requestError);
  return error;
}

/** The request error of an Error or of one of its causes. */
export function findRequestError(error: unknown): RequestError | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth += 1) {
    const requestError = requestErrors.get(at);
    if (requestError !== undefined) return requestError;
  }
  return null;
}
