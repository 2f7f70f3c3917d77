/**
 * The sessions that one connection watches: events in order without a gap, each encoded once for all watchers. A connection that falls
 * too far behind gets the whole view when it reads again; others do not wait for it.
 */
import type { Envelope, Failure } from "../../protocol/events.ts";
import type { Participant } from "../../protocol/method.ts";
import { notifications } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import { lastParts } from "../../protocol/window.ts";
import { MAX_BACKLOG } from "../transport/json-rpc-streams.ts";
import type { Transport } from "../transport/transport.ts";

export interface WatchableSession {
  view(): SessionView;
  watch(watcher: (envelope: Envelope) => void, onFailure?: (failure: Failure) => void): () => void;
}

export interface Subscriptions {
  /** Returns the current view; later events are sent after the response with this view. */
  start(id: string, session: WatchableSession, parts?: number): SessionView;
  /** Continues with another object for the same session, starting with its whole view; does nothing if it is not watched. */
  replaceSession(id: string, session: WatchableSession): void;
  /** Sends the participants, after the view; does nothing if the session is not watched. */
  sendPresence(id: string, participants: readonly Participant[]): void;
  stop(id: string): void;
  stopAll(): void;
  ids(): string[];
}

const LOW_BACKLOG = 64 * 1024;

const encoded = new WeakMap<Envelope, string>();
function encodeEvent(session: string, envelope: Envelope): string {
  const cached = encoded.get(envelope);
  if (cached !== undefined) return cached;
  const text = encodeNotification(notifications.sessionEvent.type.method, { session, envelope });
  encoded.set(envelope, text);
  return text;
}

const encodedPresence = new WeakMap<readonly Participant[], string>();
function encodePresence(session: string, participants: readonly Participant[]): string {
  const cached = encodedPresence.get(participants);
  if (cached !== undefined) return cached;
  const text = encodeNotification(notifications.sessionPresence.type.method, { session, participants });
  encodedPresence.set(participants, text);
  return text;
}

interface Subscription {
  parts: number | undefined;
  stop(): void;
  catchUp(): void;
  sendPresence(participants: readonly Participant[]): void;
}

const encodeNotification = (method: string, params: unknown): string =>
  JSON.stringify({ jsonrpc: "2.0", method, params });

const viewFor = (session: WatchableSession, parts: number | undefined): SessionView =>
  parts === undefined ? session.view() : lastParts(session.view(), parts);

/** `changed` is called when this connection starts or stops watching a session. */
export function createSubscriptions(transport: Transport, onWatchChange: (id: string) => void): Subscriptions {
  const subscriptions = new Map<string, Subscription>();
  transport.onFlushed(() => {
    if (transport.backlog() <= LOW_BACKLOG) for (const { catchUp } of subscriptions.values()) catchUp();
  });

  const subscribe = (
    id: string,
    session: WatchableSession,
    parts: number | undefined,
    behind = false,
  ): Subscription => {
    /** Events that arrived before the response with the view was sent; null after that. */
    let early: Envelope[] | null = [];
    /** Participants that could not be sent yet. */
    let unsent: readonly Participant[] | null = null;
    let stopped = false;

    const catchUp = (): void => {
      if (!behind || transport.backlog() > LOW_BACKLOG) return;
      behind = false;
      const params = { session: id, view: viewFor(session, parts) };
      transport.send(encodeNotification(notifications.sessionSnapshot.type.method, params));
      sendUnsent();
    };
    const sendUnsent = (): void => {
      if (unsent === null || early || behind) return;
      const text = encodePresence(id, unsent);
      unsent = null;
      transport.send(text);
    };
    const send = (envelope: Envelope): void => {
      if (early) {
        early.push(envelope);
        return;
      }
      if (behind) return;
      const text = encodeEvent(id, envelope);
      const backlog = transport.backlog();
      if (backlog > 0 && backlog + text.length > MAX_BACKLOG) behind = true;
      else transport.send(text);
    };
    const sendFailure = (failure: Failure): void => {
      transport.send(encodeNotification(notifications.sessionFailed.type.method, { session: id, failure }));
    };
    const unwatch = session.watch(send, sendFailure);
    // The response is sent in the microtasks after this one, so it precedes the events.
    setImmediate(() => {
      const events = early ?? [];
      early = null;
      if (stopped) return;
      sendUnsent();
      for (const envelope of events) send(envelope);
      catchUp();
    });
    return {
      parts,
      catchUp,
      sendPresence(participants) {
        unsent = participants;
        if (transport.backlog() > MAX_BACKLOG) behind = true;
        sendUnsent();
      },
      stop() {
        stopped = true;
        unwatch();
      },
    };
  };
  const stop = (id: string): void => {
    const subscription = subscriptions.get(id);
    if (!subscription) return;
    subscription.stop();
    subscriptions.delete(id);
    onWatchChange(id);
  };
  return {
    start(id, session, parts) {
      subscriptions.get(id)?.stop();
      subscriptions.set(id, subscribe(id, session, parts));
      onWatchChange(id);
      return viewFor(session, parts);
    },
    replaceSession(id, session) {
      const subscription = subscriptions.get(id);
      if (!subscription) return;
      subscription.stop();
      subscriptions.set(id, subscribe(id, session, subscription.parts, true));
    },
    sendPresence: (id, participants) => subscriptions.get(id)?.sendPresence(participants),
    stop,
    stopAll() {
      for (const id of [...subscriptions.keys()]) stop(id);
    },
    ids: () => [...subscriptions.keys()],
  };
}
