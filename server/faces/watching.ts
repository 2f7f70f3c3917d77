/**
 * What one connection watches: events in order without a gap, each encoded once for all watchers. A connection that lets them pile
 * up gets the view, whole, when it reads again; nobody else waits for it.
 */
import type { Envelope, Failure } from "../../protocol/events.ts";
import type { Participant } from "../../protocol/method.ts";
import { notifications } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import { windowOf } from "../../protocol/window.ts";
import { MAX_BACKLOG } from "./transport.ts";
import type { Wire } from "./wire.ts";

export interface Watchable {
  view(): SessionView;
  watch(watcher: (envelope: Envelope) => void, lost?: (why: Failure) => void): () => void;
}

export interface Watching {
  /** The view now; every event after it follows once the answer with this view was written. */
  start(id: string, session: Watchable, parts?: number): SessionView;
  /** Goes on with another object for the same session, beginning with its view, whole; nothing where it is not watched. */
  renew(id: string, session: Watchable): void;
  /** Says who watches, once the view was written; nothing where it is not watched. */
  present(id: string, participants: readonly Participant[]): void;
  stop(id: string): void;
  stopAll(): void;
  ids(): string[];
}

const LOW = 64 * 1024;

const encoded = new WeakMap<Envelope, string>();
function eventText(session: string, envelope: Envelope): string {
  const known = encoded.get(envelope);
  if (known !== undefined) return known;
  const text = messageText(notifications.sessionEvent.type.method, { session, envelope });
  encoded.set(envelope, text);
  return text;
}

interface Follow {
  parts: number | undefined;
  stop(): void;
  catchUp(): void;
  present(participants: readonly Participant[]): void;
}

const messageText = (method: string, params: unknown): string => JSON.stringify({ jsonrpc: "2.0", method, params });

const shownOf = (session: Watchable, parts: number | undefined): SessionView =>
  parts === undefined ? session.view() : windowOf(session.view(), parts);

/** `changed`: from now on this connection watches the session, or does no more. */
export function createWatching(wire: Wire, changed: (id: string) => void): Watching {
  const follows = new Map<string, Follow>();
  wire.onFlushed(() => {
    if (wire.backlog() <= LOW) for (const { catchUp } of follows.values()) catchUp();
  });

  const follow = (id: string, session: Watchable, parts: number | undefined, behind = false): Follow => {
    /** Events that came before the answer with the view was written. */
    let held: Envelope[] | null = [];
    /** Who is there, where that could not be said yet. */
    let untold: readonly Participant[] | null = null;
    let stopped = false;

    const catchUp = (): void => {
      if (!behind || wire.backlog() > LOW) return;
      behind = false;
      const params = { session: id, view: shownOf(session, parts) };
      wire.send(messageText(notifications.sessionSnapshot.type.method, params));
      tell();
    };
    const tell = (): void => {
      if (untold === null || held || behind) return;
      const params = { session: id, participants: untold };
      untold = null;
      wire.send(messageText(notifications.sessionPresence.type.method, params));
    };
    const send = (envelope: Envelope): void => {
      if (held) {
        held.push(envelope);
        return;
      }
      if (behind) return;
      const text = eventText(id, envelope);
      const waits = wire.backlog();
      if (waits > 0 && waits + text.length > MAX_BACKLOG) behind = true;
      else wire.send(text);
    };
    const lost = (failure: Failure): void => {
      wire.send(messageText(notifications.sessionLost.type.method, { session: id, failure }));
    };
    const unwatch = session.watch(send, lost);
    // The answer is written in the microtasks after this one, so it precedes what this lets go.
    setImmediate(() => {
      const early = held ?? [];
      held = null;
      if (stopped) return;
      tell();
      for (const envelope of early) send(envelope);
      catchUp();
    });
    return {
      parts,
      catchUp,
      present(participants) {
        untold = participants;
        if (wire.backlog() > MAX_BACKLOG) behind = true;
        tell();
      },
      stop() {
        stopped = true;
        unwatch();
      },
    };
  };
  const stop = (id: string): void => {
    const one = follows.get(id);
    if (!one) return;
    one.stop();
    follows.delete(id);
    changed(id);
  };
  return {
    start(id, session, parts) {
      follows.get(id)?.stop();
      follows.set(id, follow(id, session, parts));
      changed(id);
      return shownOf(session, parts);
    },
    renew(id, session) {
      const one = follows.get(id);
      if (!one) return;
      one.stop();
      follows.set(id, follow(id, session, one.parts, true));
    },
    present: (id, participants) => follows.get(id)?.present(participants),
    stop,
    stopAll() {
      for (const id of [...follows.keys()]) stop(id);
    },
    ids: () => [...follows.keys()],
  };
}
