/**
 * `tutti-plugin/http`: serves a plugin over streamable HTTP, for several hosts at once, on this machine only. Use a reverse proxy to make
 * it available to other machines.
 */
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Plugin } from "./plugin.ts";

export interface HttpOptions {
  /** 0 selects a free port. */
  port: number;
  /** Required as `Authorization: Bearer TOKEN`; without it, every program on this machine can use the plugin. */
  token?: string;
}

export interface HttpServer {
  /** The URL for hosts: `http://127.0.0.1:PORT/mcp`. */
  url: string;
  close(): Promise<void>;
}

/** Concurrent hosts; one more disconnects the oldest. */
const MAX_HOSTS = 64;

/** Listens on 127.0.0.1. Rejects requests that a web page could have sent: those with an origin, or with another host name. */
export async function serveHttp(plugin: Plugin, { port, token }: HttpOptions): Promise<HttpServer> {
  const hosts = new Map<string, StreamableHTTPServerTransport>();

  async function connectHost(): Promise<StreamableHTTPServerTransport> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized(id) {
        hosts.set(id, transport);
        const [oldest] = hosts.values();
        if (hosts.size > MAX_HOSTS) void oldest?.close();
      },
    });
    transport.onclose = () => hosts.delete(transport.sessionId ?? "");
    await plugin.connect(transport as Transport);
    return transport;
  }

  const server = createServer(async (request, response) => {
    const status = checkRequest(request, token);
    const id = request.headers["mcp-session-id"];
    const existing = typeof id === "string" ? hosts.get(id) : undefined;
    if (status !== null || (id !== undefined && !existing)) response.writeHead(status ?? 404).end();
    else {
      const transport = existing ?? (await connectHost());
      await transport.handleRequest(request, response);
      // The request was not `initialize` and got an error, so this transport is not used again.
      if (!existing && transport.sessionId === undefined) await transport.close();
    }
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await Promise.all([...hosts.values()].map((transport) => transport.close()));
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The status to reject a request with, or null. */
function checkRequest({ headers, url = "", socket }: IncomingMessage, token: string | undefined): number | null {
  const names = ["127.0.0.1", "localhost"].map((name) => `${name}:${socket.localPort}`);
  if (headers.origin !== undefined || !names.includes(headers.host ?? "")) return 403;
  if (token !== undefined && !isEqual(headers.authorization ?? "", `Bearer ${token}`)) return 401;
  return url === "/mcp" ? null : 404;
}

/** Compares in constant time. */
const isEqual = (actual: string, expected: string): boolean => timingSafeEqual(digest(actual), digest(expected));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
