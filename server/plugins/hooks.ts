/**
 * Calls everybody who wants to hear of an event, in the order of the configuration, within the time that each was given, and says what
 * they answered. Who may change what the others see (a prompt, an input) comes one after the other; the rest are called side by side.
 */
import type { Author } from "../../protocol/events.ts";
import { type HookAnswer, type HookEvent, type HookPayload, type HookSpec, hookEvents } from "../../protocol/plugin.ts";
import type { Globs } from "../permission/rules.ts";
import type { Clock } from "../ports.ts";

export interface HookSource {
  by: Author;
  specs: readonly HookSpec[];
  /** Null where it does not know the event. Rejects where it fails or takes too long. */
  call(
    event: HookEvent,
    payload: Record<string, unknown>,
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<Record<string, unknown> | null>;
}

export interface Heard<E extends HookEvent> {
  by: Author;
  answer: HookAnswer<E>;
}

/** One that failed; `closed`: what it was asked about is refused. */
export interface Failed {
  by: Author;
  why: string;
  closed: boolean;
}

export interface Firing<E extends HookEvent> {
  heard: Heard<E>[];
  failed: Failed[];
}

const TIMEOUT_MS = 5_000;

export interface Bell {
  /** True where somebody would be called. */
  listens(event: HookEvent, subject?: string): boolean;
  /** `subject`: the tool or the path that matchers look at. `next` makes the payload for who comes later, where it changes. */
  fire<E extends HookEvent>(
    event: E,
    payload: HookPayload<E>,
    how: {
      subject?: string;
      signal: AbortSignal;
      next?(payload: HookPayload<E>, answer: HookAnswer<E>): HookPayload<E>;
    },
  ): Promise<Firing<E>>;
}

export function createBell(sources: readonly HookSource[], clock: Clock, globs: Globs): Bell {
  const wanted = (event: HookEvent, subject: string | undefined) =>
    sources.flatMap((source) =>
      source.specs
        .filter((spec) => spec.event === event && matches(spec.match, subject, globs))
        .map((spec) => ({ source, spec })),
    );

  return {
    listens: (event, subject) => wanted(event, subject).length > 0,
    async fire(event, payload, { subject, signal, next }) {
      const calls = wanted(event, subject);
      const firing: Firing<typeof event> = { heard: [], failed: [] };
      let told = payload;
      const one = async ({ source, spec }: (typeof calls)[number]): Promise<void> => {
        const given = await callOne(source, spec, told, clock, signal);
        if ("why" in given) firing.failed.push(given);
        else if (given.answer) {
          firing.heard.push({ by: source.by, answer: given.answer as HookAnswer<typeof event> });
          if (next) told = next(told, given.answer as HookAnswer<typeof event>);
        }
      };
      if (next) for (const call of calls) await one(call);
      else {
        await Promise.all(calls.map(one));
        const order = calls.map(({ source }) => source.by);
        firing.heard.sort((a, b) => order.indexOf(a.by) - order.indexOf(b.by));
      }
      return firing;
    },
  };
}

async function callOne(
  { by, call }: HookSource,
  spec: HookSpec,
  payload: Record<string, unknown>,
  clock: Clock,
  signal: AbortSignal,
): Promise<{ answer: Record<string, unknown> | null } | Failed> {
  const { event, timeoutMs = TIMEOUT_MS, onFailure = "open" } = spec;
  const over = new AbortController();
  const late = clock.sleep(timeoutMs, AbortSignal.any([signal, over.signal])).then((): never => {
    throw new Error(signal.aborted ? "the turn was stopped" : `it did not answer within ${timeoutMs / 1000} s`);
  });
  late.catch(() => undefined);
  try {
    const stop = AbortSignal.any([signal, over.signal]);
    const answer = await Promise.race([call(event, payload, timeoutMs, stop), late]);
    if (answer === null) return { answer: null };
    const read = hookEvents[event].answer.safeParse(answer);
    if (read.success) return { answer: read.data };
    const [issue] = read.error.issues;
    throw new Error(`its answer is wrong at ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`);
  } catch (error) {
    return { by, why: error instanceof Error ? error.message : String(error), closed: onFailure === "closed" };
  } finally {
    over.abort();
  }
}

function matches(match: string | undefined, subject: string | undefined, globs: Globs): boolean {
  if (match === undefined || match === "*" || subject === undefined) return true;
  return match.split("|").some((pattern) => globs(pattern.trim(), { dot: true, nocase: false })(subject));
}
