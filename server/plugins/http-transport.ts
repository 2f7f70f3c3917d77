/** MCP over streamable HTTP, with the headers that a person listed. */
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { PluginEars } from "./link.ts";
import type { PluginSpec } from "./spec.ts";

export function httpTransport(spec: PluginSpec, _ears: PluginEars, _env: Readonly<Record<string, string | undefined>>) {
  return new StreamableHTTPClientTransport(new URL(spec.url ?? ""), { requestInit: { headers: spec.headers } });
}
