/** The link of a client that runs in the server's own process: handlers are called directly, and nothing is encoded. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Link } from "../../protocol/link.ts";
import type { AllHandlers, Caller, Handlers, ParamsOf, RequestName, ResultOf } from "../../protocol/methods.ts";
import type { Session } from "../session/session.ts";

export interface InProcessServer {
  problems(): Link["problems"];
  handlers: Handlers;
  sessions: { open(id: string): Promise<Pick<Session, "view" | "watch">> };
  close(): Promise<void>;
}

const NEVER_ABORTED = new AbortController().signal;

const needsServer = (): Promise<never> =>
  Promise.reject(new TuttiError("usage", "This requires the shared server: use it with `--attach local`."));

/** Methods that concern a connection, several clients or guests: this client is alone. */
const isServed = (handlers: Handlers, method: RequestName): method is keyof Handlers & RequestName =>
  method in handlers;

export function linkInProcess(server: InProcessServer, caller: Caller): Link {
  const { promise: closed, resolve: setClosed } = Promise.withResolvers<string | null>();
  const stops: (() => void)[] = [];
  return {
    problems: server.problems(),
    call: (method, params, signal = NEVER_ABORTED) =>
      isServed(server.handlers, method)
        ? callHandler(server.handlers as AllHandlers, method, params, caller, signal)
        : needsServer(),
    async watch(id, watcher) {
      const session = await server.sessions.open(id);
      watcher.snapshot(session.view());
      stops.push(session.watch(watcher.event, watcher.failed));
    },
    closed,
    async close() {
      for (const stop of stops) stop();
      await server.close();
      setClosed(null);
    },
  };
}

/**
 * The key is one type parameter for the handler and its parameters: the compiler checks that they belong together. This is not in
 * core.ts, which loads JSON-RPC and all schemas: a one-shot run would start about 80 ms later.
 */
export const callHandler = <K extends RequestName>(
  handlers: AllHandlers,
  key: K,
  params: ParamsOf<K>,
  caller: Caller,
  signal: AbortSignal,
): Promise<ResultOf<K>> => handlers[key](params, caller, signal);
