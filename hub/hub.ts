/** A hub: one port for HTTP and WebSocket. It passes on sealed frames and messages that it cannot read. */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { HUB_PROTOCOL, parseGuestMessage, parsePublisherMessage } from "../protocol/share/hub-messages.ts";
import type { HubBus } from "./bus.ts";
import { serveClient } from "./client.ts";
import { defaultLimits, type HubLimits } from "./limits.ts";
import { createMetrics, formatMetrics } from "./metrics.ts";
import { serveGuest, servePublisher } from "./serve-clients.ts";
import { openShareTable } from "./share-table.ts";
import type { HubStore } from "./store.ts";

export interface HubOptions {
  host: string;
  /** 0 means any free port. */
  port: number;
  store: HubStore;
  /** Where the hub has several nodes. */
  bus?: HubBus;
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
  const { bus } = options;
  const shares = openShareTable({ store, bus, limits, metrics, now, log });
  let isReachable = true;
  bus?.onReachable((reachable) => {
    isReachable = reachable;
    log(reachable ? "NATS is reachable again" : "NATS cannot be reached: guests and owners are disconnected");
    if (!reachable) shares.failAll();
  });
  /** Connections that have not sent a message yet. */
  const waiting = new Set<Duplex>();

  const clientDeps = { shares, limits, metrics, now };
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
      serve: (socket) =>
        serveClient(socket, parsePublisherMessage, limits.handshakeMs, (client) => servePublisher(client, clientDeps)),
    },
    "/join": {
      sockets: sockets(limits.intentBytes),
      serve: (socket) =>
        serveClient(socket, parseGuestMessage, limits.handshakeMs, (client) => serveGuest(client, clientDeps)),
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
    if (request.url === "/healthz") return isReachable ? answer(200, "ok\n") : answer(503, "NATS cannot be reached.\n");
    if (request.url === "/metrics") return answer(200, formatMetrics(metrics, { shares: shares.count() }));
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

  const sweeper = setInterval(() => {
    shares.deleteUnused().catch((error) => log(`old shares could not be deleted: ${error}`));
  }, SWEEP_MS).unref();

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      clearInterval(sweeper);
      await shares.stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), 500).unref();
      });
      await store.close();
    },
  };
}

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
