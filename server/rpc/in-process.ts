/** The link of a client that runs in the server's own process: handlers are called directly, and nothing is encoded. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Link } from "../../protocol/link.ts";
import type {
  AllHandlers,
  Caller,
  ConnectionHandlers,
  Handlers,
  ParamsOf,
  RequestName,
  ResultOf,
} from "../../protocol/methods.ts";
import type { Session } from "../session/session.ts";

export interface InProcessServer {
  problems(): Link["problems"];
  handlers: Handlers;
  sessions: { open(id: string): Promise<Pick<Session, "view" | "watch">> };
  close(): Promise<void>;
}

const NEVER_ABORTED = new AbortController().signal;

const needsConnection = (): Promise<never> =>
  Promise.reject(
    new TuttiError("usage", "This method requires a connection; a client in the server's own process has none."),
  );

const needsServer = (): Promise<never> =>
  Promise.reject(new TuttiError("usage", "Sharing requires the shared server: use it with `--attach local`."));

const noWebPage = (): Promise<never> =>
  Promise.reject(new TuttiError("usage", "The web page requires the shared server: use it with `--attach local`."));

const connectionHandlers: ConnectionHandlers = {
  initialize: needsConnection,
  sessionWatch: needsConnection,
  sessionUnwatch: needsConnection,
  serverStatus: needsConnection,
  serverStop: needsConnection,
  documentClaim: needsConnection,
  documentRespond: needsConnection,
  pluginsRegister: needsConnection,
  webOpen: noWebPage,
  webOpened: noWebPage,
  sharePreview: needsServer,
  shareStart: needsServer,
  shareInvite: needsServer,
  shareList: needsServer,
  shareRename: needsServer,
  shareRevoke: needsServer,
  shareApprovals: needsServer,
  shareStop: needsServer,
};

export function linkInProcess(server: InProcessServer, caller: Caller): Link {
  const { promise: closed, resolve: setClosed } = Promise.withResolvers<string | null>();
  const stops: (() => void)[] = [];
  const handlers: AllHandlers = { ...server.handlers, ...connectionHandlers };
  return {
    problems: server.problems(),
    call: (method, params, signal = NEVER_ABORTED) => callHandler(handlers, method, params, caller, signal),
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
