/** A link over a JSON-RPC connection. Detects missed events and requests a new snapshot for the session's watchers. */
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  type MessageReader,
  type MessageWriter,
  ResponseError,
} from "vscode-jsonrpc";
import type { DocumentRequest } from "../protocol/document-methods.ts";
import type { Envelope, Failure } from "../protocol/events.ts";
import type { Link, SessionWatcher } from "../protocol/link.ts";
import type { Participant } from "../protocol/method.ts";
import { notifications, type ParamsOf, type RequestName, type ResultOf, requests } from "../protocol/methods.ts";
import { applyPresence, type ParticipantList, type PresenceChange } from "../protocol/participants.ts";
import type { SessionView } from "../protocol/view.ts";
import { fromResponse } from "../protocol/wire-errors.ts";
import { disconnectedError } from "./errors.ts";

export interface ClientInfo {
  client: { name: string; version: string };
  /** The user can be asked questions through this client. */
  answers: boolean;
}

/** `serverName` is how messages call the server. */
export async function openLink(
  { reader, writer }: { reader: MessageReader; writer: MessageWriter },
  clientInfo: ClientInfo,
  serverName: string,
): Promise<Link> {
  const connection = createMessageConnection(reader, writer);
  const watchedSessions = new Map<string, WatchedSession>();
  const configListeners: (() => void)[] = [];
  const documentListeners: ((request: DocumentRequest) => void)[] = [];
  let closing = false;
  let stopped = false;
  let failure: string | null = null;
  const closed = new Promise<string | null>((resolve) => {
    connection.onClose(() => resolve(closing ? null : (failure ?? `${serverName} closed the connection`)));
  });
  connection.onError(([error]) => {
    failure = error.message;
  });
  const disconnected = closed.then((reason): never => {
    throw disconnectedError(reason);
  });
  disconnected.catch(() => undefined);
  const call = async <K extends RequestName>(
    method: K,
    params: ParamsOf<K>,
    signal?: AbortSignal,
  ): Promise<ResultOf<K>> => {
    // `sendRequest` would treat an undefined token as a parameter.
    const token = signal ? [tokenOf(signal)] : [];
    try {
      return await Promise.race([
        connection.sendRequest<ResultOf<K>>(requests[method].name, params, ...token),
        disconnected,
      ]);
    } catch (error) {
      // A write error means that the connection is lost, even if `closed` has not resolved yet.
      if (error instanceof ResponseError && error.code === ErrorCodes.MessageWriteError)
        throw disconnectedError(error.message);
      throw fromResponse(error);
    }
  };
  const refresh = async (session: string, watchedSession: WatchedSession): Promise<void> => {
    const parts = watchedSession.parts();
    const { view } = await call("sessionWatch", { session, ...(parts !== undefined && { parts }) });
    watchedSession.snapshot(view);
  };
  connection.onNotification(notifications.sessionEvent.type.method, (params: { session: string; envelope: Envelope }) =>
    watchedSessions.get(params.session)?.event(params.envelope),
  );
  connection.onNotification(
    notifications.sessionSnapshot.type.method,
    (params: { session: string; view: SessionView }) => watchedSessions.get(params.session)?.snapshot(params.view),
  );
  connection.onNotification(notifications.sessionFailed.type.method, (params: { session: string; failure: Failure }) =>
    watchedSessions.get(params.session)?.lost(params.failure),
  );
  connection.onNotification(
    notifications.sessionPresence.type.method,
    ({ session, participants, count = participants.length }: PresenceParams) =>
      watchedSessions.get(session)?.present({ participants, count }),
  );
  connection.onNotification(
    notifications.sessionPresenceChanged.type.method,
    ({ session, ...change }: { session: string } & PresenceChange) =>
      watchedSessions.get(session)?.presenceChanged(change),
  );
  connection.onNotification(notifications.configChanged.type.method, () => {
    for (const listener of configListeners) listener();
  });
  connection.onNotification(notifications.documentRequested.type.method, (wanted: DocumentRequest) => {
    for (const listener of documentListeners) listener(wanted);
  });
  connection.onNotification(notifications.serverStopping.type.method, () => {
    stopped = true;
  });
  connection.listen();
  const { problems = [], participant } = await call("initialize", { protocol: 1, ...clientInfo });
  return {
    problems,
    ...(participant !== undefined && { participant }),
    call(method, params, signal) {
      if (method === "sessionUnwatch") watchedSessions.delete((params as ParamsOf<"sessionUnwatch">).session);
      return call(method, params, signal);
    },
    async watch(session, watcher, parts) {
      const one = watchedSessions.get(session) ?? createWatchedSession();
      watchedSessions.set(session, one);
      one.add(watcher, parts);
      // If the connection is lost, `closed` reports it.
      one.missing = () => void refresh(session, one).catch(() => undefined);
      await refresh(session, one);
    },
    onConfigChanged: (listener) => void configListeners.push(listener),
    onDocumentRequest: (listener) => void documentListeners.push(listener),
    closed,
    isStopped: () => stopped,
    async close() {
      closing = true;
      connection.end();
      await closed;
      connection.dispose();
    },
  };
}

type PresenceParams = { session: string; participants: Participant[]; count?: number };

const tokenOf = (signal: AbortSignal): CancellationToken => ({
  get isCancellationRequested() {
    return signal.aborted;
  },
  onCancellationRequested(listener) {
    const notify = (): void => listener(undefined);
    signal.addEventListener("abort", notify, { once: true });
    return { dispose: () => signal.removeEventListener("abort", notify) };
  },
});

interface WatchedSession {
  add(watcher: SessionWatcher, parts: number | undefined): void;
  /** The most parts that any watcher needs; undefined if one needs all. */
  parts(): number | undefined;
  /** Called when an event is missing, to request a new snapshot. */
  missing(): void;
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  lost(failure: Failure): void;
  present(participants: ParticipantList): void;
  presenceChanged(change: PresenceChange): void;
}

/** Passes on the next event, drops known ones, and requests a snapshot if one is missing. */
function createWatchedSession(): WatchedSession {
  const watchers: SessionWatcher[] = [];
  const wanted: (number | undefined)[] = [];
  /** The last `seq` that the watchers have; null before the first snapshot and while waiting for a new one. */
  let known: number | null = null;
  let participants: ParticipantList | null = null;
  const one: WatchedSession = {
    add(watcher, parts) {
      watchers.push(watcher);
      wanted.push(parts);
    },
    parts: () => (wanted.every((parts) => parts !== undefined) ? Math.max(...wanted) : undefined),
    missing: () => undefined,
    event(envelope) {
      if (known === null || envelope.seq <= known) return;
      if (envelope.seq === known + 1) {
        known = envelope.seq;
        for (const watcher of watchers) watcher.event(envelope);
        return;
      }
      known = null;
      one.missing();
    },
    snapshot(view) {
      known = view.seq;
      for (const watcher of watchers) watcher.snapshot(view);
    },
    lost(failure) {
      for (const watcher of watchers) watcher.failed?.(failure);
    },
    present(list) {
      participants = list;
      for (const watcher of watchers) watcher.participantsChanged?.(list);
    },
    // A change without a list belongs to an earlier subscription.
    presenceChanged(change) {
      if (participants) one.present(applyPresence(participants, change));
    },
  };
  return one;
}
