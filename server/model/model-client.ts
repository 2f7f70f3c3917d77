/**
 * The model client: streams from any OpenAI-compatible endpoint, driven by a Target. A stream never throws; it ends with exactly one
 * stop. A request that fails before any output is retried as retry.ts decides; after output the response ends as interrupted.
 */
import type { Clock, Model, ModelEvent, ModelFailure, ModelRequest } from "../ports.ts";
import { type AttemptResult, attemptRequest } from "./attempt.ts";
import { createQuirks, learnQuirk } from "./endpoint-quirks.ts";
import { openTransport, type Transport } from "./http.ts";
import type { RequestError } from "./request-error.ts";
import { defaultRequestLimits, type RequestLimits } from "./request-limits.ts";
import { decideRetry, type RetryCounts } from "./retry.ts";
import type { Target } from "./target.ts";

export interface ModelClientDeps {
  clock: Clock;
  /** Shared by all models of a process to reuse connections. */
  transport?: Transport;
  /** Proxy settings, used when no transport is passed. */
  env?: Record<string, string | undefined>;
  limits?: Partial<RequestLimits>;
  /** Returns 0 to 1, for the jitter of retries. */
  random?: () => number;
}

/** The failure of a response that broke off after some output. Such a request is not retried. */
function describeInterruption(error: RequestError): ModelFailure {
  const isFinal = ["auth", "quota", "overflow", "unsupported"].includes(error.failure.kind);
  return isFinal
    ? error.failure
    : { ...error.failure, kind: "cut", message: `The response was cut off: ${error.failure.message}`.slice(0, 300) };
}

/** Adds the endpoint's complaint about an unreadable tool call to the retried request. Done once. */
function addFeedback(request: ModelRequest, error: RequestError): ModelRequest {
  const text = `Your last response could not be read as a tool call:\n${(error.endpointText ?? "").slice(0, 2_000)}\nCall the tool again with valid JSON arguments.`;
  return { ...request, messages: [...request.messages, { role: "user", content: [{ type: "text", text }] }] };
}

export function openModel(target: Target, deps: ModelClientDeps): Model {
  const limits = { ...defaultRequestLimits, ...deps.limits };
  const random = deps.random ?? Math.random;
  const transport = deps.transport ?? openTransport({ env: deps.env ?? {} });
  let quirks = createQuirks(target);

  async function* streamWithRetries(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const started = deps.clock.monotonic();
    const retries: RetryCounts = {};
    let current = request;
    let retryCount = 0;
    let learnedCount = 0;
    for (;;) {
      if (signal.aborted) return yield { type: "stop", reason: "cancelled" };
      const result: AttemptResult = yield* attemptRequest({
        target,
        request: current,
        quirks,
        transport,
        limits,
        signal,
        now: deps.clock.now(),
      });
      if (result.type === "stop") return yield result;
      const { error, hasOutput } = result;
      if (hasOutput) return yield { type: "stop", reason: "failed", failure: describeInterruption(error) };
      const learned = learnedCount < 4 ? learnQuirk(error, quirks, target) : null;
      if (learned !== null) {
        learnedCount += 1;
        quirks = learned.quirks;
        if (learned.notice !== null) yield { type: "notice", text: learned.notice };
        continue;
      }
      const now = deps.clock.now();
      const decision = decideRetry({
        error,
        retries,
        elapsed: deps.clock.monotonic() - started,
        now,
        random: random(),
      });
      if (!decision.retry) {
        const retryAt = decision.retryAt === undefined ? {} : { retryAt: Math.round(decision.retryAt) };
        return yield { type: "stop", reason: "failed", failure: { ...error.failure, ...retryAt } };
      }
      if (error.retry === "once" && error.endpointText?.includes("\n")) current = addFeedback(request, error);
      retries[error.retry] = (retries[error.retry] ?? 0) + 1;
      retryCount += 1;
      yield { type: "retry", attempt: retryCount, until: now + decision.wait, reason: error.failure.message };
      await deps.clock.sleep(decision.wait, signal);
    }
  }

  /** Aborts the inner signal in all cases, so a consumer that leaves the loop early also closes the connection. */
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const inner = new AbortController();
    const stop = () => inner.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      yield* streamWithRetries(request, inner.signal);
    } finally {
      signal.removeEventListener("abort", stop);
      inner.abort();
    }
  }

  return {
    id: `${target.provider}/${target.model}`,
    context: target.limits.context,
    vision: target.vision,
    tools: target.tools,
    inputPrice: target.price?.input ?? null,
    outputPrice: target.price?.output ?? null,
    prefersPatch: target.compat.prefersPatch === true,
    stream,
  };
}
