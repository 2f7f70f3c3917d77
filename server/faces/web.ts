/**
 * The listener on TCP, on request only: HTTP that says little, and WebSocket, both behind the gate. Nobody holds a place for long
 * without having shown the token.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { SUBPROTOCOL } from "../../client/websocket.ts";
import { TuttiError } from "../../protocol/errors.ts";
import { judge, securityHeaders } from "./gate.ts";
import { MAX_BODY } from "./message.ts";
import { openToken } from "./token.ts";
import { hostNames, parseAddress, requireTls } from "./web-address.ts";
import { webSocketWire } from "./web-socket-wire.ts";
import type { Wire } from "./wire.ts";

export interface WebOptions {
  /** `HOST:PORT`; port 0 takes any that is free. */
  listen: string;
  behindTlsProxy: boolean;
  /** `host[:port]`, beside the loopback names and that of `listen`, by which clients may call the server. */
  hosts: readonly string[];
  /** Web pages that may connect, as `scheme://host[:port]`. */
  origins: readonly string[];
  tokenFile?: string;
  tlsCert?: string;
  tlsKey?: string;
  /** Milliseconds until a connection must have shown its token. */
  handshakeMs?: number;
}

export interface Web {
  url: string;
  tokenFile: string;
  close(): Promise<void>;
}

const MAX_PENDING = 256;
const HANDSHAKE_MS = 5000;
const FRAGMENTS = 4096;

export async function listenWeb(options: WebOptions, dataDir: string, take: (wire: Wire) => unknown): Promise<Web> {
  const { handshakeMs = HANDSHAKE_MS, origins } = options;
  const address = parseAddress(options.listen);
  const tls = readTls(options);
  requireTls(address, tls !== null || options.behindTlsProxy);
  const tokenFile = options.tokenFile ?? join(dataDir, "server.token");
  const wires = new Set<Wire>();
  const token = openToken(tokenFile, () => {
    for (const wire of wires) wire.close();
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
  const verdictOn = ({ method = "", url = "", rawHeaders }: IncomingMessage, upgrade: boolean) =>
    judge({ method, url, rawHeaders, upgrade }, { hosts, origins: new Set(origins), isToken: token.is });

  server.maxRequestsPerSocket = 1;
  server.on("request", (request, response) => {
    const verdict = verdictOn(request, false);
    response.writeHead(verdict.status, { ...securityHeaders, connection: "close", "content-type": "text/plain" });
    response.end(verdict.status === 200 ? "ok\n" : `${verdict.why}\n`);
  });
  const admitted = limitPending(server, handshakeMs);
  server.on("upgrade", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const verdict = verdictOn(request, true);
    if (verdict.status !== 200) {
      refuse(socket, verdict.status, verdict.why);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      admitted(request.socket);
      const wire = webSocketWire(opened);
      wires.add(wire);
      void wire.closed.then(() => wires.delete(wire));
      take(wire);
    });
  });
  const { port } = await listening(server, address.host, address.port);
  hosts = hostNames({ ...address, port }, options.hosts, tls !== null);
  const name = address.host.includes(":") ? `[${address.host}]` : address.host;
  return {
    url: `${tls ? "wss" : "ws"}://${name}:${port}`,
    tokenFile,
    close: () =>
      new Promise((resolve) => {
        token.close();
        for (const wire of wires) wire.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function readTls({ tlsCert, tlsKey }: WebOptions): { cert: Buffer; key: Buffer } | null {
  if (tlsCert === undefined && tlsKey === undefined) return null;
  if (tlsCert === undefined || tlsKey === undefined)
    throw new TuttiError("usage", "--tls-cert and --tls-key go together.");
  try {
    return { cert: readFileSync(tlsCert), key: readFileSync(tlsKey) };
  } catch (error) {
    throw new TuttiError("usage", `The certificate cannot be read: ${(error as Error).message}.`);
  }
}

/** Connections that have shown nothing yet are few and short; the function that is returned lets one out of the count. */
function limitPending(server: Server, handshakeMs: number): (socket: Socket) => void {
  const pending = new Map<Socket, NodeJS.Timeout>();
  const out = (socket: Socket): void => {
    clearTimeout(pending.get(socket));
    pending.delete(socket);
  };
  const enter = (socket: Socket): void => {
    if (pending.size >= MAX_PENDING) {
      socket.destroy();
      return;
    }
    pending.set(
      socket,
      setTimeout(() => socket.destroy(), handshakeMs),
    );
    socket.once("close", () => out(socket));
    socket.on("error", () => socket.destroy());
  };
  // On TLS the raw connection comes first and is counted; the request sees the encrypted one above it.
  server.on("connection", enter);
  server.on("secureConnection", (socket: Socket) => {
    const raw = (socket as Socket & { _parent?: Socket })._parent;
    if (raw) out(raw);
    enter(socket);
  });
  server.on("clientError", (_, socket) => refuse(socket, 400, "This is not a request."));
  return out;
}

function refuse(socket: Duplex, status: number, why: string): void {
  const headers = { ...securityHeaders, connection: "close", "content-type": "text/plain" };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const { STATUS_CODES } = process.getBuiltinModule("node:http");
  socket.on("error", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("\r\n")}\r\n\r\n${why}\n`);
}

function listening(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(new TuttiError("failed", `The server cannot listen at ${host}:${port}: ${error.message}.`)),
    );
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}
