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
import { ZodError } from "zod";
import { declaration, PLUGIN_KEY, pluginNotifications } from "../../protocol/plugin.ts";
import { callTool } from "./call-tool.ts";
import type {
  Asking,
  PluginContent,
  PluginEars,
  PluginLink,
  PluginPrompt,
  PluginResource,
  PluginTool,
} from "./link.ts";

export interface ConnectOptions {
  transport: Transport & { complaints?(): string };
  version: string;
  /** What may be seen of the file system, as `file:` addresses. */
  roots(): { uri: string; name: string }[];
  /** A person lets the plugin ask the model, each time. */
  sampling: ((params: unknown, signal: AbortSignal) => Promise<Record<string, unknown>>) | null;
  startMs: number;
}

/** Pages of a list; more is no list that anybody could use. */
const PAGES_MOST = 100;

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
  let why = "it ended";
  client.onerror = (error) => {
    why = error.message;
  };
  const complaints = (): string => transport.complaints?.() ?? "";
  try {
    await client.connect(transport, { timeout: options.startMs });
  } catch (error) {
    await transport.close();
    throw new Error(`${sentence(error)}${told(complaints())}`, { cause: error });
  }
  client.onclose = () => ears.ended(`${why}${told(complaints())}`);
  const has = client.getServerCapabilities() ?? {};
  /** Tools that can only be called as tasks. */
  const tasks = new Set<string>();
  const server = client.getServerVersion() ?? { name: "unnamed", version: "" };

  return {
    server: {
      name: server.name,
      version: server.version,
      ...(server.title !== undefined && { title: server.title }),
      ...(client.getInstructions() !== undefined && { instructions: client.getInstructions() ?? "" }),
      protocol: (transport as { protocolVersion?: string }).protocolVersion ?? "",
    },
    declaration: declared(has),
    tools: () =>
      has.tools
        ? paged<"tools", ListedTool, PluginTool>(
            (cursor) => client.listTools(cursor),
            "tools",
            (tool) => {
              if (tool.execution?.taskSupport === "required") tasks.add(tool.name);
              return toolOf(tool);
            },
          )
        : Promise.resolve([]),
    prompts: () =>
      has.prompts ? paged((cursor) => client.listPrompts(cursor), "prompts", promptOf) : Promise.resolve([]),
    async resources() {
      if (!has.resources) return [];
      const fixed = await paged((cursor) => client.listResources(cursor), "resources", resourceOf);
      const open = await paged((cursor) => client.listResourceTemplates(cursor), "resourceTemplates", templateOf).catch(
        (error: unknown) => {
          if (unknownMethod(error)) return [];
          throw error;
        },
      );
      return [...fixed, ...open];
    },
    call: (tool, input, asking) =>
      plainly(async () => {
        await settling;
        return callTool(client, { name: tool, arguments: input }, asked(asking), {
          asTask: tasks.has(tool),
          ears,
          onStatus: asking.onProgress ?? (() => undefined),
        });
      }),
    prompt: (name, values, asking) =>
      plainly(async () => {
        const { messages } = await client.getPrompt({ name, arguments: values }, asked(asking));
        return messages.map(({ role, content }) => ({ role, content: content as PluginContent }));
      }),
    read: (uri, asking) =>
      plainly(async () => {
        const { contents } = await client.readResource({ uri }, asked(asking));
        return contents.map((resource) => ({ type: "resource", resource }));
      }),
    async complete(of, name, value) {
      if (!has.completions) return [];
      const ref =
        "prompt" in of
          ? { type: "ref/prompt" as const, name: of.prompt }
          : { type: "ref/resource" as const, uri: of.uri };
      const { completion } = await plainly(() =>
        client.complete({ ref, argument: { name, value } }, { timeout: 2_000 }),
      );
      return completion.values;
    },
    async request(method, params, asking) {
      try {
        return await client.request({ method, params }, ResultSchema, asked(asking));
      } catch (error) {
        if (unknownMethod(error)) return null;
        throw new Error(sentence(error), { cause: error });
      }
    },
    complaints,
    close: () => client.close(),
  };
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

/** What it declares for Tutti, under either name; null where it is a plain MCP server, or says it wrongly. */
function declared(capabilities: Record<string, unknown>): PluginLink["declaration"] {
  for (const place of [capabilities.extensions, capabilities.experimental]) {
    const found = (place as Record<string, unknown> | undefined)?.[PLUGIN_KEY];
    if (found === undefined) continue;
    const read = declaration.safeParse(found);
    if (read.success) return { ...read.data, widgets: read.data.widgets ?? [] };
    throw new Error(`its declaration for Tutti is wrong: ${read.error.issues[0]?.message ?? ""}`);
  }
  return null;
}

async function paged<K extends string, In, Out>(
  ask: (page: { cursor?: string }) => Promise<{ [key in K]: In[] } & { nextCursor?: string | undefined }>,
  key: K,
  shape: (one: In) => Out,
): Promise<Out[]> {
  const all: Out[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MOST; page++) {
    const found = await plainly(() => ask(cursor === undefined ? {} : { cursor }));
    all.push(...found[key].map(shape));
    if (found.nextCursor === undefined || found.nextCursor === cursor) break;
    cursor = found.nextCursor;
  }
  return all;
}

interface Named {
  name: string;
  title?: string | undefined;
  description?: string | undefined;
}

const named = ({ name, title, description }: Named) => ({
  name,
  ...(title !== undefined && { title }),
  description: description ?? "",
});

interface ListedTool extends Named {
  inputSchema: object;
  annotations?: object | undefined;
  execution?: { taskSupport?: string | undefined } | undefined;
}

const toolOf = (tool: ListedTool): PluginTool => ({
  ...named(tool),
  schema: tool.inputSchema as Record<string, unknown>,
  ...(tool.annotations && { annotations: tool.annotations as Record<string, unknown> }),
});

const promptOf = (
  prompt: Named & { arguments?: (Named & { required?: boolean | undefined })[] | undefined },
): PluginPrompt => ({
  ...named(prompt),
  arguments: (prompt.arguments ?? []).map(({ name, description, required }) => ({
    name,
    description: description ?? "",
    required: required ?? false,
  })),
});

const resourceOf = (one: Named & { uri: string; mimeType?: string | undefined }): PluginResource => ({
  ...named(one),
  uri: one.uri,
  template: false,
  ...(one.mimeType !== undefined && { mediaType: one.mimeType }),
});

const templateOf = (one: Named & { uriTemplate: string; mimeType?: string | undefined }): PluginResource => ({
  ...resourceOf({ ...one, uri: one.uriTemplate }),
  template: true,
});

interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** Progress does not lengthen the time that is given, so that nobody is held up for ever by signs of life. */
const asked = ({ signal, timeoutMs, onProgress }: Asking) => ({
  timeout: timeoutMs,
  ...(signal && { signal }),
  ...(onProgress && {
    onprogress: ({ progress, total, message }: Progress) =>
      onProgress(`${message ?? "working"} (${total === undefined ? progress : `${progress} of ${total}`})\n`),
  }),
});

async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(sentence(error), { cause: error });
  }
}

const unknownMethod = (error: unknown): boolean => error instanceof McpError && error.code === ErrorCode.MethodNotFound;

function sentence(error: unknown): string {
  // Messages that are wrong never get this far: only what is read for a login does.
  if (error instanceof ZodError)
    return `what its server says about logging in is wrong at ${error.issues[0]?.path.join(".") || "the top"}`;
  if (error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_URL")
    return "what its server says about logging in names something that is no address";
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^MCP error -?\d+: /, "");
}

/** What it said last of an error, or last of all. */
function told(complaints: string): string {
  const lines = complaints
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const said = lines.findLast((line) => /error|cannot|not found|denied|refused/i.test(line)) ?? lines.at(-1);
  return said === undefined ? "" : `; it said: ${said.slice(0, 500)}`;
}
