/**
 * Connects to a server that requires MCP 2026-07-28: no hooks and no requests from the server, since that version has none;
 * elicitations arrive as results. Loaded only if needed.
 */
import { Client, StreamableHTTPClientTransport, type Tool, type Transport } from "@modelcontextprotocol/client";
import { z } from "zod";
import type { PluginSpec } from "../config/plugin-spec.ts";
import type { ConnectOptions } from "./connect.ts";
import { connectClient, createPluginConnection, fromSdkClient, type McpClient } from "./mcp-plugin-connection.ts";
import type { PluginConnection, PluginContent, PluginEvents, PluginResult } from "./plugin-connection.ts";

const VERSION = "2026-07-28";

const anyResult = z.record(z.string(), z.unknown());

const isTool = (value: unknown): value is Tool =>
  typeof (value as Partial<Tool> | null)?.name === "string" && typeof (value as Tool).inputSchema === "object";

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
  /** The tools as listed. Their output schemas are omitted, so that results are not checked against them. */
  const definitions = new Map<string, Tool>();
  const mcpClient: McpClient = {
    ...fromSdkClient(client),
    async listPage(method, params) {
      const page = await client.request({ method, params }, anyResult);
      if (method === "tools/list" && Array.isArray(page.tools))
        for (const { name, inputSchema } of page.tools.filter(isTool))
          definitions.set(name, { name, inputSchema: { ...inputSchema, type: "object" } });
      return page;
    },
    async callTool(request, options) {
      const toolDefinition = definitions.get(request.name);
      return toResult(await client.callTool(request, { ...options, ...(toolDefinition && { toolDefinition }) }));
    },
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
