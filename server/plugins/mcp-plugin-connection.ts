/**
 * Creates a PluginConnection from an MCP client: what the MCP versions have in common. Reads lists page by page, converts types, and
 * makes errors readable.
 */
import { ZodError } from "zod";
import { describeError } from "../../protocol/errors.ts";
import { declaration, PLUGIN_KEY } from "../../protocol/plugin.ts";
import { type ListedItems, readPrompts, readResources, readTemplates, readTools } from "./listed-items.ts";
import type {
  PluginConnection,
  PluginContent,
  PluginEvents,
  PluginResult,
  RequestOptions,
} from "./plugin-connection.ts";

export interface ToolCallRequest {
  name: string;
  arguments: Record<string, unknown>;
}

export interface McpRequestOptions {
  timeout: number;
  signal?: AbortSignal;
  onprogress?(progress: Progress): void;
}

export type ListMethod = "tools/list" | "prompts/list" | "resources/list" | "resources/templates/list";

type CompletionRef = { type: "ref/prompt"; name: string } | { type: "ref/resource"; uri: string };

/** The client interface that both MCP versions implement. */
export interface McpClient {
  capabilities: Record<string, unknown>;
  server: { name: string; version: string; title?: string | undefined };
  instructions: string | undefined;
  /** One page of a list, as the server sent it. */
  listPage(method: ListMethod, params: { cursor?: string }): Promise<Record<string, unknown>>;
  callTool(
    request: ToolCallRequest,
    options: McpRequestOptions,
    asTask: boolean,
    onStatus: (text: string) => void,
  ): Promise<PluginResult>;
  getPrompt(
    request: { name: string; arguments: Record<string, string> },
    options: McpRequestOptions,
  ): Promise<{ messages: { role: "user" | "assistant"; content: unknown }[] }>;
  readResource(request: { uri: string }, options: McpRequestOptions): Promise<{ contents: unknown[] }>;
  complete(
    request: { ref: CompletionRef; argument: { name: string; value: string } },
    options: McpRequestOptions,
  ): Promise<{ completion: { values: string[] } }>;
  request(
    request: { method: string; params: Record<string, unknown> },
    options: McpRequestOptions,
  ): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

interface SdkClient extends Pick<McpClient, "getPrompt" | "readResource" | "complete" | "close"> {
  getServerCapabilities(): Record<string, unknown> | undefined;
  getServerVersion(): McpClient["server"] | undefined;
  getInstructions(): string | undefined;
}

/** What the connected clients of both SDKs do in the same way. */
export const fromSdkClient = (client: SdkClient): Omit<McpClient, "callTool" | "listPage" | "request"> => ({
  capabilities: client.getServerCapabilities() ?? {},
  server: client.getServerVersion() ?? { name: "unnamed", version: "" },
  instructions: client.getInstructions(),
  getPrompt: (request, options) => client.getPrompt(request, options),
  readResource: (request, options) => client.readResource(request, options),
  complete: (request, options) => client.complete(request, options),
  close: () => client.close(),
});

/** Maximum number of pages of a list. */
const MAX_PAGES = 100;
const COMPLETE_MS = 2_000;
const METHOD_NOT_FOUND = -32601;

interface ClientCallbacks {
  onerror?: ((error: Error) => void) | undefined;
  onclose?: (() => void) | undefined;
}

/**
 * Connects a client. Resolves with a function that returns the end of the server's standard error; rejects with a message that
 * includes it.
 */
export async function connectClient(
  client: ClientCallbacks,
  transport: { stderrTail?(): string; close(): Promise<void> },
  events: PluginEvents,
  connect: () => Promise<void>,
): Promise<() => string> {
  let reason = "it ended";
  client.onerror = (error) => {
    reason = error.message;
  };
  const stderrTail = (): string => transport.stderrTail?.() ?? "";
  try {
    await connect();
  } catch (error) {
    await transport.close();
    throw new Error(`${describeMcpError(error)}${formatStderr(stderrTail())}`, { cause: error });
  }
  client.onclose = () => events.onEnded(`${reason}${formatStderr(stderrTail())}`);
  return stderrTail;
}

export function createPluginConnection(client: McpClient, stderrTail: () => string): PluginConnection {
  const { capabilities, server, instructions } = client;
  /** Tools that must be called as tasks. */
  const tasks = new Set<string>();
  /** By the list that was read. */
  const problems = new Map<ListMethod, string[]>();

  async function list<T>(
    method: ListMethod,
    key: string,
    read: (raw: readonly unknown[]) => ListedItems<T>,
  ): Promise<T[]> {
    const found = read(await listAll(client, method, key));
    problems.set(method, found.problems);
    return found.items;
  }

  return {
    server: {
      name: server.name,
      version: server.version,
      ...(server.title !== undefined && { title: server.title }),
      ...(instructions !== undefined && { instructions }),
    },
    declaration: parseDeclaration(capabilities),
    problems: () => [...problems.values()].flat(),
    async tools() {
      if (!capabilities.tools) return [];
      const listed = await list("tools/list", "tools", readTools);
      for (const { tool, asTask } of listed) if (asTask) tasks.add(tool.name);
      return listed.map(({ tool }) => tool);
    },
    prompts: async () => (capabilities.prompts ? list("prompts/list", "prompts", readPrompts) : []),
    async resources() {
      if (!capabilities.resources) return [];
      const fixed = await list("resources/list", "resources", readResources);
      const templates = list("resources/templates/list", "resourceTemplates", readTemplates);
      const optional = await templates.catch((error: unknown) => {
        if (isMethodNotFound(error)) return [];
        throw error;
      });
      return [...fixed, ...optional];
    },
    call: (tool, input, options) => {
      const onStatus = options.onProgress ?? (() => undefined);
      return withReadableErrors(() =>
        client.callTool({ name: tool, arguments: input }, toMcpOptions(options), tasks.has(tool), onStatus),
      );
    },
    async prompt(name, values, options) {
      const { messages } = await withReadableErrors(() =>
        client.getPrompt({ name, arguments: values }, toMcpOptions(options)),
      );
      return messages.map(({ role, content }) => ({ role, content: content as PluginContent }));
    },
    async read(uri, options) {
      const { contents } = await withReadableErrors(() => client.readResource({ uri }, toMcpOptions(options)));
      return contents.map((resource) => ({ type: "resource", resource }));
    },
    async complete(target, name, value) {
      if (!capabilities.completions) return [];
      const ref: CompletionRef =
        "prompt" in target ? { type: "ref/prompt", name: target.prompt } : { type: "ref/resource", uri: target.uri };
      const request = { ref, argument: { name, value } };
      return (await withReadableErrors(() => client.complete(request, { timeout: COMPLETE_MS }))).completion.values;
    },
    async request(method, params, options) {
      try {
        return await withReadableErrors(() => client.request({ method, params }, toMcpOptions(options)));
      } catch (error) {
        if (isMethodNotFound(error)) return null;
        throw error;
      }
    },
    stderrTail,
    close: client.close,
  };
}

/** The declaration for Tutti, under either key; null for a plain MCP server. Throws if it is invalid. */
function parseDeclaration(capabilities: Record<string, unknown>): PluginConnection["declaration"] {
  for (const section of [capabilities.extensions, capabilities.experimental]) {
    const found = (section as Record<string, unknown> | undefined)?.[PLUGIN_KEY];
    if (found === undefined) continue;
    const read = declaration.safeParse(found);
    if (read.success) return { ...read.data, widgets: read.data.widgets ?? [] };
    throw new Error(`its declaration for Tutti is invalid: ${read.error.issues[0]?.message ?? ""}`);
  }
  return null;
}

async function listAll(client: McpClient, method: ListMethod, key: string): Promise<unknown[]> {
  const items: unknown[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = await withReadableErrors(() => client.listPage(method, cursor === undefined ? {} : { cursor }));
    const { [key]: listed, nextCursor } = found;
    if (!Array.isArray(listed)) throw new Error(`its response to ${method} has no list of ${key}`);
    items.push(...listed);
    if (typeof nextCursor !== "string" || nextCursor === cursor) break;
    cursor = nextCursor;
  }
  return items;
}

interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

/** Progress does not extend the timeout, so that a call cannot run forever. */
const toMcpOptions = ({ signal, timeoutMs, onProgress }: RequestOptions) => ({
  timeout: timeoutMs,
  ...(signal && { signal }),
  ...(onProgress && {
    onprogress: ({ progress, total, message }: Progress) =>
      onProgress(`${message ?? "working"} (${total === undefined ? progress : `${progress} of ${total}`})\n`),
  }),
});

async function withReadableErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new Error(describeMcpError(error), { cause: error });
  }
}

/** The server does not implement the method. */
const isMethodNotFound = (error: unknown): boolean =>
  (error as { cause?: { code?: unknown } }).cause?.code === METHOD_NOT_FOUND;

function describeMcpError(error: unknown): string {
  // Only the responses of a login can fail validation here.
  if (error instanceof ZodError)
    return `its server's login metadata is invalid at ${error.issues[0]?.path.join(".") || "the top"}`;
  if (error instanceof TypeError && "code" in error && error.code === "ERR_INVALID_URL")
    return "its server's login metadata contains an invalid URL";
  return describeError(error).replace(/^MCP error -?\d+: /, "");
}

/** The last line that looks like an error, or else the last line. */
function formatStderr(stderrTail: string): string {
  const lines = stderrTail
    .trim()
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const line = lines.findLast((line) => /error|cannot|not found|denied|refused/i.test(line)) ?? lines.at(-1);
  return line === undefined ? "" : `; last output: ${line.slice(0, 500)}`;
}
