/** A connection to the server that opens on first use, and reopens on the next use after it was lost. */

import { describeDisconnect } from "../client/errors.ts";
import type { DocumentRequest } from "../protocol/document-methods.ts";
import type { Link, SessionWatcher } from "../protocol/link.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";

export interface ServerEvents {
  /** The connection was lost: all watches have ended, and pending calls fail. */
  disconnected(reason: string): void;
  /** A new connection was opened. The server has no state of this client. */
  reconnected(): void;
  configChanged(): void;
  documentRequested(wanted: DocumentRequest): void;
}

export interface ServerConnection {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  watch(session: string, watcher: SessionWatcher, parts?: number): Promise<void>;
  close(): Promise<void>;
}

export function openServerConnection(connect: () => Promise<Link>, events: ServerEvents): ServerConnection {
  let connecting: Promise<Link> | null = null;
  let count = 0;
  const connectOnce = async (): Promise<Link> => {
    const link = await connect();
    link.onConfigChanged?.(events.configChanged);
    link.onDocumentRequest?.(events.documentRequested);
    void link.closed.then((reason) => {
      connecting = null;
      if (reason !== null) events.disconnected(describeDisconnect(reason));
    });
    return link;
  };
  const link = (): Promise<Link> => {
    connecting ??= connectOnce().then(
      (link) => {
        if (++count > 1) events.reconnected();
        return link;
      },
      (error: unknown) => {
        connecting = null;
        throw error;
      },
    );
    return connecting;
  };
  return {
    call: async (method, params) => (await link()).call(method, params),
    watch: async (session, watcher, parts) => (await link()).watch(session, watcher, parts),
    close: async () => (await connecting)?.close(),
  };
}
