/**
 * What one connection watches: events in order without a gap, each encoded once for all watchers. A connection that lets them pile
 * up gets the view, whole, when it reads again; nobody else waits for it.
 */
import type { Envelope, Failure } from "../../protocol/events.ts";
import { notifications } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import { MAX_BACKLOG } from "./transport.ts";
import type { Wire } from "./wire.ts";

export interface Watchable {
  view(): SessionView;
  watch(watcher: (envelope: Envelope) => void, lost?: (why: Failure) => void): () => void;
}

export interface Watching {
  /** The view now; every event after it follows once the answer with this view was written. */
  start(id: string, session: Watchable): SessionView;
  /** Goes on with another object for the same session, beginning with its view, whole; nothing where it is not watched. */
  renew(id: string, session: Watchable): void;
  stop(id: string): void;
  stopAll(): void;
  ids(): string[];
}

const LOW = 64 * 1024;

const encoded = new WeakMap<Envelope, string>();
function eventText(session: string, envelope: Envelope): string {
  const known = encoded.get(envelope);
  if (known !== undefined) return known;
  const method = notifications.sessionEvent.type.method;
  const text = JSON.stringify({ jsonrpc: "2.0", method, params: { session, envelope } });
  encoded.set(envelope, text);
  return text;
}

export function createWatching(wire: Wire): Watching {
  const follows = new Map<string, { stop(): void; catchUp(): void }>();
  wire.onFlushed(() => {
    if (wire.backlog() <= LOW) for (const { catchUp } of follows.values()) catchUp();
  });

  const follow = (id: string, session: Watchable, behind = false) => {
    /** Events that came before the answer with the view was written. */
    let held: Envelope[] | null = [];
    let stopped = false;

    const catchUp = (): void => {
      if (!behind || wire.backlog() > LOW) return;
      behind = false;
      const params = { session: id, view: session.view() };
      wire.send(JSON.stringify({ jsonrpc: "2.0", method: notifications.sessionSnapshot.type.method, params }));
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
      const params = { session: id, failure };
      wire.send(JSON.stringify({ jsonrpc: "2.0", method: notifications.sessionLost.type.method, params }));
    };
    const unwatch = session.watch(send, lost);
    // The answer is written in the microtasks after this one, so it precedes what this lets go.
    setImmediate(() => {
      const early = held ?? [];
      held = null;
      if (stopped) return;
      for (const envelope of early) send(envelope);
      catchUp();
    });
    const stop = (): void => {
      stopped = true;
      unwatch();
    };
    return { stop, catchUp };
  };
  const stop = (id: string): void => {
    follows.get(id)?.stop();
    follows.delete(id);
  };
  return {
    start(id, session) {
      stop(id);
      follows.set(id, follow(id, session));
      return session.view();
    },
    renew(id, session) {
      if (!follows.has(id)) return;
      stop(id);
      follows.set(id, follow(id, session, true));
    },
    stop,
    stopAll() {
      for (const id of [...follows.keys()]) stop(id);
    },
    ids: () => [...follows.keys()],
  };
}
