/**
 * Connects to one plugin through the MCP SDK: the transport, the client capabilities, and the server's requests and notifications.
 * The SDK is loaded with this file, and this file with the first plugin.
 */
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ErrorCode,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  McpError,
  PromptListChangedNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResultSchema,
  ToolListChangedNotificationSchema,
} from "@modelcontextprotocol/sdk/types.js";
import { pluginNotifications } from "../../protocol/plugin.ts";
import { callTool } from "./call-tool.ts";
import { connectClient, createPluginConnection, fromSdkClient, type McpClient } from "./mcp-plugin-connection.ts";
import type { PluginConnection, PluginEvents } from "./plugin-connection.ts";

export interface ConnectOptions {
  transport: Transport & { stderrTail?(): string };
  version: string;
  /** The roots, as `file:` URIs. */
  roots(): { uri: string; name: string }[];
  /** Handles sampling requests; the user approves each one. Null disables sampling. */
  sampling: ((params: unknown, signal: AbortSignal) => Promise<Record<string, unknown>>) | null;
  startMs: number;
}

const SETTLE_PINGS = 4;
const SETTLE_MS = 500;

export async function connect(events: PluginEvents, options: ConnectOptions): Promise<PluginConnection> {
  const { transport } = options;
  const client = new Client(
    { name: "tutti", title: "Tutti", version: options.version },
    {
      capabilities: {
        roots: { listChanged: true },
        elicitation: { form: { applyDefaults: true }, url: {} },
        ...(options.sampling && { sampling: {} }),
      },
    },
  );
  /** A server that requested the roots gets time to process them before its first call: some reject paths until then. */
  let settling: Promise<void> | null = null;
  const roots = (): ReturnType<ConnectOptions["roots"]> => {
    settling ??= waitForRoots(client);
    return options.roots();
  };
  registerHandlers(client, events, { ...options, roots });
  const stderrTail = await connectClient(client, transport, events, () =>
    client.connect(transport, { timeout: options.startMs }),
  );
  const mcpClient: McpClient = {
    ...fromSdkClient(client),
    listPage: (method, params) => client.request({ method, params }, ResultSchema),
    async callTool(request, options, asTask, onStatus) {
      await settling;
      return callTool(client, request, options, { asTask, events, onStatus });
    },
    request: (request, options) => client.request(request, ResultSchema, options),
  };
  return createPluginConnection(mcpClient, stderrTail);
}

/** Resolves when the server has answered a few pings after the roots were sent, or does not answer pings. */
async function waitForRoots(client: Client): Promise<void> {
  await new Promise(setImmediate);
  try {
    for (let count = 0; count < SETTLE_PINGS; count++) await client.ping({ timeout: SETTLE_MS });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function registerHandlers(client: Client, events: PluginEvents, options: ConnectOptions): void {
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => events.onChanged("tools"));
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => events.onChanged("prompts"));
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => events.onChanged("resources"));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    if (!["error", "critical", "alert", "emergency"].includes(params.level)) return;
    const text = typeof params.data === "string" ? params.data : JSON.stringify(params.data);
    events.notify("error", text);
  });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: options.roots() }));
  client.setRequestHandler(ElicitRequestSchema, async ({ params }, { signal }) => {
    if (params.mode === "url")
      return events.elicit(
        { message: params.message, url: params.url, schema: { properties: {}, required: [] } },
        signal,
      );
    const { properties, required = [] } = params.requestedSchema;
    const answer = await events.elicit({ message: params.message, schema: { properties, required } }, signal);
    return answer as { action: "accept"; content: Record<string, string | number | boolean | string[]> };
  });
  const { sampling } = options;
  if (sampling)
    client.setRequestHandler(
      CreateMessageRequestSchema,
      async ({ params }, { signal }) =>
        (await sampling(params, signal)) as {
          model: string;
          role: "assistant";
          content: { type: "text"; text: string };
        },
    );
  client.fallbackRequestHandler = async ({ method, params }, { signal }) => {
    if (!method.startsWith("tutti/")) throw new McpError(ErrorCode.MethodNotFound, `There is no method ${method}.`);
    return events.handleRequest(method, params ?? {}, signal);
  };
  client.fallbackNotificationHandler = async ({ method, params }) => {
    if (method === "tutti/changed") {
      const read = pluginNotifications["tutti/changed"].params.safeParse(params);
      if (read.success) events.onChanged(read.data.what);
    } else if (method === "tutti/notify") {
      const read = pluginNotifications["tutti/notify"].params.safeParse(params);
      if (read.success) events.notify(read.data.level, read.data.text);
    }
  };
}
