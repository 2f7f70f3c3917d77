/**
 * The sessions that one connection watches: events in order without a gap, each encoded once for all watchers. A connection that falls
 * too far behind gets the whole view when it reads again; others do not wait for it.
 */
import type { Envelope, Failure } from "../../protocol/events.ts";
import { notifications } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import { MAX_BACKLOG } from "../transport/json-rpc-streams.ts";
import type { Transport } from "../transport/transport.ts";
import { encodeEvent, encodeNotification, encodeView } from "./encode.ts";
import type { PresenceUpdate } from "./presence.ts";

export interface WatchableSession {
  view(): SessionView;
  watch(watcher: (envelope: Envelope) => void, onFailure?: (failure: Failure) => void): () => void;
}

export interface Subscriptions {
  /** Returns the response with the current view; later events are sent after it. */
  start(id: string, session: WatchableSession, parts?: number): { view: SessionView };
  /** Continues with another object for the same session, starting with its whole view; does nothing if it is not watched. */
  replaceSession(id: string, session: WatchableSession): void;
  /** Sends how the participants have changed, or their list after a view; does nothing if the session is not watched. */
  sendPresence(id: string, update: PresenceUpdate): void;
  stop(id: string): void;
  stopAll(): void;
}

const LOW_BACKLOG = 64 * 1024;

interface Subscription {
  parts: number | undefined;
  stop(): void;
  catchUp(): void;
  sendPresence(update: PresenceUpdate): void;
}

export interface SubscriptionListener {
  /** This connection starts to watch a session, also if it did before. */
  started(id: string): void;
  stopped(id: string): void;
}

export function createSubscriptions(transport: Transport, listener: SubscriptionListener): Subscriptions {
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
    /** The last one, to which the list of participants belongs that this client gets when it lacks one. */
    let presence: PresenceUpdate | null = null;
    let hasList = false;
    let stopped = false;

    const catchUp = (): void => {
      if (!behind || transport.backlog() > LOW_BACKLOG) return;
      behind = false;
      transport.send(encodeView(id, session.view(), parts).snapshot());
      sendList();
    };
    const sendList = (): void => {
      if (presence === null || hasList || early || behind) return;
      hasList = true;
      transport.send(presence.list());
    };
    const send = (envelope: Envelope): void => {
      if (early) {
        early.push(envelope);
        return;
      }
      if (behind) return;
      const message = encodeEvent(id, envelope);
      const backlog = transport.backlog();
      if (backlog > 0 && backlog + message.length > MAX_BACKLOG) behind = true;
      else transport.send(message);
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
      sendList();
      for (const envelope of events) send(envelope);
      catchUp();
    });
    return {
      parts,
      catchUp,
      sendPresence(update) {
        presence = update;
        if (transport.backlog() > MAX_BACKLOG) behind = true;
        if (behind || early) hasList = false;
        else if (!hasList) sendList();
        else if (update.change) transport.send(update.change());
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
    listener.stopped(id);
  };
  return {
    start(id, session, parts) {
      subscriptions.get(id)?.stop();
      subscriptions.set(id, subscribe(id, session, parts));
      listener.started(id);
      return encodeView(id, session.view(), parts).result;
    },
    replaceSession(id, session) {
      const subscription = subscriptions.get(id);
      if (!subscription) return;
      subscription.stop();
      subscriptions.set(id, subscribe(id, session, subscription.parts, true));
    },
    sendPresence: (id, update) => subscriptions.get(id)?.sendPresence(update),
    stop,
    stopAll() {
      for (const id of [...subscriptions.keys()]) stop(id);
    },
  };
}
