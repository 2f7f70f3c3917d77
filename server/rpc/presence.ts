/**
 * Who watches each session. A change is encoded once for all watchers, and changes of a large session are sent together. The list of
 * participants is limited, so that neither a message nor a client grows with the number of watchers; their count is always exact.
 */
import type { Participant } from "../../protocol/method.ts";
import { notifications } from "../../protocol/methods.ts";
import {
  comparePresence,
  listParticipants,
  nobody,
  type ParticipantList,
  type PresenceChange,
} from "../../protocol/participants.ts";
import { encodeNotification, once } from "./encode.ts";

export interface Watcher {
  /** Null until `initialize` was called. */
  participant(): Participant | null;
  sendPresence(session: string, update: PresenceUpdate): void;
}

/** What a watcher gets: the change, or the list if it does not have the one before. Both are encoded when they are first needed. */
export interface PresenceUpdate {
  list(): Uint8Array;
  /** Null if nothing has changed. */
  change: (() => Uint8Array) | null;
}

export interface Presence {
  /** Also adds one again: it gets the list again. */
  add(session: string, watcher: Watcher): void;
  remove(session: string, watcher: Watcher): void;
  /** What it is doing has changed. Sent after a moment, with the other changes until then; ignored if it does not watch the session. */
  update(session: string, watcher: Watcher): void;
  /** All watchers, those without a participant included. */
  count(session: string): number;
  participants(session: string): ParticipantList;
  /** Calls the listener with the participants of a session when they have changed. One listener. */
  onChanged(listener: (session: string, participants: ParticipantList) => void): void;
}

/** Up to this many watchers, each change is sent at once. */
const SMALL_SESSION = 8;
const MS_PER_WATCHER = 2;
const MAX_DELAY_MS = 1000;
/** Typing and scrolling change often. */
const UPDATE_MS = 200;
/** Beyond this many watchers, viewers who type or scroll cause no message, as each would go to all; a raised hand does. */
const LARGE_SESSION = 50;

export function createPresence(): Presence {
  const sessions = new Map<string, WatchedSession>();
  let changed: (session: string, participants: ParticipantList) => void = () => undefined;

  const send = (id: string, session: WatchedSession): void => {
    const current = readParticipants(session.watchers);
    const change = comparePresence(session.sent, current);
    session.sent = current;
    const update = createUpdate(id, change, current);
    if (change) changed(id, current);
    for (const watcher of session.watchers) watcher.sendPresence(id, update);
    if (session.watchers.size === 0) sessions.delete(id);
  };
  const schedule = (id: string, session: WatchedSession): void => {
    if (session.isScheduled) return;
    const { size } = session.watchers;
    if (size <= SMALL_SESSION) {
      send(id, session);
      return;
    }
    sendLater(id, session, size * MS_PER_WATCHER);
  };
  const sendLater = (id: string, session: WatchedSession, delay: number): void => {
    if (session.isScheduled) return;
    session.isScheduled = true;
    const sendAll = (): void => {
      session.isScheduled = false;
      send(id, session);
    };
    setTimeout(sendAll, Math.min(MAX_DELAY_MS, delay)).unref();
  };
  return {
    add(id, watcher) {
      const session = sessions.get(id) ?? { watchers: new Set(), sent: nobody, isScheduled: false };
      sessions.set(id, session);
      session.watchers.add(watcher);
      schedule(id, session);
    },
    remove(id, watcher) {
      const session = sessions.get(id);
      if (session?.watchers.delete(watcher)) schedule(id, session);
    },
    update(id, watcher) {
      const session = sessions.get(id);
      if (!session?.watchers.has(watcher)) return;
      const participant = watcher.participant();
      if (session.watchers.size <= LARGE_SESSION || participant?.role !== "viewer" || participant.hand)
        sendLater(id, session, Math.max(UPDATE_MS, session.watchers.size * MS_PER_WATCHER));
    },
    count: (id) => sessions.get(id)?.watchers.size ?? 0,
    participants: (id) => readParticipants(sessions.get(id)?.watchers ?? []),
    onChanged(listener) {
      changed = listener;
    },
  };
}

interface WatchedSession {
  /** In the order in which they began to watch. */
  watchers: Set<Watcher>;
  /** What all watchers know that can read as fast as they are sent to. */
  sent: ParticipantList;
  isScheduled: boolean;
}

const readParticipants = (watchers: Iterable<Watcher>): ParticipantList =>
  listParticipants([...watchers].map((watcher) => watcher.participant()).filter((participant) => participant !== null));

function createUpdate(session: string, change: PresenceChange | null, current: ParticipantList): PresenceUpdate {
  const { sessionPresence, sessionPresenceChanged } = notifications;
  return {
    list: once(() => encodeNotification(sessionPresence.type.method, { session, ...current })),
    change: change && once(() => encodeNotification(sessionPresenceChanged.type.method, { session, ...change })),
  };
}
