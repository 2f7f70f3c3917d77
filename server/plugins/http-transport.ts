/**
 * MCP over streamable HTTP: the headers that a person listed, OAuth where the server asks for it, and no more notifications than are heard
 * of a process.
 */
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { StreamableHTTPClientTransport, StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { Clock } from "../ports.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import type { PluginSpec } from "./spec.ts";
import { openThrottle } from "./throttle.ts";

export interface HttpTransport extends Transport {
  finishAuth(code: string): Promise<void>;
}

export function httpTransport(
  spec: Pick<PluginSpec, "url" | "headers">,
  provider: OAuthClientProvider | null,
  clock: Clock,
): HttpTransport {
  const server = new URL(spec.url ?? "");
  const inner = new StreamableHTTPClientTransport(server, {
    fetch: guardedFetch(server, spec.headers),
    ...(provider && { authProvider: provider }),
  });
  const throttle = openThrottle(clock, () => undefined);
  const outer: HttpTransport = {
    async start() {
      inner.onmessage = (message) => {
        const told = "method" in message && !("id" in message) ? message.method : null;
        if (told === null || throttle.hears(told)) outer.onmessage?.(message);
      };
      inner.onerror = (error) => outer.onerror?.(error);
      inner.onclose = () => {
        throttle.end();
        outer.onclose?.();
      };
      await inner.start();
    },
    async send(message, { resumptionToken, onresumptiontoken } = {}) {
      try {
        await inner.send(message, {
          ...(resumptionToken !== undefined && { resumptionToken }),
          ...(onresumptiontoken && { onresumptiontoken }),
        });
      } catch (error) {
        // The server has forgotten this connection, as after its restart: the next call begins with a new one.
        if (error instanceof StreamableHTTPError && error.code === 404 && inner.sessionId !== undefined)
          await inner.close();
        throw error;
      }
    },
    close: () => inner.close(),
    finishAuth: (code) => inner.finishAuth(code),
    setProtocolVersion: (version) => inner.setProtocolVersion(version),
  };
  return outer;
}
