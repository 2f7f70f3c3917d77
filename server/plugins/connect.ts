/**
 * A connection to one plugin through the MCP SDK: the process or the address, what Tutti can do for it, and its answers in the shapes
 * of link.ts. The SDK is loaded with this file, so this file is loaded with the first plugin.
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
import { establish, type Face, linkOf } from "./face.ts";
import type { PluginEars, PluginLink } from "./link.ts";

export interface ConnectOptions {
  transport: Transport & { complaints?(): string };
  version: string;
  /** What may be seen of the file system, as `file:` addresses. */
  roots(): { uri: string; name: string }[];
  /** A person lets the plugin ask the model, each time. */
  sampling: ((params: unknown, signal: AbortSignal) => Promise<Record<string, unknown>>) | null;
  startMs: number;
}

const SETTLE_PINGS = 4;
const SETTLE_MS = 500;

export async function connect(ears: PluginEars, options: ConnectOptions): Promise<PluginLink> {
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
  /** Before its first call a server that asked for roots is given the time to take them in: some turn paths away until then. */
  let settling: Promise<void> | null = null;
  const roots = (): ReturnType<ConnectOptions["roots"]> => {
    settling ??= settle(client);
    return options.roots();
  };
  listen(client, ears, { ...options, roots });
  const complaints = await establish(client, transport, ears, () =>
    client.connect(transport, { timeout: options.startMs }),
  );
  const face: Face = {
    has: client.getServerCapabilities() ?? {},
    server: client.getServerVersion() ?? { name: "unnamed", version: "" },
    instructions: client.getInstructions(),
    listTools: (page) => client.listTools(page),
    listPrompts: (page) => client.listPrompts(page),
    listResources: (page) => client.listResources(page),
    listResourceTemplates: (page) => client.listResourceTemplates(page),
    async callTool(wanted, how, asTask, onStatus) {
      await settling;
      return callTool(client, wanted, how, { asTask, ears, onStatus });
    },
    getPrompt: (wanted, how) => client.getPrompt(wanted, how),
    readResource: (wanted, how) => client.readResource(wanted, how),
    complete: (wanted, how) => client.complete(wanted, how),
    request: (wanted, how) => client.request(wanted, ResultSchema, how),
    close: () => client.close(),
  };
  return linkOf(face, complaints);
}

/** Answers to what is asked after the roots were sent; a server that gives none has had time enough. */
async function settle(client: Client): Promise<void> {
  await new Promise(setImmediate);
  try {
    for (let count = 0; count < SETTLE_PINGS; count++) await client.ping({ timeout: SETTLE_MS });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
}

function listen(client: Client, ears: PluginEars, options: ConnectOptions): void {
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => ears.changed("tools"));
  client.setNotificationHandler(PromptListChangedNotificationSchema, () => ears.changed("prompts"));
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => ears.changed("resources"));
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
    if (!["error", "critical", "alert", "emergency"].includes(params.level)) return;
    const text = typeof params.data === "string" ? params.data : JSON.stringify(params.data);
    ears.notify("error", text);
  });
  client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: options.roots() }));
  client.setRequestHandler(ElicitRequestSchema, async ({ params }, { signal }) => {
    if (params.mode === "url")
      return ears.elicit(
        { message: params.message, url: params.url, schema: { properties: {}, required: [] } },
        signal,
      );
    const { properties, required = [] } = params.requestedSchema;
    const answer = await ears.elicit({ message: params.message, schema: { properties, required } }, signal);
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
    return ears.asked(method, params ?? {}, signal);
  };
  client.fallbackNotificationHandler = async ({ method, params }) => {
    if (method === "tutti/changed") {
      const read = pluginNotifications["tutti/changed"].params.safeParse(params);
      if (read.success) ears.changed(read.data.what);
    } else if (method === "tutti/notify") {
      const read = pluginNotifications["tutti/notify"].params.safeParse(params);
      if (read.success) ears.notify(read.data.level, read.data.text);
    }
  };
}
