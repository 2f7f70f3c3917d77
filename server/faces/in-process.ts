/** The link of a client that runs in the server's own process: handlers are called, events handed on, nothing is encoded. */
import type { Link } from "../../client/link.ts";
import { TuttiError } from "../../protocol/errors.ts";
import type { Caller, Handlers, ParamsOf, RequestName, ResultOf } from "../../protocol/methods.ts";
import type { Session } from "../session/session.ts";

export interface Core {
  problems(): Link["problems"];
  handlers: Partial<Handlers>;
  sessions: { open(id: string): Promise<Pick<Session<never>, "view" | "watch">> };
  close(): Promise<void>;
}

export function linkInProcess(core: Core, who: Caller): Link {
  let tellClosed: (why: string | null) => void;
  const closed = new Promise<string | null>((resolve) => {
    tellClosed = resolve;
  });
  const watching: (() => void)[] = [];
  return {
    problems: core.problems(),
    async call<K extends RequestName>(method: K, params: ParamsOf<K>, given?: AbortSignal): Promise<ResultOf<K>> {
      const handler = (core.handlers as Record<string, unknown>)[method];
      if (typeof handler !== "function")
        throw new TuttiError("usage", `${method} is not for a client in the same process.`);
      return (handler as (params: ParamsOf<K>, who: Caller, given?: AbortSignal) => Promise<ResultOf<K>>)(
        params,
        who,
        given,
      );
    },
    async watch(id, watcher) {
      const session = await core.sessions.open(id);
      watcher.snapshot(session.view());
      watching.push(session.watch(watcher.event, watcher.lost));
    },
    closed,
    async close() {
      for (const stop of watching) stop();
      await core.close();
      tellClosed(null);
    },
  };
}
