/**
 * The one door to models: any OpenAI-compatible endpoint, driven by a Target. A stream never throws; it ends with one stop. What
 * fails before anything was said is tried again as retry.ts decides, after it the answer ends as cut.
 */
import type { Clock, Model, ModelEvent, ModelFailure, ModelRequest } from "../ports.ts";
import { attempt, type Ending, type Seats } from "./attempt.ts";
import { type DoorLimits, doorLimits } from "./limits.ts";
import { lessonFrom, openMemory } from "./memory.ts";
import { decideRetry, type Tries } from "./retry.ts";
import type { Target } from "./target.ts";
import { openTransport, type Transport } from "./transport.ts";
import type { Trouble } from "./trouble.ts";

export interface DoorDeps {
  clock: Clock;
  /** Shared by all models of a process, so that connections are reused. */
  transport?: Transport;
  /** For proxies, where no transport is given. */
  env?: Record<string, string | undefined>;
  limits?: Partial<DoorLimits>;
  /** 0 up to 1, for the jitter of retries. */
  random?: () => number;
}

/** An answer that broke off: the same failure, but said to be of the middle, and not repeated. */
function cutFailure(trouble: Trouble): ModelFailure {
  const whole = ["auth", "quota", "overflow", "unsupported"].includes(trouble.failure.kind);
  return whole
    ? trouble.failure
    : { ...trouble.failure, kind: "cut", message: `The answer was cut off: ${trouble.failure.message}`.slice(0, 300) };
}

/** What a refused generation teaches the next try: it is told what was wrong, once. */
function withFeedback(request: ModelRequest, trouble: Trouble): ModelRequest {
  const text = `Your last answer could not be read as a tool call:\n${(trouble.said ?? "").slice(0, 2_000)}\nCall the tool again with valid JSON arguments.`;
  return { ...request, messages: [...request.messages, { role: "user", content: [{ type: "text", text }] }] };
}

export function openModel(target: Target, deps: DoorDeps): Model {
  const limits = { ...doorLimits, ...deps.limits };
  const random = deps.random ?? Math.random;
  const transport = deps.transport ?? openTransport({ env: deps.env ?? {} });
  let memory = openMemory(target);
  const seats: Seats = [];

  async function* tries(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const started = deps.clock.monotonic();
    const done: Tries = {};
    let asked = request;
    let count = 0;
    let lessons = 0;
    for (;;) {
      if (signal.aborted) return yield { type: "stop", reason: "cancelled" };
      const ending: Ending = yield* attempt({
        target,
        request: asked,
        memory,
        transport,
        limits,
        signal,
        now: deps.clock.now(),
        seats,
      });
      if (ending.type === "stop") return yield ending;
      const { trouble, said } = ending;
      if (said) return yield { type: "stop", reason: "failed", failure: cutFailure(trouble) };
      const lesson = lessons < 4 ? lessonFrom(trouble, memory, target) : null;
      if (lesson !== null) {
        lessons += 1;
        memory = lesson.memory;
        if (lesson.notice !== null) yield { type: "notice", text: lesson.notice };
        continue;
      }
      const now = deps.clock.now();
      const decision = decideRetry({
        trouble,
        tries: done,
        spent: deps.clock.monotonic() - started,
        now,
        random: random(),
      });
      if (!decision.again) {
        const retryAt = decision.retryAt === undefined ? {} : { retryAt: Math.round(decision.retryAt) };
        return yield { type: "stop", reason: "failed", failure: { ...trouble.failure, ...retryAt } };
      }
      if (trouble.retry === "once" && trouble.said?.includes("\n")) asked = withFeedback(request, trouble);
      done[trouble.retry] = (done[trouble.retry] ?? 0) + 1;
      count += 1;
      yield { type: "retry", attempt: count, until: now + decision.wait, why: trouble.failure.message };
      await deps.clock.sleep(decision.wait, signal);
    }
  }

  /** Leaving the loop early also closes the connection. */
  async function* stream(request: ModelRequest, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const inner = new AbortController();
    const stop = () => inner.abort(signal.reason);
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      yield* tries(request, inner.signal);
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
    prefersPatch: target.compat.prefersPatch === true,
    stream,
  };
}
