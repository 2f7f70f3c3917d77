/** The way to the shared server, kept up: where it goes, another one is made, and who listens begins again with it. */
import type { Link } from "../client/link.ts";
import { goneBecause } from "../client/words.ts";
import type { ParamsOf, RequestName, ResultOf } from "../protocol/methods.ts";

export interface Server {
  call<K extends RequestName>(method: K, params: ParamsOf<K>): Promise<ResultOf<K>>;
  link(): Promise<Link>;
  /** Called with each link, the first one and those after it, before anything else is asked of it. */
  onLink(listener: (link: Link) => Promise<unknown>): void;
  onLost(listener: (why: string) => void): void;
  close(): Promise<void>;
}

const RETRY_MS = [100, 300, 1_000, 2_000, 5_000];

export function openServer(connect: () => Promise<Link>): Server {
  const begins: ((link: Link) => Promise<unknown>)[] = [];
  const losses: ((why: string) => void)[] = [];
  let reached: Promise<Link> | null = null;
  let closing = false;

  const open = async (): Promise<Link> => {
    const link = await connect();
    void link.closed.then((why) => {
      reached = null;
      if (closing) return;
      for (const lost of losses) lost(goneBecause(why));
      again(0);
    });
    for (const begin of begins) await begin(link);
    return link;
  };
  const reach = (): Promise<Link> => {
    reached ??= open().catch((error: unknown) => {
      reached = null;
      throw error;
    });
    return reached;
  };
  const again = (attempt: number): void => {
    const wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
    setTimeout(() => {
      if (!closing) reach().catch(() => again(attempt + 1));
    }, wait).unref();
  };
  return {
    link: reach,
    call: async (method, params) => (await reach()).call(method, params),
    onLink: (listener) => void begins.push(listener),
    onLost: (listener) => void losses.push(listener),
    async close() {
      closing = true;
      await reached?.then(
        (link) => link.close(),
        () => undefined,
      );
    },
  };
}
