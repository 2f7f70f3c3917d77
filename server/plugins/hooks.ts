/**
 * Calls the listeners of a hook event, in the order of the configuration, each within its timeout, and collects their answers. Listeners
 * of an event whose payload they may change (a prompt, an input) run one after the other; all others run in parallel.
 */
import { describeError } from "../../protocol/errors.ts";
import type { Author } from "../../protocol/events.ts";
import { type HookAnswer, type HookEvent, type HookPayload, type HookSpec, hookEvents } from "../../protocol/plugin.ts";
import type { GlobCompiler } from "../permission/rules.ts";
import type { Clock } from "../ports.ts";

export interface HookSource {
  by: Author;
  specs: readonly HookSpec[];
  /** Null if the source does not implement the event. Rejects if it fails or times out. */
  call(
    event: HookEvent,
    payload: Record<string, unknown>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Record<string, unknown> | null>;
}

export interface HookResult<E extends HookEvent> {
  by: Author;
  answer: HookAnswer<E>;
}

/** A listener that failed. `failsClosed`: the action is refused. */
export interface HookFailure {
  by: Author;
  reason: string;
  failsClosed: boolean;
}

export interface HookResults<E extends HookEvent> {
  results: HookResult<E>[];
  failed: HookFailure[];
}

const TIMEOUT_MS = 5_000;

export interface HookDispatcher {
  /** True if a listener would be called. */
  hasListener(event: HookEvent, subject?: string): boolean;
  /** `subject`: the tool or path that matchers are tested against. `next` creates the payload for the following listeners. */
  dispatch<E extends HookEvent>(
    event: E,
    payload: HookPayload<E>,
    options: {
      subject?: string;
      signal: AbortSignal;
      next?(payload: HookPayload<E>, answer: HookAnswer<E>): HookPayload<E>;
    },
  ): Promise<HookResults<E>>;
}

export function createHookDispatcher(
  sources: readonly HookSource[],
  clock: Clock,
  globs: GlobCompiler,
): HookDispatcher {
  const listenersOf = (event: HookEvent, subject: string | undefined) =>
    sources.flatMap((source) =>
      source.specs
        .filter((spec) => spec.event === event && matchesSubject(spec.match, subject, globs))
        .map((spec) => ({ source, spec })),
    );

  return {
    hasListener: (event, subject) => listenersOf(event, subject).length > 0,
    async dispatch(event, payload, { subject, signal, next }) {
      const listeners = listenersOf(event, subject);
      const outcome: HookResults<typeof event> = { results: [], failed: [] };
      let current = payload;
      const call = async ({ source, spec }: (typeof listeners)[number]): Promise<void> => {
        const response = await callSource(source, spec, current, clock, signal);
        if ("reason" in response) outcome.failed.push(response);
        else if (response.answer) {
          const answer = response.answer as HookAnswer<typeof event>;
          outcome.results.push({ by: source.by, answer });
          if (next) current = next(current, answer);
        }
      };
      if (next) for (const listener of listeners) await call(listener);
      else {
        await Promise.all(listeners.map(call));
        const order = listeners.map(({ source }) => source.by);
        outcome.results.sort((a, b) => order.indexOf(a.by) - order.indexOf(b.by));
      }
      return outcome;
    },
  };
}

async function callSource(
  { by, call }: HookSource,
  spec: HookSpec,
  payload: Record<string, unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ answer: Record<string, unknown> | null } | HookFailure> {
  const { event, timeoutMs = TIMEOUT_MS, onFailure = "open" } = spec;
  const settled = new AbortController();
  const stop = AbortSignal.any([signal, settled.signal]);
  const timeout = clock.sleep(timeoutMs, stop).then((): never => {
    throw new Error(signal.aborted ? "the turn was cancelled" : `it did not respond within ${timeoutMs / 1000} s`);
  });
  timeout.catch(() => undefined);
  try {
    const answer = await Promise.race([call(event, payload, timeoutMs, stop), timeout]);
    if (answer === null) return { answer: null };
    const parsed = hookEvents[event].answer.safeParse(answer);
    if (parsed.success) return { answer: parsed.data };
    const [issue] = parsed.error.issues;
    throw new Error(`its answer is invalid at ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  } catch (error) {
    return { by, reason: describeError(error), failsClosed: onFailure === "closed" };
  } finally {
    settled.abort();
  }
}

function matchesSubject(match: string | undefined, subject: string | undefined, globs: GlobCompiler): boolean {
  if (match === undefined || match === "*" || subject === undefined) return true;
  return match.split("|").some((pattern) => globs(pattern.trim(), { dot: true, nocase: false })(subject));
}
