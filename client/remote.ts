/** A link over a connection: says who is there, calls, and keeps every watcher's view whole. */
import { createMessageConnection, type MessageReader, type MessageWriter } from "vscode-jsonrpc";
import { TuttiError } from "../protocol/errors.ts";
import type { Envelope, Failure } from "../protocol/events.ts";
import { notifications, type ParamsOf, type RequestName, type ResultOf, requests } from "../protocol/methods.ts";
import type { SessionView } from "../protocol/view.ts";
import { fromResponse } from "../protocol/wire-errors.ts";
import type { Link, Watcher } from "./link.ts";

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
  let closing = false;
  let failure: string | null = null;
  const closed = new Promise<string | null>((resolve) => {
    connection.onClose(() => resolve(closing ? null : (failure ?? `${where} closed the connection`)));
  });
  connection.onError(([error]) => {
    failure = error.message;
  });
  const gone = closed.then((why): never => {
    throw new TuttiError("failed", `The server is gone${why === null ? "" : `: ${why}`}.`);
  });
  gone.catch(() => undefined);
  const call = async <K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>> => {
    try {
      return await Promise.race([connection.sendRequest<ResultOf<K>>(requests[method].name, params), gone]);
    } catch (error) {
      throw fromResponse(error);
    }
  };
  const resync = (session: string): void => {
    call("sessionWatch", { session }).then(
      ({ view }) => followed.get(session)?.snapshot(view),
      // The connection is gone, and `closed` says so.
      () => undefined,
    );
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
  connection.listen();
  const { problems = [] } = await call("initialize", { protocol: 1, ...hello });
  return {
    problems,
    call,
    async watch(session, watcher) {
      const one = followed.get(session) ?? follow(() => resync(session));
      followed.set(session, one);
      one.add(watcher);
      const { view } = await call("sessionWatch", { session });
      one.snapshot(view);
    },
    closed,
    async close() {
      closing = true;
      connection.end();
      await closed;
      connection.dispose();
    },
  };
}

interface Followed {
  add(watcher: Watcher): void;
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  lost(failure: Failure): void;
}

/** Hands on what comes next, drops what is known, and asks for the whole where something is missing. */
function follow(resync: () => void): Followed {
  const watchers: Watcher[] = [];
  /** The last event that the watchers know; null before the first view, and while a new one is on its way. */
  let known: number | null = null;
  return {
    add: (watcher) => void watchers.push(watcher),
    event(envelope) {
      if (known === null || envelope.seq <= known) return;
      if (envelope.seq === known + 1) {
        known = envelope.seq;
        for (const watcher of watchers) watcher.event(envelope);
        return;
      }
      known = null;
      resync();
    },
    snapshot(view) {
      known = view.seq;
      for (const watcher of watchers) watcher.snapshot(view);
    },
    lost(failure) {
      for (const watcher of watchers) watcher.lost?.(failure);
    },
  };
}
