/** The methods of the draft of version 2 of ACP, each by what it is in Tutti. Thin: what a session does is in session.ts. */
import {
  type AgentApp,
  agent,
  assertSupportedMcpServers,
  ContentBlock,
  type InitializeResponse,
  McpServer,
  PROTOCOL_VERSION,
  ReplayFrom,
  RequestError,
  type ResumeSessionRequest,
} from "@agentclientprotocol/sdk/experimental/v2";
import type { Block } from "../editor.ts";
import { rpcError, told, wrong } from "../errors.ts";
import type { AgentParts } from "../serve.ts";
import type { Handed } from "../session.ts";
import type { Wanted } from "../sessions.ts";
import type { Past } from "../stream.ts";
import { editorOf, type Hello } from "./editor.ts";
import { optionsOf } from "./updates.ts";

const MCP = { stdio: {}, http: {} };

export function agentOf({ version, sessions, met }: AgentParts): AgentApp {
  let hello: Hello = { info: { name: "editor", version: "" } };
  return agent({ name: "tutti" })
    .onRequest("initialize", ({ params, client }): InitializeResponse => {
      hello = params;
      met(editorOf(client, hello));
      return {
        protocolVersion: PROTOCOL_VERSION,
        info: { name: "tutti", title: "Tutti", version },
        capabilities: { session: { prompt: { image: {}, embeddedContext: {} }, mcp: MCP, delete: {} } },
      };
    })
    .onRequest("session/new", ({ params, client }) =>
      told(async () => {
        const session = await sessions.create(editorOf(client, hello), wantedOf(params));
        return { sessionId: session.id, configOptions: optionsOf(session.options()) };
      }),
    )
    .onRequest("session/resume", ({ params, client }) =>
      told(async () => {
        const past = pastOf(params);
        const session = await sessions.open(editorOf(client, hello), params.sessionId, wantedOf(params), past);
        return { configOptions: optionsOf(session.options()) };
      }),
    )
    .onRequest("session/list", ({ params }) => told(() => sessions.list(params)))
    .onRequest("session/delete", ({ params }) => told(() => sessions.delete(params.sessionId)))
    .onRequest("session/close", ({ params }) => told(() => sessions.close(params.sessionId)))
    .onRequest("session/prompt", ({ params, signal }) =>
      told(async () => {
        const handed = await sessions.get(params.sessionId).prompt(params.prompt.map(blockOf));
        return { messageId: await inserted(handed, signal) };
      }),
    )
    .onNotification("session/cancel", ({ params }) => sessions.cancel(params.sessionId))
    .onRequest("session/set_config_option", ({ params: { sessionId, configId, value } }) =>
      told(async () => ({ configOptions: optionsOf(sessions.get(sessionId).setOption(configId, value)) })),
    );
}

function wantedOf({ cwd, mcpServers = [], additionalDirectories }: Pick<ResumeSessionRequest, keyof Wanted>): Wanted {
  assertSupportedMcpServers(mcpServers, MCP);
  const known = mcpServers.filter((server) => McpServer.isStdio(server) || McpServer.isHttp(server));
  return {
    cwd,
    additionalDirectories,
    mcpServers: known.map((server) =>
      server.type === "stdio" ? { args: [], env: [], ...server } : { headers: [], ...server },
    ),
  };
}

function pastOf({ replayFrom }: ResumeSessionRequest): Past {
  if (!replayFrom) return "last";
  if (ReplayFrom.isStart(replayFrom)) return "all";
  throw wrong(`Tutti tells a session again from its start, and not from ${JSON.stringify(replayFrom.type)}.`);
}

function blockOf(block: ContentBlock): Block {
  if (ContentBlock.isCustom(block)) throw wrong(`Tutti does not know what is in this prompt: ${block.type}.`);
  return block;
}

/** The id of the message that the prompt became; a request that is given up takes it back until then. */
async function inserted({ inserted, ended, withdraw }: Handed, given: AbortSignal): Promise<string> {
  given.addEventListener("abort", withdraw, { once: true });
  if (given.aborted) withdraw();
  const message = await inserted;
  given.removeEventListener("abort", withdraw);
  if (message !== null) return message;
  const end = await ended;
  if (typeof end === "object" && "lost" in end) throw rpcError("failed", end.lost);
  throw RequestError.requestCancelled();
}
