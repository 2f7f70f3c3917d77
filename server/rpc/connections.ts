/** All connections of one server: who is connected, who can answer questions, which sessions are watched. */
import { roles } from "../../protocol/method.ts";
import type { Server } from "../server.ts";
import { guardApprovals } from "../together/approvals.ts";
import { createTogetherHandlers } from "../together/handlers.ts";
import { guardWheel } from "../together/wheel.ts";
import type { Transport } from "../transport/transport.ts";
import { type Connection, type Peer, type RpcCore, serveConnection } from "./core.ts";
import { createPresence, type Presence } from "./presence.ts";

export interface Connections {
  /** `peer`: where the connection comes from, or who a guest is. */
  accept(transport: Transport, core: RpcCore, peer?: "local" | "remote" | Peer): Connection;
  createCore(
    server: Server,
    options: Pick<RpcCore, "stop" | "report" | "version" | "shareHandlers" | "webHandlers">,
  ): RpcCore;
  presence: Pick<Presence, "participants" | "onChanged">;
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

/** `userName`: the author name of local clients. */
export function createConnections(userName: string): Connections {
  const connections = new Set<Connection>();
  let accepted = 0;
  const peers: Record<"local" | "remote", (id: string) => Peer> = {
    local: (id) => ({ id, author: { kind: "person", id: "local", name: userName }, role: "owner" }),
    remote: (id) => ({ id, author: { kind: "person", id: "remote", name: "" }, role: "owner" }),
  };
  const presence = createPresence();
  return {
    accept(transport, core, peer = "local") {
      const known = typeof peer === "string" ? peers[peer](`c${++accepted}`) : peer;
      const connection = serveConnection(transport, core, known);
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
      return connection;
    },
    presence,
    createCore(server, { version, stop, report, shareHandlers, webHandlers }) {
      const startedAt = Date.now();
      server.sessions.onOpened((id, session) => {
        for (const connection of connections) connection.replaceSession(id, session);
      });
      const { open } = server.sessions;
      const questionAnswer = guardApprovals(server.handlers.questionAnswer, open);
      const handlers = guardWheel({ ...server.handlers, questionAnswer }, server.sessions);
      const participants = (session: string) => presence.participants(session).participants;
      return {
        version,
        presence,
        handlers,
        togetherHandlers: createTogetherHandlers({ open, handlers, participants }),
        shareHandlers,
        webHandlers,
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
            return { session: id, running: activity.state === "running", watchers: presence.count(id) };
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
