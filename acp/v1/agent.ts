/** The methods of ACP version 1. Thin: the logic of sessions is in session.ts. */
import {
  type AgentApp,
  agent,
  type InitializeResponse,
  PROTOCOL_VERSION,
  type PromptResponse,
  type McpServer as WireServer,
} from "@agentclientprotocol/sdk";
import type { McpServer } from "../editor.ts";
import { invalidParams, rpcError, withRpcErrors } from "../errors.ts";
import type { AgentDeps } from "../serve.ts";
import type { EditorSession } from "../session.ts";
import { stopReasonOf } from "../stop-reason.ts";
import type { PromptEnd } from "../turns.ts";
import { editorOf, type InitializeParams } from "./editor.ts";
import { modesOf, optionsOf } from "./updates.ts";

export function createAgent({ version, sessions, editorConnected }: AgentDeps): AgentApp {
  let initializeParams: InitializeParams = {};
  return agent({ name: "tutti" })
    .onRequest("initialize", ({ params, client }): InitializeResponse => {
      initializeParams = params;
      editorConnected(editorOf(client, initializeParams));
      return {
        protocolVersion: PROTOCOL_VERSION,
        agentInfo: { name: "tutti", title: "Tutti", version },
        agentCapabilities: {
          loadSession: true,
          promptCapabilities: { image: true, audio: false, embeddedContext: true },
          mcpCapabilities: { http: true, sse: false },
          sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
        },
        authMethods: [],
      };
    })
    .onRequest("authenticate", () => {
      throw invalidParams("Authentication is not supported. Set provider keys with `tutti providers login`.");
    })
    .onRequest("session/new", ({ params, client }) =>
      withRpcErrors(async () => {
        const session = await sessions.create(editorOf(client, initializeParams), requestOf(params));
        return { sessionId: session.id, ...stateOf(session) };
      }),
    )
    .onRequest("session/load", ({ params, client }) =>
      withRpcErrors(async () =>
        stateOf(await sessions.open(editorOf(client, initializeParams), params.sessionId, requestOf(params), "all")),
      ),
    )
    .onRequest("session/resume", ({ params, client }) =>
      withRpcErrors(async () =>
        stateOf(await sessions.open(editorOf(client, initializeParams), params.sessionId, requestOf(params), "last")),
      ),
    )
    .onRequest("session/list", ({ params }) => withRpcErrors(() => sessions.list(params)))
    .onRequest("session/delete", ({ params }) => withRpcErrors(() => sessions.delete(params.sessionId)))
    .onRequest("session/close", ({ params }) =>
      withRpcErrors(async () => {
        sessions.get(params.sessionId);
        await sessions.close(params.sessionId);
      }),
    )
    .onRequest("session/prompt", ({ params, signal }) =>
      withRpcErrors(async () => {
        const session = sessions.get(params.sessionId);
        const stop = (): void => sessions.cancel(params.sessionId);
        signal.addEventListener("abort", stop, { once: true });
        try {
          const { ended } = await session.prompt(params.prompt);
          return toResponse(await ended, session);
        } finally {
          signal.removeEventListener("abort", stop);
        }
      }),
    )
    .onNotification("session/cancel", ({ params }) => sessions.cancel(params.sessionId))
    .onRequest("session/set_mode", ({ params: { sessionId, modeId }, client }) =>
      withRpcErrors(async () => {
        const options = sessions.get(sessionId).setOption("mode", modeId);
        await editorOf(client, initializeParams).notify(sessionId, { type: "options", options });
      }),
    )
    .onRequest("session/set_config_option", ({ params: { sessionId, configId, value }, client }) =>
      withRpcErrors(async () => {
        const options = sessions.get(sessionId).setOption(configId, value);
        const { currentModeId } = modesOf(options);
        const update = { sessionUpdate: "current_mode_update" as const, currentModeId };
        if (configId === "mode") await client.notify("session/update", { sessionId, update });
        return { configOptions: optionsOf(options) };
      }),
    );
}

const stateOf = (session: EditorSession) => {
  const options = session.options();
  return { modes: modesOf(options), configOptions: optionsOf(options) };
};

const requestOf = <T extends { mcpServers?: readonly WireServer[] }>({ mcpServers = [], ...wanted }: T) => ({
  ...wanted,
  mcpServers: mcpServers.map(serverOf),
});

function serverOf(server: WireServer): McpServer {
  if (!("type" in server)) return { type: "stdio", ...server };
  if (server.type === "http") return server;
  throw invalidParams(
    `The MCP server ${server.name} uses the unsupported transport ${server.type}. Use stdio or http.`,
  );
}

function toResponse(end: PromptEnd, session: EditorSession): PromptResponse {
  if (end === "dropped") return { stopReason: "cancelled" };
  if ("lost" in end) throw rpcError("failed", end.lost);
  const ended = stopReasonOf(end);
  if (ended.stopReason === "error") throw ended.error;
  if (ended.notice !== null) session.warn(ended.notice);
  return { stopReason: ended.stopReason };
}
