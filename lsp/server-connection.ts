/** A connection to the shared server that reconnects by itself and calls its listeners for each new link. */

import { describeDisconnect } from "../client/errors.ts";
import type { Link } from "../protocol/link.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";

export interface ServerConnection {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  link(): Promise<Link>;
  /** Called with each new link before it is used for anything else. */
  onLink(listener: (link: Link) => Promise<unknown>): void;
  onLost(listener: (reason: string) => void): void;
  close(): Promise<void>;
}

const RETRY_MS = [100, 300, 1_000, 2_000, 5_000];

export function openServerConnection(connect: (mayStart: boolean) => Promise<Link>): ServerConnection {
  const linkListeners: ((link: Link) => Promise<unknown>)[] = [];
  const lostListeners: ((reason: string) => void)[] = [];
  let connecting: Promise<Link> | null = null;
  let closing = false;

  const open = async (mayStart: boolean): Promise<Link> => {
    const link = await connect(mayStart);
    void link.closed.then((reason) => {
      connecting = null;
      if (closing) return;
      for (const lost of lostListeners) lost(describeDisconnect(reason));
      scheduleReconnect(0, link.isStopped?.() !== true);
    });
    for (const begin of linkListeners) await begin(link);
    return link;
  };
  const connectOnce = (mayStart: boolean): Promise<Link> => {
    connecting ??= open(mayStart).catch((error: unknown) => {
      connecting = null;
      throw error;
    });
    return connecting;
  };
  const scheduleReconnect = (attempt: number, mayStart: boolean): void => {
    const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    setTimeout(() => {
      if (!closing) connectOnce(mayStart).catch(() => scheduleReconnect(attempt + 1, mayStart));
    }, wait).unref();
  };
  return {
    link: () => connectOnce(true),
    call: async (method, params) => (await connectOnce(true)).call(method, params),
    onLink: (listener) => void linkListeners.push(listener),
    onLost: (listener) => void lostListeners.push(listener),
    async close() {
      closing = true;
      await connecting?.then(
        (link) => link.close(),
        () => undefined,
      );
    },
  };
}
