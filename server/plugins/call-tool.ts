/** Calls a plugin's tool in one of MCP's three ways: directly, as a task, or after the user has opened a page (URL elicitation). */
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { UrlElicitationRequiredError } from "@modelcontextprotocol/sdk/types.js";
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

const callDirectly = async (client: Client, params: CallParams, options: RequestOptions): Promise<PluginResult> =>
  toResult(await client.callTool(params, undefined, options));

async function callAsTask(
  client: Client,
  params: CallParams,
  options: RequestOptions,
  onStatus: (text: string) => void,
): Promise<PluginResult> {
  for await (const message of client.experimental.tasks.callToolStream(params, undefined, options)) {
    if (message.type === "taskStatus" && message.task.statusMessage) onStatus(`${message.task.statusMessage}\n`);
    if (message.type === "result") return toResult(message.result);
    if (message.type === "error") throw message.error;
  }
  throw new Error("its task ended without a result");
}

function toResult(result: Record<string, unknown>): PluginResult {
  return {
    content: Array.isArray(result.content) ? (result.content as PluginContent[]) : [],
    failed: result.isError === true,
    ...(result.structuredContent !== undefined && { structured: result.structuredContent }),
  };
}
