/** Dispatches the hook events of one turn and records every effect in the session's log, with the hook as its author. */
import type { Author, EventOf } from "../../protocol/events.ts";
import type { HookAnswer, HookEvent, HookPayload } from "../../protocol/plugin.ts";
import type { HookDispatcher, HookResult, HookResults } from "../plugins/hooks.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";

type Effect = EventOf<"hook.done">["effect"];

export interface DispatchOptions<E extends HookEvent> {
  /** The tool or path that matchers are tested against. */
  subject?: string;
  call?: string;
  /** The answer of a listener that failed and fails closed. */
  refusal?(reason: string): HookAnswer<E>;
  /** The payload for the following listeners. */
  next?(payload: HookPayload<E>, answer: HookAnswer<E>): HookPayload<E>;
  /** In place of the turn's own signal. */
  signal?: AbortSignal;
}

export interface TurnDispatch {
  session: TurnSession;
  inSession: { session: string; cwd: string };
  inTurn: { session: string; cwd: string; turn: string };
  hasListener(event: HookEvent): boolean;
  dispatch<E extends HookEvent>(
    event: E,
    payload: HookPayload<E>,
    options?: DispatchOptions<E>,
  ): Promise<HookResult<E>[]>;
  record(
    by: Author,
    hook: HookEvent,
    effect: Effect,
    details?: { call?: string; text?: string; input?: unknown },
  ): void;
  /** Notifies listeners of `notification`, without waiting for them. */
  notify(text: string): void;
}

/** For events that end a turn: the turn's own signal may have fired. */
export const NEVER_ABORTED = new AbortController().signal;

export function createTurnDispatch(dispatcher: HookDispatcher, session: TurnSession): TurnDispatch {
  const { turn, signal } = session;
  const { id, cwd } = session.view();
  const inSession = { session: id, cwd };
  const record: TurnDispatch["record"] = (by, hook, effect, details = {}) =>
    void session.append({ type: "hook.done", hook, effect, turn, ...details }, by);
  return {
    session,
    inSession,
    inTurn: { ...inSession, turn },
    hasListener: (event) => dispatcher.hasListener(event),
    async dispatch<E extends HookEvent>(event: E, payload: HookPayload<E>, options: DispatchOptions<E> = {}) {
      const { subject, call, refusal, next } = options;
      if (!dispatcher.hasListener(event, subject)) return [];
      const { results, failed }: HookResults<E> = await dispatcher.dispatch(event, payload, {
        signal: options.signal ?? signal,
        ...(subject !== undefined && { subject }),
        ...(next && { next }),
      });
      for (const { by, reason, failsClosed } of failed) {
        if ((options.signal ?? signal).aborted) break;
        record(by, event, "failed", { text: reason, ...(call !== undefined && { call }) });
        if (failsClosed && refusal)
          results.push({ by, answer: refusal(`${by.name} must approve this, but it failed: ${reason}`) });
      }
      return results;
    },
    record,
    notify(text) {
      if (!dispatcher.hasListener("notification")) return;
      void dispatcher.dispatch("notification", { ...inSession, text }, { signal: NEVER_ABORTED }).then(({ failed }) => {
        for (const { by, reason } of failed) record(by, "notification", "failed", { text: reason });
      });
    },
  };
}
