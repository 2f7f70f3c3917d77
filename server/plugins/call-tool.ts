/** Calls a plugin's tool in one of MCP's three ways: directly, as a task, or after the user has opened a page (URL elicitation). */
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { ResultSchema, UrlElicitationRequiredError } from "@modelcontextprotocol/sdk/types.js";
import type { PluginContent, PluginEvents, PluginResult } from "./plugin-connection.ts";

interface CallParams {
  name: string;
  arguments: Record<string, unknown>;
}

export async function callTool(
  client: Client,
  params: CallParams,
  options: RequestOptions,
  context: { asTask: boolean; events: PluginEvents; onStatus(text: string): void },
): Promise<PluginResult> {
  const attempt = (): Promise<PluginResult> =>
    context.asTask ? callAsTask(client, params, options, context.onStatus) : callDirectly(client, params, options);
  try {
    return await attempt();
  } catch (error) {
    if (!(error instanceof UrlElicitationRequiredError)) throw error;
    const signal = options.signal ?? new AbortController().signal;
    for (const { message, url } of error.elicitations) {
      const { action } = await context.events.elicit(
        { message, url, schema: { properties: {}, required: [] } },
        signal,
      );
      if (action !== "accept")
        throw new Error("it requires the user to open a page, which was declined", { cause: error });
    }
    return attempt();
  }
}

/** The result is not checked against the tool's output schema: the model gets what the plugin returned. */
const callDirectly = async (client: Client, params: CallParams, options: RequestOptions): Promise<PluginResult> =>
  toResult(await client.request({ method: "tools/call", params }, ResultSchema, options));

async function callAsTask(
  client: Client,
  params: CallParams,
  options: RequestOptions,
  onStatus: (text: string) => void,
): Promise<PluginResult> {
  for await (const message of client.experimental.tasks.callToolStream(params, undefined, { ...options, task: {} })) {
    if (message.type === "taskStatus" && message.task.statusMessage) onStatus(`${message.task.statusMessage}\n`);
    if (message.type === "result") return toResult(message.result);
    if (message.type === "error") throw message.error;
  }
  throw new Error("its task ended without a result");
}

function toResult(result: Record<string, unknown>): PluginResult {
  return {
    content: Array.isArray(result.content) ? result.content.map(toContent) : [],
    failed: result.isError === true,
    ...(result.structuredContent !== undefined && { structured: result.structuredContent }),
  };
}

/** Anything that is not a content block is passed as text. */
function toContent(block: unknown): PluginContent {
  if (typeof block === "object" && block !== null && "type" in block && typeof block.type === "string")
    return block as PluginContent;
  return { type: "text", text: typeof block === "string" ? block : (JSON.stringify(block) ?? "") };
}
