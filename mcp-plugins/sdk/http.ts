/**
 * `tutti-plugin/http`: a plugin over streamable HTTP, for several hosts at once, on this machine only. Put a proxy of your own in front
 * of it where others shall reach it.
 */
import { createHash, randomUUID, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { StreamableHTTPServerTransport } from "@modelcontextprotocol/sdk/server/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Plugin } from "./plugin.ts";

export interface HttpOptions {
  /** 0 takes any that is free. */
  port: number;
  /** Wanted as `Authorization: Bearer TOKEN`; without it every program of this machine may use the plugin. */
  token?: string;
}

export interface HttpServer {
  /** What a host is given: `http://127.0.0.1:PORT/mcp`. */
  url: string;
  close(): Promise<void>;
}

/** Hosts that are connected at a time; one more closes the oldest. */
const MOST_HOSTS = 64;

/** Listens on 127.0.0.1. Requests that a web page could have sent are refused: those with an origin, or for another name. */
export async function serveHttp(plugin: Plugin, { port, token }: HttpOptions): Promise<HttpServer> {
  const hosts = new Map<string, StreamableHTTPServerTransport>();

  async function newHost(): Promise<StreamableHTTPServerTransport> {
    const transport: StreamableHTTPServerTransport = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized(id) {
        hosts.set(id, transport);
        const [oldest] = hosts.values();
        if (hosts.size > MOST_HOSTS) void oldest?.close();
      },
    });
    transport.onclose = () => hosts.delete(transport.sessionId ?? "");
    await plugin.connect(transport as Transport);
    return transport;
  }

  const server = createServer(async (request, response) => {
    const refused = refusal(request, token);
    const id = request.headers["mcp-session-id"];
    const known = typeof id === "string" ? hosts.get(id) : undefined;
    if (refused !== null || (id !== undefined && !known)) response.writeHead(refused ?? 404).end();
    else {
      const transport = known ?? (await newHost());
      await transport.handleRequest(request, response);
      // It was no `initialize`, and has been answered with an error: nobody will come back to it.
      if (!known && transport.sessionId === undefined) await transport.close();
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

/** The status with which a request is refused, or null. */
function refusal({ headers, url = "", socket }: IncomingMessage, token: string | undefined): number | null {
  const names = ["127.0.0.1", "localhost"].map((name) => `${name}:${socket.localPort}`);
  if (headers.origin !== undefined || !names.includes(headers.host ?? "")) return 403;
  if (token !== undefined && !same(headers.authorization ?? "", `Bearer ${token}`)) return 401;
  return url === "/mcp" ? null : 404;
}

/** In a time that does not tell how much of it was right. */
const same = (given: string, wanted: string): boolean => timingSafeEqual(digest(given), digest(wanted));
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();
