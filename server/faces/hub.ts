/** All connections of one server: who is there, who can answer, what is watched. */
import { roles } from "../../protocol/method.ts";
import type { Server } from "../server.ts";
import { type Connection, type Peer, type RpcCore, serveConnection } from "./rpc.ts";
import type { Wire } from "./wire.ts";

export interface Hub {
  take(wire: Wire, core: RpcCore, where?: "local" | "remote"): Connection;
  coreOf(server: Server, ends: Pick<RpcCore, "stop" | "report"> & { version: string }): RpcCore;
  /** Somebody is there who may answer a question, and can. */
  canAnswer(): boolean;
  /** A client is there, or a turn runs. */
  busy(server: Pick<Server, "sessions">): boolean;
  /** Says to all that the server goes by another configuration. */
  configured(): void;
  closeAll(): Promise<void>;
}

const CLOSE_MS = 1000;

export function createHub(): Hub {
  const connections = new Set<Connection>();
  let taken = 0;
  const peers: Record<"local" | "remote", (id: string) => Peer> = {
    local: (id) => ({ id, author: { kind: "person", id: "local", name: process.env.USER ?? "you" }, role: "owner" }),
    remote: (id) => ({ id, author: { kind: "person", id: "remote", name: "" }, role: "owner" }),
  };
  const watched = (session: string): void => {
    const here = [...connections].filter((connection) => connection.watching().includes(session));
    const participants = here.map((connection) => connection.participant()).filter((one) => one !== null);
    for (const connection of here) connection.present(session, participants);
  };
  return {
    take(wire, core, where = "local") {
      const connection = serveConnection(wire, core, peers[where](`c${++taken}`));
      connections.add(connection);
      void connection.closed.then(() => connections.delete(connection));
      return connection;
    },
    coreOf(server, { version, stop, report }) {
      const startedAt = Date.now();
      const watchers = (id: string): number =>
        [...connections].filter((connection) => connection.watching().includes(id)).length;
      const serverStatus = async () => ({
        version,
        pid: process.pid,
        startedAt,
        clients: [...connections].filter((connection) => connection.caller() !== null).length,
        sessions: server.sessions.opened().map((session) => {
          const { id, activity } = session.view();
          return { session: id, running: activity.state === "running", watchers: watchers(id) };
        }),
      });
      /** Sessions that were let go of. Taken up again they are other objects, and whoever watched goes on watching. */
      const letGo = new Set<string>();
      const noticed = (name: string, { session }: { session?: unknown }): void => {
        if (typeof session !== "string") return;
        const live = server.sessions.live(session);
        if (!live) {
          if (name === "sessionClose") letGo.add(session);
        } else if (letGo.delete(session)) for (const connection of connections) connection.renew(session, live);
      };
      return {
        version,
        noticed,
        watched,
        handlers: { ...server.handlers, serverStatus },
        sessions: server.sessions,
        held: server.held,
        brought: server.brought,
        problems: () => server.problems(),
        stop,
        report,
      };
    },
    canAnswer: () =>
      [...connections].some((connection) => {
        const caller = connection.caller();
        return caller?.answers === true && roles.indexOf(caller.role) >= roles.indexOf("approver");
      }),
    busy: (server) =>
      connections.size > 0 || server.sessions.opened().some((session) => session.view().activity.state === "running"),
    configured() {
      for (const connection of connections) connection.configured();
    },
    async closeAll() {
      for (const connection of connections) connection.close();
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, CLOSE_MS);
      });
      await Promise.race([Promise.all([...connections].map(({ closed }) => closed)), late]);
      clearTimeout(timer);
    },
  };
}
