/** The connection of a hub node to NATS, and the stream that all nodes share. */
import {
  type JetStreamClient,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from "@nats-io/jetstream";
import { connect, credsAuthenticator, type NatsConnection } from "@nats-io/transport-node";
import { describeError, TuttiError } from "../../protocol/errors.ts";

export interface NatsOptions {
  /** As `nats://[USER:PASSWORD@]HOST:PORT`, or `tls://…`. */
  servers: readonly string[];
  /** How many servers store each message. */
  replicas: number;
  /** The content of a credentials file. */
  credentials?: Uint8Array;
}

export interface Nats {
  connection: NatsConnection;
  stream: JetStreamClient;
  manager: JetStreamManager;
  /** Bytes of one message. */
  maxMessage: number;
}

export const STREAM = "TUTTI_HUB";
const LOGS = "tutti.hub.log";
const NODES = "tutti.hub.nodes";
export const logSubject = (share: string): string => `${LOGS}.${share}`;
export const nodesSubject = (share: string): string => `${NODES}.${share}`;
export const shareOfSubject = (subject: string): string => subject.slice(LOGS.length + 1);
export const allLogs = `${LOGS}.>`;

const TIMEOUT_MS = 5_000;
/** Servers of one cluster start at different times, and elect a leader first. */
const START_MS = 30_000;
const RETRY_MS = 500;

/** Rejects with what is wrong, and what to do about it. */
export async function connectNats({ servers, replicas, credentials }: NatsOptions): Promise<Nats> {
  const urls = servers.map((server) => new URL(server));
  const login = urls.find(({ username }) => username !== "");
  const names = urls.map(({ host }) => host);
  const connection = await connect({
    servers: names,
    ...(login && { user: decodeURIComponent(login.username), pass: decodeURIComponent(login.password) }),
    ...(urls.some(({ protocol }) => protocol === "tls:") && { tls: {} }),
    name: "tutti hub",
    noEcho: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RETRY_MS / 2,
    pingInterval: 5_000,
    timeout: TIMEOUT_MS,
    ...(credentials && { authenticator: credsAuthenticator(credentials) }),
  }).catch((error: unknown) => {
    throw new TuttiError("failed", `Cannot connect to NATS at ${names.join(", ")}: ${describeError(error)}.`);
  });
  try {
    const manager = await openStream(connection, replicas);
    const maxMessage = connection.info?.max_payload ?? 1024 * 1024;
    return { connection, manager, stream: jetstream(connection, { timeout: TIMEOUT_MS }), maxMessage };
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function openStream(connection: NatsConnection, replicas: number): Promise<JetStreamManager> {
  const until = Date.now() + START_MS;
  for (;;) {
    try {
      const manager = await jetstreamManager(connection, { timeout: TIMEOUT_MS });
      await manager.streams.add({
        name: STREAM,
        subjects: [allLogs],
        storage: StorageType.File,
        retention: RetentionPolicy.Limits,
        num_replicas: replicas,
        allow_rollup_hdrs: false,
      });
      return manager;
    } catch (error) {
      const text = describeError(error);
      // Another setting, such as other replicas, is the operator's.
      if (/already in use/.test(text)) return jetstreamManager(connection, { timeout: TIMEOUT_MS });
      if (Date.now() < until && !/replicas > 1 not supported/.test(text)) {
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
        continue;
      }
      throw new TuttiError(
        "failed",
        `NATS does not store shares: ${text}. Its servers require JetStream, and --nats-replicas at most as many servers as there are.`,
      );
    }
  }
}
