/** The methods of the draft of ACP version 2. Thin: the logic of sessions is in session.ts. */
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
import { invalidParams, rpcError, withRpcErrors } from "../errors.ts";
import type { SubmittedPrompt } from "../prompt-sender.ts";
import type { AgentDeps } from "../serve.ts";
import type { SessionRequest } from "../sessions.ts";
import type { History } from "../stream.ts";
import { editorOf, type InitializeParams } from "./editor.ts";
import { optionsOf } from "./updates.ts";

const MCP = { stdio: {}, http: {} };

export function createAgent({ version, sessions, editorConnected }: AgentDeps): AgentApp {
  let initializeParams: InitializeParams = { info: { name: "editor", version: "" } };
  return agent({ name: "tutti" })
    .onRequest("initialize", ({ params, client }): InitializeResponse => {
      initializeParams = params;
      editorConnected(editorOf(client, initializeParams));
      return {
        protocolVersion: PROTOCOL_VERSION,
        info: { name: "tutti", title: "Tutti", version },
        capabilities: { session: { prompt: { image: {}, embeddedContext: {} }, mcp: MCP, delete: {} } },
      };
    })
    .onRequest("session/new", ({ params, client }) =>
      withRpcErrors(async () => {
        const session = await sessions.create(editorOf(client, initializeParams), requestOf(params));
        return { sessionId: session.id, configOptions: optionsOf(session.options()) };
      }),
    )
    .onRequest("session/resume", ({ params, client }) =>
      withRpcErrors(async () => {
        const past = historyOf(params);
        const session = await sessions.open(
          editorOf(client, initializeParams),
          params.sessionId,
          requestOf(params),
          past,
        );
        return { configOptions: optionsOf(session.options()) };
      }),
    )
    .onRequest("session/list", ({ params }) => withRpcErrors(() => sessions.list(params)))
    .onRequest("session/delete", ({ params }) => withRpcErrors(() => sessions.delete(params.sessionId)))
    .onRequest("session/close", ({ params }) => withRpcErrors(() => sessions.close(params.sessionId)))
    .onRequest("session/prompt", ({ params, signal }) =>
      withRpcErrors(async () => {
        const submitted = await sessions.get(params.sessionId).prompt(params.prompt.map(blockOf));
        return { messageId: await waitForMessageId(submitted, signal) };
      }),
    )
    .onNotification("session/cancel", ({ params }) => sessions.cancel(params.sessionId))
    .onRequest("session/set_config_option", ({ params: { sessionId, configId, value } }) =>
      withRpcErrors(async () => ({ configOptions: optionsOf(sessions.get(sessionId).setOption(configId, value)) })),
    );
}

function requestOf({
  cwd,
  mcpServers = [],
  additionalDirectories,
}: Pick<ResumeSessionRequest, keyof SessionRequest>): SessionRequest {
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

function historyOf({ replayFrom }: ResumeSessionRequest): History {
  if (!replayFrom) return "last";
  if (ReplayFrom.isStart(replayFrom)) return "all";
  throw invalidParams(`Unsupported replayFrom type ${JSON.stringify(replayFrom.type)}. Use "start".`);
}

function blockOf(block: ContentBlock): Block {
  if (ContentBlock.isCustom(block)) throw invalidParams(`Unsupported content block type: ${block.type}.`);
  return block;
}

/** Resolves with the id of the message that the prompt became. Cancelling the request before that removes the prompt. */
async function waitForMessageId({ inserted, ended, withdraw }: SubmittedPrompt, signal: AbortSignal): Promise<string> {
  signal.addEventListener("abort", withdraw, { once: true });
  if (signal.aborted) withdraw();
  const message = await inserted;
  signal.removeEventListener("abort", withdraw);
  if (message !== null) return message;
  const end = await ended;
  if (typeof end === "object" && "lost" in end) throw rpcError("failed", end.lost);
  throw RequestError.requestCancelled();
}
