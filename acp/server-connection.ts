/**
 * A connection to the server that opens on first use, and reopens on the next use after it was lost. A server that was stopped on request
 * is not started again before `resume`.
 */

import { describeDisconnect, SERVER_STOPPED } from "../client/errors.ts";
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
  /** The user acts: a server that was stopped may be started again. */
  resume(): void;
  close(): Promise<void>;
}

/** `mayStart`: a server may be started if none is running. */
export type Connect = (mayStart: boolean) => Promise<Link>;

export function openServerConnection(connect: Connect, events: ServerEvents): ServerConnection {
  let connecting: { link: Promise<Link>; mayStart: boolean } | null = null;
  let count = 0;
  let mayStart = true;
  const connectOnce = async (): Promise<Link> => {
    const link = await connect(mayStart);
    mayStart = true;
    link.onConfigChanged?.(events.configChanged);
    link.onDocumentRequest?.(events.documentRequested);
    void link.closed.then((reason) => {
      connecting = null;
      mayStart = link.isStopped?.() !== true;
      if (!mayStart) events.disconnected(`${SERVER_STOPPED} Your next prompt starts it again.`);
      else if (reason !== null) events.disconnected(describeDisconnect(reason));
    });
    return link;
  };
  const link = async (): Promise<Link> => {
    connecting ??= {
      mayStart,
      link: connectOnce().then(
        (link) => {
          if (++count > 1) events.reconnected();
          return link;
        },
        (error: unknown) => {
          connecting = null;
          throw error;
        },
      ),
    };
    const attempt = connecting;
    try {
      return await attempt.link;
    } catch (error) {
      // `resume` was called during an attempt that could start no server.
      if (mayStart && !attempt.mayStart) return link();
      throw error;
    }
  };
  return {
    call: async (method, params) => (await link()).call(method, params),
    watch: async (session, watcher, parts) => (await link()).watch(session, watcher, parts),
    resume() {
      mayStart = true;
    },
    close: async () => (await connecting?.link)?.close(),
  };
}
