/** MCP over streamable HTTP, with the configured headers, OAuth if the server requires it, and throttled notifications. */
import type { OAuthClientProvider } from "@modelcontextprotocol/sdk/client/auth.js";
import { StreamableHTTPClientTransport, StreamableHTTPError } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import type { PluginSpec } from "../config/plugin-spec.ts";
import type { Clock } from "../ports.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { createThrottle } from "./throttle.ts";

export interface HttpTransport extends Transport {
  finishAuth(code: string): Promise<void>;
}

export function createHttpTransport(
  spec: Pick<PluginSpec, "url" | "headers">,
  provider: OAuthClientProvider | null,
  clock: Clock,
): HttpTransport {
  const server = new URL(spec.url ?? "");
  const inner = new StreamableHTTPClientTransport(server, {
    fetch: createGuardedFetch(server, spec.headers),
    ...(provider && { authProvider: provider }),
  });
  const throttle = createThrottle(clock, () => undefined);
  const outer: HttpTransport = {
    async start() {
      inner.onmessage = (message) => {
        const notification = "method" in message && !("id" in message) ? message.method : null;
        if (notification === null || throttle.acceptsNotification(notification)) outer.onmessage?.(message);
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
        // The server no longer knows this session, for example after a restart: the next call starts a new one.
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
