/**
 * A connection to a server that speaks nothing older than the MCP of 2026-07-28: no hooks and no requests of its own, since that version
 * has none on the way back; what it wants of a person comes as an answer, and is asked all the same. Loaded only where it is needed.
 */
import { Client, StreamableHTTPClientTransport, type Transport } from "@modelcontextprotocol/client";
import type { ConnectOptions } from "./connect.ts";
import { establish, type Face, linkOf } from "./face.ts";
import type { PluginContent, PluginEars, PluginLink, PluginResult } from "./link.ts";
import type { PluginSpec } from "./spec.ts";

const VERSION = "2026-07-28";

export const modernHttp = (
  spec: PluginSpec,
  fetch: (url: string | URL, init?: RequestInit) => Promise<Response>,
): Transport =>
  new StreamableHTTPClientTransport(new URL(spec.url ?? ""), { requestInit: { headers: spec.headers }, fetch });

export async function connectModern(
  ears: PluginEars,
  {
    transport,
    version,
    startMs,
  }: Pick<ConnectOptions, "version" | "startMs"> & { transport: Transport & { complaints?(): string } },
): Promise<PluginLink> {
  const client = new Client(
    { name: "tutti", title: "Tutti", version },
    {
      capabilities: { elicitation: { form: {}, url: {} } },
      versionNegotiation: { mode: { pin: VERSION } },
      listChanged: {
        tools: { onChanged: () => ears.changed("tools") },
        prompts: { onChanged: () => ears.changed("prompts") },
        resources: { onChanged: () => ears.changed("resources") },
      },
    },
  );
  client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq }) => {
    if (params.mode === "url") {
      const asked = { message: params.message, url: params.url, schema: { properties: {}, required: [] } };
      return ears.elicit(asked, mcpReq.signal) as Promise<{ action: "accept" }>;
    }
    const { properties, required = [] } = params.requestedSchema;
    const asked = { message: params.message, schema: { properties, required } };
    return ears.elicit(asked, mcpReq.signal) as Promise<{ action: "accept" }>;
  });
  const complaints = await establish(client, transport, ears, () => client.connect(transport, { timeout: startMs }));
  const face: Face = {
    has: client.getServerCapabilities() ?? {},
    server: client.getServerVersion() ?? { name: "unnamed", version: "" },
    instructions: client.getInstructions(),
    listTools: (page) => client.listTools(page),
    listPrompts: (page) => client.listPrompts(page),
    listResources: (page) => client.listResources(page),
    listResourceTemplates: (page) => client.listResourceTemplates(page),
    callTool: async (wanted, how) => resultOf(await client.callTool(wanted, how)),
    getPrompt: (wanted, how) => client.getPrompt(wanted, how),
    readResource: (wanted, how) => client.readResource(wanted, how),
    complete: (wanted, how) => client.complete(wanted, how),
    // What is ours is asked of older versions only, whose requests run both ways.
    request: ({ method }) => Promise.reject(Object.assign(new Error(`there is no ${method}`), { code: -32601 })),
    close: () => client.close(),
  };
  return linkOf(face, complaints);
}

const resultOf = ({
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
