/**
 * A connection to the shared server that reconnects by itself and calls its listeners for each new link. After the server was stopped on
 * request, it reconnects only if someone else starts it again, or after `resume`; until then, calls are rejected.
 */

import { describeDisconnect, SERVER_STOPPED } from "../client/errors.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Link } from "../protocol/link.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";

export interface ServerConnection {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  link(): Promise<Link>;
  /** Called with each new link before it is used for anything else. */
  onLink(listener: (link: Link) => Promise<unknown>): void;
  onLost(listener: (reason: string) => void): void;
  /** The server was stopped on request. */
  isStopped(): boolean;
  /** The user acts: a server that was stopped may be started again. */
  resume(): void;
  close(): Promise<void>;
}

const RETRY_MS = [100, 300, 1_000, 2_000, 5_000];

export function openServerConnection(connect: (mayStart: boolean) => Promise<Link>): ServerConnection {
  const linkListeners: ((link: Link) => Promise<unknown>)[] = [];
  const lostListeners: ((reason: string) => void)[] = [];
  let connecting: { link: Promise<Link>; mayStart: boolean } | null = null;
  let closing = false;
  let mayStart = true;

  const open = async (): Promise<Link> => {
    const link = await connect(mayStart);
    mayStart = true;
    void link.closed.then((reason) => {
      connecting = null;
      if (closing) return;
      mayStart = link.isStopped?.() !== true;
      const message = mayStart ? describeDisconnect(reason) : `${SERVER_STOPPED} Your next command starts it again.`;
      for (const lost of lostListeners) lost(message);
      scheduleReconnect(0);
    });
    for (const begin of linkListeners) await begin(link);
    return link;
  };
  const connectOnce = async (): Promise<Link> => {
    connecting ??= {
      mayStart,
      link: open().catch((error: unknown) => {
        connecting = null;
        throw error;
      }),
    };
    const attempt = connecting;
    try {
      return await attempt.link;
    } catch (error) {
      // `resume` was called during an attempt that could start no server.
      if (mayStart && !attempt.mayStart) return connectOnce();
      throw error;
    }
  };
  const link = async (): Promise<Link> => {
    if (!mayStart) throw new TuttiError("failed", `${SERVER_STOPPED} Run a Tutti command to start it again.`);
    return connectOnce();
  };
  const scheduleReconnect = (attempt: number): void => {
    const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    setTimeout(() => {
      if (!closing) connectOnce().catch(() => scheduleReconnect(attempt + 1));
    }, wait).unref();
  };
  return {
    link,
    call: async (method, params) => (await link()).call(method, params),
    onLink: (listener) => void linkListeners.push(listener),
    onLost: (listener) => void lostListeners.push(listener),
    isStopped: () => !mayStart,
    resume() {
      mayStart = true;
    },
    async close() {
      closing = true;
      await connecting?.link.then(
        (link) => link.close(),
        () => undefined,
      );
    },
  };
}
