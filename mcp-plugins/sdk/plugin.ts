/**
 * The public face of `tutti-plugin`: a plugin is one object, and `serve()` speaks MCP for it over standard input and output. Tutti
 * is told what else the plugin can do; every other host sees a plain MCP server.
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { PLUGIN_KEY } from "../../protocol/plugin.ts";
import { type Host, hostBehind } from "./context.ts";
import { declarationOf, serveContributions } from "./contributions.ts";
import type { Definition } from "./definition.ts";
import { overStdio } from "./stdio.ts";
import { plainCapabilities, servePrompts, serveResources, serveTools } from "./tools.ts";

/** Schemas for tools, of the version that the SDK understands. */
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
   * Speaks MCP over standard input and output until the host closes them; then the process ends, when it has answered. What `console` prints goes to
   * standard error, since standard output belongs to the protocol. Resolves when it listens.
   */
  serve(): Promise<Host>;
  /** The same over any transport of the MCP SDK; each needs a call of its own. Resolves when it listens. */
  connect(transport: Transport): Promise<Host>;
}

/** Makes a plugin of its parts. Nothing runs until `serve()` or `connect()`. */
export function plugin<Inputs>(given: Definition<Inputs>): Plugin {
  const definition = given as unknown as Definition;
  return {
    serve: () => overStdio((transport) => connect(definition, transport)),
    connect: (transport) => connect(definition, transport),
  };
}

async function connect(definition: Definition, transport: Transport): Promise<Host> {
  const { name, version, title, instructions } = definition;
  const tutti = { [PLUGIN_KEY]: declarationOf(definition) };
  const server = new Server(
    { name, version, ...(title !== undefined && { title }) },
    {
      capabilities: { ...plainCapabilities(definition), experimental: tutti, extensions: tutti },
      ...(instructions !== undefined && { instructions }),
    },
  );
  serveTools(server, definition);
  servePrompts(server, definition);
  serveResources(server, definition);
  serveContributions(server, definition);
  const host = hostBehind(server);
  await server.connect(transport);
  return host;
}
