/**
 * The public API of `tutti-plugin`: a plugin is one object, and `serve()` serves it as an MCP server on standard input and output. A
 * declaration tells Tutti what else the plugin provides; other hosts see a plain MCP server.
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { PLUGIN_KEY } from "../../protocol/plugin.ts";
import { createServerHost, type Host } from "./context.ts";
import { createDeclaration, serveContributions } from "./contributions.ts";
import type { Definition } from "./definition.ts";
import { serveStdio } from "./stdio.ts";
import { mcpCapabilities, servePrompts, serveResources, serveTools } from "./tools.ts";

/** The zod version that the SDK supports, for tool schemas. */
export { z } from "zod";
export type { HookAnswer, HookEvent, HookPayload, WidgetSlot, WidgetView } from "../../protocol/plugin.ts";
export type { Context, Host } from "./context.ts";
export type {
  Agent,
  Content,
  Definition,
  Hook,
  HookHandler,
  Hooks,
  Input,
  InputOf,
  JsonSchema,
  Keymap,
  Line,
  Message,
  Prompt,
  Providers,
  Resource,
  Skill,
  Span,
  Theme,
  Token,
  Tool,
  ToolResult,
  Widget,
  WidgetRequest,
} from "./definition.ts";

export interface Plugin {
  /**
   * Serves MCP on standard input and output until the host closes them; the process then ends when it has sent its responses. `console` writes to
   * standard error, because standard output belongs to the protocol. Resolves when it is ready.
   */
  serve(): Promise<Host>;
  /** The same over a transport of the MCP SDK; call it once for each. Resolves when it is ready. */
  connect(transport: Transport): Promise<Host>;
}

/** Creates a plugin. Nothing runs until `serve()` or `connect()`. */
export function plugin<Inputs>(input: Definition<Inputs>): Plugin {
  const definition = input as unknown as Definition;
  return {
    serve: () => serveStdio((transport) => connect(definition, transport)),
    connect: (transport) => connect(definition, transport),
  };
}

async function connect(definition: Definition, transport: Transport): Promise<Host> {
  const { name, version, title, instructions } = definition;
  const tutti = { [PLUGIN_KEY]: createDeclaration(definition) };
  const server = new Server(
    { name, version, ...(title !== undefined && { title }) },
    {
      capabilities: { ...mcpCapabilities(definition), experimental: tutti, extensions: tutti },
      ...(instructions !== undefined && { instructions }),
    },
  );
  serveTools(server, definition);
  servePrompts(server, definition);
  serveResources(server, definition);
  serveContributions(server, definition);
  const host = createServerHost(server);
  await server.connect(transport);
  return host;
}
