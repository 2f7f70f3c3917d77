/** All connections of one server: who is connected, who can answer questions, which sessions are watched. */
import { type Participant, roles } from "../../protocol/method.ts";
import type { Server } from "../server.ts";
import type { Transport } from "../transport/transport.ts";
import { type Connection, type Peer, type RpcCore, serveConnection } from "./core.ts";

export interface Connections {
  /** `peer`: where the connection comes from, or who a guest is. */
  accept(transport: Transport, core: RpcCore, peer?: "local" | "remote" | Peer): Connection;
  createCore(
    server: Server,
    options: Pick<RpcCore, "stop" | "report" | "version" | "shareHandlers" | "openWeb">,
  ): RpcCore;
  participants(session: string): Participant[];
  /** Calls the listener with the participants of a session after each change. One listener. */
  onParticipants(listener: (session: string, participants: readonly Participant[]) => void): void;
  /** True if a client is connected that can show questions and whose role may answer them. */
  canAnswer(): boolean;
  /** A client is connected, or a turn runs. */
  isBusy(server: Pick<Server, "sessions">): boolean;
  notifyConfigChanged(): void;
  /** Tells all clients that the server ends on request. */
  notifyStopping(): void;
  closeAll(): Promise<void>;
}

const CLOSE_MS = 1000;
/** Up to this many watchers, each change is sent at once. */
const SMALL_SESSION = 8;
const PRESENCE_MS_PER_WATCHER = 2;
const MAX_PRESENCE_MS = 1000;

/** `userName`: the author name of local clients. */
export function createConnections(userName: string): Connections {
  const connections = new Set<Connection>();
  let accepted = 0;
  const peers: Record<"local" | "remote", (id: string) => Peer> = {
    local: (id) => ({ id, author: { kind: "person", id: "local", name: userName }, role: "owner" }),
    remote: (id) => ({ id, author: { kind: "person", id: "remote", name: "" }, role: "owner" }),
  };
  const getWatchers = (session: string): Connection[] =>
    [...connections].filter((connection) => connection.watching().includes(session));
  const listParticipants = (watchers: readonly Connection[]): Participant[] =>
    watchers.map((connection) => connection.participant()).filter((participant) => participant !== null);
  let participantsChanged: (session: string, participants: readonly Participant[]) => void = () => undefined;
  const sendPresence = (session: string): void => {
    const watchers = getWatchers(session);
    const participants = listParticipants(watchers);
    participantsChanged(session, participants);
    for (const connection of watchers) connection.sendPresence(session, participants);
  };
  const scheduled = new Set<string>();
  /** Each watcher gets the whole list, so many joins of a large session are sent together. */
  const watchersChanged = (session: string): void => {
    if (scheduled.has(session)) return;
    const count = getWatchers(session).length;
    if (count <= SMALL_SESSION) {
      sendPresence(session);
      return;
    }
    scheduled.add(session);
    const send = (): void => {
      scheduled.delete(session);
      sendPresence(session);
    };
    setTimeout(send, Math.min(MAX_PRESENCE_MS, count * PRESENCE_MS_PER_WATCHER)).unref();
  };
  return {
    accept(transport, core, peer = "local") {
      const known = typeof peer === "string" ? peers[peer](`c${++accepted}`) : peer;
      const connection = serveConnection(transport, core, known);
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
      return connection;
    },
    participants: (session) => listParticipants(getWatchers(session)),
    onParticipants(listener) {
      participantsChanged = listener;
    },
    createCore(server, { version, stop, report, shareHandlers, openWeb }) {
      const startedAt = Date.now();
      server.sessions.onOpened((id, session) => {
        for (const connection of connections) connection.replaceSession(id, session);
      });
      return {
        version,
        watchersChanged,
        handlers: server.handlers,
        shareHandlers,
        openWeb,
        sessions: server.sessions,
        openDocuments: server.openDocuments,
        clientPlugins: server.clientPlugins,
        problems: () => server.problems(),
        status: () => ({
          version,
          pid: process.pid,
          startedAt,
          clients: [...connections].filter((connection) => connection.caller() !== null).length,
          sessions: server.sessions.opened().map((session) => {
            const { id, activity } = session.view();
            return { session: id, running: activity.state === "running", watchers: getWatchers(id).length };
          }),
        }),
        stop,
        report,
      };
    },
    canAnswer: () =>
      [...connections].some((connection) => {
        const caller = connection.caller();
        return caller?.answers === true && roles.indexOf(caller.role) >= roles.indexOf("approver");
      }),
    isBusy: (server) =>
      connections.size > 0 || server.sessions.opened().some((session) => session.view().activity.state === "running"),
    notifyConfigChanged() {
      for (const connection of connections) connection.sendConfigChanged();
    },
    notifyStopping() {
      for (const connection of connections) connection.sendStopping();
    },
    async closeAll() {
      for (const connection of connections) connection.close();
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([Promise.all([...connections].map(({ closed }) => closed)), timeout]);
      clearTimeout(timer);
    },
  };
}
