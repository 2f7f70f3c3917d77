/** One call of a plugin's tool, in whichever of MCP's three ways it has to be made: at once, as a task, or after a page was opened. */
import type { Client } from "@modelcontextprotocol/sdk/client/index.js";
import type { RequestOptions } from "@modelcontextprotocol/sdk/shared/protocol.js";
import { UrlElicitationRequiredError } from "@modelcontextprotocol/sdk/types.js";
import type { PluginContent, PluginEars, PluginResult } from "./link.ts";

interface Wanted {
  name: string;
  arguments: Record<string, unknown>;
}

export async function callTool(
  client: Client,
  wanted: Wanted,
  options: RequestOptions,
  how: { asTask: boolean; ears: PluginEars; onStatus(text: string): void },
): Promise<PluginResult> {
  const once = (): Promise<PluginResult> =>
    how.asTask ? asTask(client, wanted, options, how.onStatus) : plain(client, wanted, options);
  try {
    return await once();
  } catch (error) {
    if (!(error instanceof UrlElicitationRequiredError)) throw error;
    const signal = options.signal ?? new AbortController().signal;
    for (const { message, url } of error.elicitations) {
      const { action } = await how.ears.elicit({ message, url, schema: { properties: {}, required: [] } }, signal);
      if (action !== "accept") throw new Error("it needs a page to be opened, which was declined", { cause: error });
    }
    return once();
  }
}

const plain = async (client: Client, wanted: Wanted, options: RequestOptions): Promise<PluginResult> =>
  resultOf(await client.callTool(wanted, undefined, options));

async function asTask(
  client: Client,
  wanted: Wanted,
  options: RequestOptions,
  onStatus: (text: string) => void,
): Promise<PluginResult> {
  for await (const message of client.experimental.tasks.callToolStream(wanted, undefined, options)) {
    if (message.type === "taskStatus" && message.task.statusMessage) onStatus(`${message.task.statusMessage}\n`);
    if (message.type === "result") return resultOf(message.result);
    if (message.type === "error") throw message.error;
  }
  throw new Error("its task ended without a result");
}

function resultOf(result: Record<string, unknown>): PluginResult {
  return {
    content: Array.isArray(result.content) ? (result.content as PluginContent[]) : [],
    failed: result.isError === true,
    ...(result.structuredContent !== undefined && { structured: result.structuredContent }),
  };
}
