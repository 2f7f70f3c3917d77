/** The methods of version 1 of ACP, each by what it is in Tutti. Thin: what a session does is in session.ts. */
import {
  type AgentApp,
  agent,
  type InitializeResponse,
  PROTOCOL_VERSION,
  type PromptResponse,
  type McpServer as WireServer,
} from "@agentclientprotocol/sdk";
import type { McpServer } from "../editor.ts";
import { endedAs } from "../ends.ts";
import { rpcError, told, wrong } from "../errors.ts";
import type { AgentParts } from "../serve.ts";
import type { EditorSession } from "../session.ts";
import type { PromptEnd } from "../turns.ts";
import { editorOf, type Hello } from "./editor.ts";
import { modesOf, optionsOf } from "./updates.ts";

export function agentOf({ version, sessions, met }: AgentParts): AgentApp {
  let hello: Hello = {};
  return agent({ name: "tutti" })
    .onRequest("initialize", ({ params, client }): InitializeResponse => {
      hello = params;
      met(editorOf(client, hello));
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
      throw wrong("Tutti asks for no login; keys of providers are set with `tutti providers login`.");
    })
    .onRequest("session/new", ({ params, client }) =>
      told(async () => {
        const session = await sessions.create(editorOf(client, hello), wantedOf(params));
        return { sessionId: session.id, ...stateOf(session) };
      }),
    )
    .onRequest("session/load", ({ params, client }) =>
      told(async () =>
        stateOf(await sessions.open(editorOf(client, hello), params.sessionId, wantedOf(params), "all")),
      ),
    )
    .onRequest("session/resume", ({ params, client }) =>
      told(async () =>
        stateOf(await sessions.open(editorOf(client, hello), params.sessionId, wantedOf(params), "last")),
      ),
    )
    .onRequest("session/list", ({ params }) => told(() => sessions.list(params)))
    .onRequest("session/delete", ({ params }) => told(() => sessions.delete(params.sessionId)))
    .onRequest("session/close", ({ params }) =>
      told(async () => {
        sessions.get(params.sessionId);
        await sessions.close(params.sessionId);
      }),
    )
    .onRequest("session/prompt", ({ params, signal }) =>
      told(async () => {
        const session = sessions.get(params.sessionId);
        const stop = (): void => sessions.cancel(params.sessionId);
        signal.addEventListener("abort", stop, { once: true });
        try {
          const { ended } = await session.prompt(params.prompt);
          return responseTo(await ended, session);
        } finally {
          signal.removeEventListener("abort", stop);
        }
      }),
    )
    .onNotification("session/cancel", ({ params }) => sessions.cancel(params.sessionId))
    .onRequest("session/set_mode", ({ params: { sessionId, modeId }, client }) =>
      told(async () => {
        const options = sessions.get(sessionId).setOption("mode", modeId);
        await editorOf(client, hello).tell(sessionId, { type: "options", options });
      }),
    )
    .onRequest("session/set_config_option", ({ params: { sessionId, configId, value }, client }) =>
      told(async () => {
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

const wantedOf = <T extends { mcpServers?: readonly WireServer[] }>({ mcpServers = [], ...wanted }: T) => ({
  ...wanted,
  mcpServers: mcpServers.map(serverOf),
});

function serverOf(server: WireServer): McpServer {
  if (!("type" in server)) return { type: "stdio", ...server };
  if (server.type === "http") return server;
  throw wrong(`The MCP server ${server.name} speaks ${server.type}; Tutti takes stdio and http.`);
}

function responseTo(end: PromptEnd, session: EditorSession): PromptResponse {
  if (end === "dropped") return { stopReason: "cancelled" };
  if ("lost" in end) throw rpcError("failed", end.lost);
  const ended = endedAs(end);
  if (ended.stopReason === "error") throw ended.error;
  if (ended.notice !== null) session.warn(ended.notice);
  return { stopReason: ended.stopReason };
}
