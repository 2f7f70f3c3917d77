/**
 * Connects to a server that requires MCP 2026-07-28: no hooks and no requests from the server, since that version has none;
 * elicitations arrive as results. Loaded only if needed.
 */
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import type { PluginSpec } from "../config/plugin-spec.ts";
import type { ConnectOptions } from "./connect.ts";
import { connectClient, createPluginConnection, fromSdkClient, type McpClient } from "./mcp-plugin-connection.ts";
import type { PluginConnection, PluginContent, PluginEvents, PluginResult } from "./plugin-connection.ts";

const VERSION = "2026-07-28";

export const createModernHttpTransport = (
  spec: PluginSpec,
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>,
): Transport =>
  new StreamableHTTPClientTransport(new URL(spec.url ?? ""), { requestInit: { headers: spec.headers }, fetch });

export async function connectModern(
  events: PluginEvents,
  {
    transport,
    version,
    startMs,
  }: Pick<ConnectOptions, "version" | "startMs"> & { transport: Transport & { stderrTail?(): string } },
): Promise<PluginConnection> {
  const client = new Client(
    { name: "tutti", title: "Tutti", version },
    {
      capabilities: { elicitation: { form: {}, url: {} } },
      versionNegotiation: { mode: { pin: VERSION } },
      listChanged: {
        tools: { onChanged: () => events.onChanged("tools") },
        prompts: { onChanged: () => events.onChanged("prompts") },
        resources: { onChanged: () => events.onChanged("resources") },
      },
    },
  );
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq }) => {
    if (params.mode === "url") {
      const request = { message: params.message, url: params.url, schema: { properties: {}, required: [] } };
      return events.elicit(request, mcpReq.signal) as Promise<{ action: "accept" }>;
    }
    const { properties, required = [] } = params.requestedSchema;
    const request = { message: params.message, schema: { properties, required } };
    return events.elicit(request, mcpReq.signal) as Promise<{ action: "accept" }>;
  });
  const stderrTail = await connectClient(client, transport, events, () =>
    client.connect(transport, { timeout: startMs }),
  );
  const mcpClient: McpClient = {
    ...fromSdkClient(client),
    callTool: async (request, options) => toResult(await client.callTool(request, options)),
    // Requests of Tutti's own exist only for older versions, which support requests in both directions.
    request: ({ method }) => Promise.reject(Object.assign(new Error(`there is no ${method}`), { code: -32601 })),
  };
  return createPluginConnection(mcpClient, stderrTail);
}

const toResult = ({
  content,
  isError,
  structuredContent,
}: {
  content: unknown[];
  isError?: boolean | undefined;
  structuredContent?: unknown;
}): PluginResult => ({
  content: content as PluginContent[],
  failed: isError === true,
  ...(structuredContent !== undefined && { structured: structuredContent }),
});
