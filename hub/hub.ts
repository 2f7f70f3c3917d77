/** A hub: one port for HTTP and WebSocket. It passes on sealed frames and messages that it cannot read. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { guestMessage, HUB_PROTOCOL, publisherMessage } from "../protocol/share/hub-messages.ts";
import { type ClientEvents, type HubClient, serveClient } from "./client.ts";
import { createAllowance, defaultLimits, type HubLimits } from "./limits.ts";
import { createMetrics, formatMetrics } from "./metrics.ts";
import { type Guest, openShare, type Share } from "./share.ts";
import type { HubStore } from "./store.ts";

export interface HubOptions {
  host: string;
  /** 0 means any free port. */
  port: number;
  store: HubStore;
  tls?: { cert: Buffer; key: Buffer };
  limits?: Partial<HubLimits>;
  /** Answers requests for pages: returns false if it has none at this path. */
  page?(request: IncomingMessage, response: ServerResponse): boolean;
  /** Lines for the operator. They name no share and no guest. */
  log(line: string): void;
  now?(): number;
}

export interface Hub {
  port: number;
  close(): Promise<void>;
}

const SWEEP_MS = 30_000;
const STORAGE_FAILED = "The hub cannot store this share: its disk may be full. The session itself goes on.";

/** Sent with every response. */
export const hubHeaders: Readonly<Record<string, string>> = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "cache-control": "no-store",
};

export async function openHub(options: HubOptions): Promise<Hub> {
  const { store, log, now = Date.now } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const metrics = createMetrics();
  const shares = new Map<string, Promise<Share>>();
  const guestCount = { open: 0 };
  /** Connections that have not sent a message yet. */
  const waiting = new Set<Duplex>();

  const openById = (id: string): Promise<Share> => {
    const known = shares.get(id);
    if (known) return known;
    const opened = store.load(id).then((loaded) => openShare(id, loaded, { store, limits, metrics, now }));
    shares.set(id, opened);
    opened.catch(() => shares.delete(id));
    return opened;
  };
  const release = (id: string, share: Share): void => {
    if (share.isUnused()) shares.delete(id);
  };
  /** What is on disk is read again when everyone has connected again. */
  const failed = (client: HubClient, id: string, error: unknown): void => {
    log(`storage failed: ${error instanceof Error ? error.message : String(error)}`);
    const share = shares.get(id);
    shares.delete(id);
    client.fail("storage", STORAGE_FAILED);
    share?.then((opened) => opened.stop("storage", STORAGE_FAILED)).catch(() => undefined);
  };

  const servePublisher = (client: HubClient): ClientEvents<PublisherHeader> => {
    const allowance = createAllowance(limits.bytesPerSecond, limits.burst, now);
    let share: Share | null = null;
    let id = "";
    let left = false;
    const admit = async (message: Extract<PublisherHeader, { type: "publish" }>): Promise<void> => {
      id = message.share;
      const opened = await openById(id);
      const isAdmitted = await opened.admitPublisher(message.token);
      if (left || !isAdmitted) {
        release(id, opened);
        metrics.refused += 1;
        return client.fail("denied", "This hub has another owner for this share, or it was ended.");
      }
      share = opened;
      share.publish(client);
    };
    return {
      message(message, body) {
        if (message.type === "publish") {
          if (id !== "") return client.fail("invalid", "This connection publishes already.");
          return void admit(message).catch((error) => failed(client, id, error));
        }
        if (!share) return client.fail("invalid", "The first message must be `publish`.");
        const wait = allowance.take(body.length);
        if (wait > 0) {
          client.pause();
          setTimeout(client.resume, wait).unref();
        }
        // A copy: the buffer is part of a larger one that would stay in memory with the frame.
        share.handle(client, message, Uint8Array.from(body)).catch((error) => failed(client, id, error));
      },
      flushed: () => undefined,
      closed() {
        left = true;
        share?.publisherLeft(client);
        if (share) release(id, share);
      },
    };
  };

  const serveGuest = (client: HubClient): ClientEvents<GuestHeader> => {
    const allowance = createAllowance(limits.intentsPerSecond, limits.intentBurst, now);
    let share: Share | null = null;
    let guest: Guest | null = null;
    let id = "";
    let left = false;
    const join = async (message: Extract<GuestHeader, { type: "join" }>): Promise<void> => {
      id = message.share;
      const opened = await openById(id);
      if (left) return release(id, opened);
      guest = opened.join(client, message);
      if (guest === null) {
        metrics.refused += 1;
        return release(id, opened);
      }
      share = opened;
      guestCount.open += 1;
    };
    return {
      message(message, body) {
        if (message.type === "join") {
          if (id !== "") return client.fail("invalid", "This connection has joined already.");
          return void join(message).catch((error) => failed(client, id, error));
        }
        if (!share || !guest) return client.fail("invalid", "The first message must be `join`.");
        if (allowance.take(1) > 0)
          return client.fail("tooFast", "Too many messages at once. Wait a moment, then join again.");
        metrics.intents += 1;
        share.intent(guest, body);
      },
      flushed() {
        if (share && guest) share.catchUp(guest);
      },
      closed() {
        left = true;
        if (!share || !guest) return;
        guestCount.open -= 1;
        share.guestLeft(guest);
        release(id, share);
      },
    };
  };

  const sockets = (maxPayload: number): WebSocketServer =>
    new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload,
      clientTracking: false,
      handleProtocols: (offered) => (offered.has(HUB_PROTOCOL) ? HUB_PROTOCOL : false),
    });
  const endpoints: Record<string, { sockets: WebSocketServer; serve(socket: WebSocket): void }> = {
    "/publish": {
      sockets: sockets(limits.frameBytes),
      serve: (socket) => serveClient(socket, publisherMessage, limits.handshakeMs, servePublisher),
    },
    "/join": {
      sockets: sockets(limits.intentBytes),
      serve: (socket) => serveClient(socket, guestMessage, limits.handshakeMs, serveGuest),
    },
  };

  const http = { maxHeaderSize: 8 * 1024 };
  const server = options.tls ? createHttpsServer({ ...http, ...options.tls }) : createHttpServer(http);
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const answer = (status: number, text: string): void => {
      response.writeHead(status, { ...hubHeaders, "content-type": "text/plain; charset=utf-8" });
      response.end(request.method === "HEAD" ? undefined : text);
    };
    if (request.method !== "GET" && request.method !== "HEAD") return answer(405, "Only GET is supported.\n");
    if (request.url === "/healthz") return answer(200, "ok\n");
    if (request.url === "/metrics")
      return answer(200, formatMetrics(metrics, { shares: shares.size, guests: guestCount.open }));
    if (options.page?.(request, response)) return;
    answer(404, "Not found. A shared session is joined with its whole link, by `tutti join LINK` or in a browser.\n");
  });
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on("error", () => socket.destroy());
    const endpoint = endpoints[request.url ?? ""];
    if (!endpoint) return refuse(socket, "404 Not Found");
    if (!isAllowedOrigin(request, options.tls !== undefined)) return refuse(socket, "403 Forbidden");
    // The oldest goes, not the newest: connections that send nothing cannot keep out one that joins at once.
    const [oldest] = waiting.size >= limits.pending ? waiting : [];
    oldest?.destroy();
    waiting.add(socket);
    socket.once("close", () => waiting.delete(socket));
    endpoint.sockets.handleUpgrade(request, socket, head, (opened) => {
      opened.once("message", () => waiting.delete(socket));
      endpoint.serve(opened);
    });
  });

  /** Deletes what has ended, or was not used for long. */
  const sweep = async (): Promise<void> => {
    for (const id of await store.list()) {
      if (shares.has(id)) continue;
      const loaded = await store.load(id).catch(() => null);
      if (loaded && now() - loaded.record.changedAt > limits.idleMs) await store.remove(id);
    }
  };
  const sweeper = setInterval(() => {
    sweep().catch((error) => log(`old shares could not be deleted: ${error}`));
  }, SWEEP_MS).unref();

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      clearInterval(sweeper);
      for (const share of shares.values())
        (await share.catch(() => null))?.stop("stopping", "The hub is shutting down.");
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 500).unref();
      });
      await store.close();
    },
  };
}

type PublisherHeader = typeof publisherMessage._output;
type GuestHeader = typeof guestMessage._output;

/** Programs send no origin; a web page only the hub's own. */
function isAllowedOrigin({ url, headers }: IncomingMessage, isTls: boolean): boolean {
  const { origin, host } = headers;
  if (origin === undefined) return true;
  if (url !== "/join") return false;
  return origin === `https://${host}` || (!isTls && origin === `http://${host}`);
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
