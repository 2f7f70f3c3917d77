/**
 * The TCP listener, started on request only: a health check over HTTP, WebSocket, and the web page where it is wanted. Every request is
 * checked first (authorize-request.ts).
 * Connections that have not presented the token are few and short.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { SUBPROTOCOL } from "../../client/websocket.ts";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import { checkRequest, securityHeaders } from "./authorize-request.ts";
import { allowedHosts, parseAddress, requireTls } from "./listen-address.ts";
import { MAX_BODY } from "./message-check.ts";
import type { PageFile } from "./page-files.ts";
import { createPageToken, isPageToken, PAGE_TOKEN_MS } from "./page-token.ts";
import { readTls } from "./read-tls.ts";
import { openToken } from "./token.ts";
import type { Transport } from "./transport.ts";
import { createWebSocketTransport } from "./web-socket-transport.ts";

export interface WebOptions {
  /** `HOST:PORT`; port 0 means any free port. */
  listen: string;
  behindTlsProxy: boolean;
  /** `host[:port]`: names that clients may use, in addition to the loopback names and that of `listen`. */
  hosts: readonly string[];
  /** Origins of web pages that may connect, as `scheme://host[:port]`. */
  origins: readonly string[];
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  /** Milliseconds until a connection must have presented its token. */
  handshakeMs?: number;
}

/** What a listener needs to serve the web page. */
export interface WebPage {
  files: ReadonlyMap<string, PageFile>;
  /** True once for each ticket. */
  redeem(ticket: string): boolean;
}

export interface WebListener {
  url: string;
  tokenFile: string;
  close(): Promise<void>;
}

const MAX_PENDING = 256;
const HANDSHAKE_MS = 5000;
const FRAGMENTS = 4096;

export async function openWebListener(
  options: WebOptions,
  dataDir: string,
  take: (transport: Transport) => unknown,
  page?: WebPage,
): Promise<WebListener> {
  const { handshakeMs = HANDSHAKE_MS, origins } = options;
  const address = parseAddress(options.listen);
  const tls = readTls(options);
  requireTls(address, tls !== null || options.behindTlsProxy);
  const tokenFile = options.tokenFile ?? join(dataDir, "server.token");
  const transports = new Set<Transport>();
  const token = openToken(tokenFile, () => {
    for (const transport of transports) transport.close();
  });
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MAX_BODY,
    maxFragments: FRAGMENTS,
    autoPong: false,
    clientTracking: false,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  const http = { maxHeaderSize: 8 * 1024, requireHostHeader: false, keepAlive: false };
  const server: Server = tls
    ? process.getBuiltinModule("node:https").createServer({ ...http, ...tls })
    : process.getBuiltinModule("node:http").createServer(http);
  let hosts = new Set<string>();
  const scheme = tls || options.behindTlsProxy ? "https" : "http";
  const rules = {
    origins: new Set(origins),
    isToken: (candidate: string) =>
      token.is(candidate) || (page !== undefined && isPageToken(token, candidate, Date.now())),
    ...(page && { page: { scheme, isFile: (path: string) => page.files.has(path) } as const }),
  };
  const check = ({ method = "", url = "", rawHeaders }: IncomingMessage, upgrade: boolean) =>
    checkRequest({ method, url, rawHeaders, upgrade }, { ...rules, hosts });

  server.maxRequestsPerSocket = 1;
  server.on("request", (request, response) => {
    const verdict = check(request, false);
    if (verdict.status !== 200) return respond(response, verdict.status, `${verdict.reason}\n`);
    const file = verdict.serve === "file" ? page?.files.get(request.url ?? "") : undefined;
    if (file) response.writeHead(200, { ...file.headers, connection: "close" }).end(file.body);
    else if (verdict.serve !== "ticket") respond(response, 200, "ok\n");
    else if (page?.redeem(verdict.ticket)) {
      const expiresAt = Date.now() + PAGE_TOKEN_MS;
      const body = JSON.stringify({ token: createPageToken(token, expiresAt), expiresAt });
      respond(response, 200, body, "application/json");
    } else respond(response, 401, "The ticket was used already, or has expired.\n");
  });
  const admitted = limitPending(server, handshakeMs);
  /** Not a part of the handler of the upgrade: a connection would keep its request for as long as it is open. */
  const accept = (socket: WebSocket): void => {
    const transport = createWebSocketTransport(socket);
    transports.add(transport);
    void transport.closed.then(() => transports.delete(transport));
    take(transport);
  };
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = check(request, true);
    if (verdict.status !== 200) {
      refuse(socket, verdict.status, verdict.reason);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      admitted(request.socket);
      accept(opened);
    });
  });
  const { port } = await listening(server, address.host, address.port);
  hosts = allowedHosts({ ...address, port }, options.hosts, tls !== null);
  const name = address.host.includes(":") ? `[${address.host}]` : address.host;
  return {
    url: `${tls ? "wss" : "ws"}://${name}:${port}`,
    tokenFile,
    close: () =>
      new Promise((resolve) => {
        token.close();
        for (const transport of transports) transport.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function respond(response: ServerResponse, status: number, body: string, type = "text/plain"): void {
  response.writeHead(status, { ...securityHeaders, connection: "close", "content-type": type }).end(body);
}

/** Limits connections that have not presented a token yet. The returned function ends that limit for one connection. */
function limitPending(server: Server, handshakeMs: number): (socket: Socket) => void {
  const pending = new Map<Socket, NodeJS.Timeout>();
  const release = (socket: Socket): void => {
    clearTimeout(pending.get(socket));
    pending.delete(socket);
  };
  const enter = (socket: Socket): void => {
    // The oldest goes, not the newest: connections without a token cannot keep out one that has it and presents it at once.
    const [oldest] = pending.size >= MAX_PENDING ? pending.keys() : [];
    if (oldest) {
      release(oldest);
      oldest.destroy();
    }
    pending.set(
      socket,
      setTimeout(() => socket.destroy(), handshakeMs),
    );
    socket.once("close", () => release(socket));
    socket.on("error", () => socket.destroy());
  };
  // With TLS, the raw connection comes first and is counted; requests arrive on the encrypted one above it.
  server.on("connection", enter);
  server.on("secureConnection", (socket: Socket) => {
    const raw = (socket as Socket & { _parent?: Socket })._parent;
    if (raw) release(raw);
    enter(socket);
  });
  server.on("clientError", (_, socket) => refuse(socket, 400, "Invalid HTTP request."));
  return release;
}

function refuse(socket: Duplex, status: number, reason: string): void {
  const headers = { ...securityHeaders, connection: "close", "content-type": "text/plain" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { STATUS_CODES } = process.getBuiltinModule("node:http");
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${reason}\n`);
}

function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new TuttiError("failed", `Cannot listen at ${host}:${port}: ${describeError(error)}.`)),
    );
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
