/** The methods of ACP, each by what it is in Tutti. Thin: what a session does is in session.ts. */
import {
  type AgentApp,
  type AgentContext,
  agent,
  type ClientCapabilities,
  type InitializeResponse,
  type McpServer,
  PROTOCOL_VERSION,
  RequestError,
} from "@agentclientprotocol/sdk";
import { sentence } from "../client/words.ts";
import { askAbout, pluginsOf } from "./brought.ts";
import type { Documents } from "./documents.ts";
import { toRpcError, wrong } from "./errors.ts";
import type { Chosen } from "./options.ts";
import type { Server } from "./server.ts";
import { type EditorSession, openEditorSession } from "./session.ts";

export interface AgentParts {
  version: string;
  server: Server;
  documents: Documents;
  chosen: Chosen;
  sessions: Map<string, EditorSession>;
  /** Who connects, and what it can; once. */
  met(client: { name: string; capabilities: ClientCapabilities }): void;
  /** For the log of the editor. */
  note(text: string): void;
}

interface Wanted {
  cwd: string;
  mcpServers?: McpServer[];
  additionalDirectories?: string[];
}

/** Parts that a session is taken up with where its past is not asked for: enough for what may still be asked about it. */
const RESUMED_PARTS = 50;
const PAGE = 50;

export interface Agent {
  app: AgentApp;
  /** Tells a server that knows nothing of it what the editor holds and brings. */
  renew(): void;
}

export function agentOf(parts: AgentParts): Agent {
  const { server, documents, sessions } = parts;
  let capabilities: ClientCapabilities = {};
  /** MCP servers of the editor, by folder. */
  const brought = new Map<string, readonly McpServer[]>();
  const note = (error: unknown): void => parts.note(sentence(error));

  const hold = (): void => {
    documents.hold(sessions).catch(note);
  };
  async function open(client: AgentContext, id: string, wanted: Wanted, past: "all" | "last"): Promise<EditorSession> {
    await sessions.get(id)?.leave();
    const size = past === "last" ? { parts: RESUMED_PARTS } : {};
    const made = { id, client, capabilities, server, chosen: parts.chosen, ...size };
    const session = await openEditorSession(made).catch((error: unknown) => {
      throw named(error, id);
    });
    sessions.set(id, session);
    hold();
    if (past === "all") await session.replay();
    // The answer that names the session goes first.
    setImmediate(() => {
      session.refresh().catch(note);
      bring(client, session, wanted.mcpServers ?? []).catch(note);
    });
    return session;
  }
  async function bring(client: AgentContext, { id, cwd }: EditorSession, servers: readonly McpServer[]): Promise<void> {
    if (servers.length === 0) return;
    brought.set(cwd, servers);
    const { source } = await server.call("pluginsBring", { cwd, plugins: pluginsOf(servers) });
    await askAbout({ session: id, cwd, client, server }, source);
    await sessions.get(id)?.refresh();
  }
  const sessionOf = (id: string): EditorSession => {
    const session = sessions.get(id);
    if (!session) throw RequestError.sessionNotFound(id);
    return session;
  };

  const app = agent({ name: "tutti" })
    .onRequest("initialize", ({ params }): InitializeResponse => {
      capabilities = params.clientCapabilities ?? {};
      parts.met({ name: params.clientInfo?.title ?? params.clientInfo?.name ?? "editor", capabilities });
      return {
        protocolVersion: PROTOCOL_VERSION,
        agentInfo: { name: "tutti", title: "Tutti", version: parts.version },
        agentCapabilities: {
          loadSession: true,
          promptCapabilities: { image: true, audio: false, embeddedContext: true },
          mcpCapabilities: { http: true, sse: false },
          sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
        },
        authMethods: [],
      };
    })
    .onRequest("authenticate", () =>
      refuse(wrong("Tutti asks for no login; keys of providers are set with `tutti providers login`.")),
    )
    .onRequest("session/new", ({ params, client }) =>
      told(async () => {
        check(params);
        const { session: id } = await server.call("sessionCreate", { cwd: params.cwd });
        return { sessionId: id, ...(await open(client, id, params, "last")).state() };
      }),
    )
    .onRequest("session/load", ({ params, client }) =>
      told(async () => {
        check(params);
        return (await open(client, params.sessionId, params, "all")).state();
      }),
    )
    .onRequest("session/resume", ({ params, client }) =>
      told(async () => {
        check(params);
        return (await open(client, params.sessionId, params, "last")).state();
      }),
    )
    .onRequest("session/list", ({ params: { cwd, cursor } }) =>
      told(async () => {
        const page = { limit: PAGE, ...(cwd && { cwd }), ...(cursor && { cursor }) };
        const found = await server.call("sessionList", page);
        return {
          sessions: found.sessions.map(({ id, title, updatedAt, ...one }) => ({
            sessionId: id,
            cwd: one.cwd,
            title: title || null,
            updatedAt: new Date(updatedAt).toISOString(),
          })),
          ...(found.cursor !== undefined && { nextCursor: found.cursor }),
        };
      }),
    )
    .onRequest("session/delete", ({ params: { sessionId } }) =>
      told(async () => {
        await close(sessionId);
        await server.call("sessionDelete", { session: sessionId }).catch((error: unknown) => {
          throw named(error, sessionId);
        });
        return {};
      }),
    )
    .onRequest("session/close", ({ params: { sessionId } }) =>
      told(async () => {
        sessionOf(sessionId);
        await close(sessionId);
        return {};
      }),
    )
    .onRequest("session/prompt", ({ params, signal }) =>
      told(() => sessionOf(params.sessionId).prompt(params.prompt, signal)),
    )
    .onNotification("session/cancel", ({ params }) => {
      sessions.get(params.sessionId)?.cancel().catch(note);
    })
    .onRequest("session/set_mode", ({ params }) =>
      told(async () => {
        sessionOf(params.sessionId).setMode(params.modeId);
        return {};
      }),
    )
    .onRequest("session/set_config_option", ({ params }) =>
      told(async () => ({
        configOptions: sessionOf(params.sessionId).setOption(params.configId, params.value),
      })),
    );

  return {
    app,
    renew() {
      hold();
      for (const [cwd, servers] of brought)
        server.call("pluginsBring", { cwd, plugins: pluginsOf(servers) }).catch(note);
    },
  };

  async function close(id: string): Promise<void> {
    const session = sessions.get(id);
    if (!session) return;
    await session.cancelOwn();
    await session.leave();
    sessions.delete(id);
    hold();
  }
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toRpcError(error);
  }
}

const refuse = (error: Error): never => {
  throw error;
};

function check({ cwd, additionalDirectories = [], mcpServers = [] }: Wanted): void {
  if (!/^(?:[A-Za-z]:)?[\\/]/.test(cwd))
    throw wrong(`A session needs an absolute folder, and got ${JSON.stringify(cwd)}.`);
  if (additionalDirectories.length > 0)
    throw wrong("A session of Tutti has one folder; additionalDirectories is not offered.");
  pluginsOf(mcpServers);
}

function named(error: unknown, id: string): Error {
  const rpc = toRpcError(error);
  return rpc.code === -32002 ? RequestError.sessionNotFound(id) : rpc;
}
