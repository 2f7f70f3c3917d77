/** A link over a connection: says who is there, calls, and keeps every watcher's view whole. */
import {
  type CancellationToken,
  createMessageConnection,
  ErrorCodes,
  type MessageReader,
  type MessageWriter,
  ResponseError,
} from "vscode-jsonrpc";
import type { DocumentWanted } from "../protocol/document-methods.ts";
import type { Envelope, Failure } from "../protocol/events.ts";
import type { Participant } from "../protocol/method.ts";
import { notifications, type ParamsOf, type RequestName, type ResultOf, requests } from "../protocol/methods.ts";
import type { SessionView } from "../protocol/view.ts";
import { fromResponse } from "../protocol/wire-errors.ts";
import type { Link, Watcher } from "./link.ts";
import { goneError } from "./words.ts";

export interface Hello {
  client: { name: string; version: string };
  /** A person is there who can be asked. */
  answers: boolean;
}

/** `where` names the server in what people read. */
export async function openLink(
  { reader, writer }: { reader: MessageReader; writer: MessageWriter },
  hello: Hello,
  where: string,
): Promise<Link> {
  const connection = createMessageConnection(reader, writer);
  const followed = new Map<string, Followed>();
  const configured: (() => void)[] = [];
  const wanting: ((wanted: DocumentWanted) => void)[] = [];
  let closing = false;
  let failure: string | null = null;
  const closed = new Promise<string | null>((resolve) => {
    connection.onClose(() => resolve(closing ? null : (failure ?? `${where} closed the connection`)));
  });
  connection.onError(([error]) => {
    failure = error.message;
  });
  const gone = closed.then((why): never => {
    throw goneError(why);
  });
  gone.catch(() => undefined);
  const call = async <K extends RequestName>(
    method: K,
    params: ParamsOf<K>,
    given?: AbortSignal,
  ): Promise<ResultOf<K>> => {
    // The connection takes a token that is undefined for a parameter.
    const token = given ? [tokenOf(given)] : [];
    try {
      return await Promise.race([connection.sendRequest<ResultOf<K>>(requests[method].name, params, ...token), gone]);
    } catch (error) {
      // What cannot be written has nobody to read it, also where the connection has not ended yet.
      if (error instanceof ResponseError && error.code === ErrorCodes.MessageWriteError) throw goneError(error.message);
      throw fromResponse(error);
    }
  };
  const take = async (session: string, one: Followed): Promise<void> => {
    const parts = one.parts();
    const { view } = await call("sessionWatch", { session, ...(parts !== undefined && { parts }) });
    one.snapshot(view);
  };
  connection.onNotification(notifications.sessionEvent.type.method, (params: { session: string; envelope: Envelope }) =>
    followed.get(params.session)?.event(params.envelope),
  );
  connection.onNotification(
    notifications.sessionSnapshot.type.method,
    (params: { session: string; view: SessionView }) => followed.get(params.session)?.snapshot(params.view),
  );
  connection.onNotification(notifications.sessionLost.type.method, (params: { session: string; failure: Failure }) =>
    followed.get(params.session)?.lost(params.failure),
  );
  connection.onNotification(
    notifications.sessionPresence.type.method,
    (params: { session: string; participants: Participant[] }) =>
      followed.get(params.session)?.present(params.participants),
  );
  connection.onNotification(notifications.serverConfigured.type.method, () => {
    for (const listener of configured) listener();
  });
  connection.onNotification(notifications.documentsWanted.type.method, (wanted: DocumentWanted) => {
    for (const listener of wanting) listener(wanted);
  });
  connection.listen();
  const { problems = [] } = await call("initialize", { protocol: 1, ...hello });
  return {
    problems,
    call(method, params, given) {
      if (method === "sessionUnwatch") followed.delete((params as ParamsOf<"sessionUnwatch">).session);
      return call(method, params, given);
    },
    async watch(session, watcher, parts) {
      const one = followed.get(session) ?? follow();
      followed.set(session, one);
      one.add(watcher, parts);
      // Where the connection is gone, `closed` says so.
      one.missing = () => void take(session, one).catch(() => undefined);
      await take(session, one);
    },
    configured: (listener) => void configured.push(listener),
    wanted: (listener) => void wanting.push(listener),
    closed,
    async close() {
      closing = true;
      connection.end();
      await closed;
      connection.dispose();
    },
  };
}

const tokenOf = (given: AbortSignal): CancellationToken => ({
  get isCancellationRequested() {
    return given.aborted;
  },
  onCancellationRequested(listener) {
    const tell = (): void => listener(undefined);
    given.addEventListener("abort", tell, { once: true });
    return { dispose: () => given.removeEventListener("abort", tell) };
  },
});

interface Followed {
  add(watcher: Watcher, parts: number | undefined): void;
  /** As many parts as a view needs so that nobody who watches misses one; absent where somebody wants the whole. */
  parts(): number | undefined;
  /** Called where something is missing, to get the whole. */
  missing(): void;
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  lost(failure: Failure): void;
  present(participants: readonly Participant[]): void;
}

/** Hands on what comes next, drops what is known, and asks for the whole where something is missing. */
function follow(): Followed {
  const watchers: Watcher[] = [];
  const wanted: (number | undefined)[] = [];
  /** The last event that the watchers know; null before the first view, and while a new one is on its way. */
  let known: number | null = null;
  const one: Followed = {
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
      for (const watcher of watchers) watcher.lost?.(failure);
    },
    present(participants) {
      for (const watcher of watchers) watcher.present?.(participants);
    },
  };
  return one;
}
