/** The way to the server: made when it is first needed, and again where it was lost and something is wanted. */
import type { Link, Watcher } from "../client/link.ts";
import { goneBecause } from "../client/words.ts";
import type { DocumentWanted } from "../protocol/document-methods.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";

export interface Hears {
  /** It is gone: nothing is watched any more, and nothing that was asked is answered. */
  lost(why: string): void;
  /** There is another one, which knows nothing of this client. */
  again(): void;
  configured(): void;
  wanted(wanted: DocumentWanted): void;
}

export interface Server {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  watch(session: string, watcher: Watcher, parts?: number): Promise<void>;
  close(): Promise<void>;
}

export function openServer(connect: () => Promise<Link>, hears: Hears): Server {
  let reached: Promise<Link> | null = null;
  let count = 0;
  const reach = async (): Promise<Link> => {
    const link = await connect();
    link.configured?.(hears.configured);
    link.wanted?.(hears.wanted);
    void link.closed.then((why) => {
      reached = null;
      if (why !== null) hears.lost(goneBecause(why));
    });
    return link;
  };
  const link = (): Promise<Link> => {
    reached ??= reach().then(
      (made) => {
        if (++count > 1) hears.again();
        return made;
      },
      (error: unknown) => {
        reached = null;
        throw error;
      },
    );
    return reached;
  };
  return {
    call: async (method, params) => (await link()).call(method, params),
    watch: async (session, watcher, parts) => (await link()).watch(session, watcher, parts),
    close: async () => (await reached)?.close(),
  };
}
