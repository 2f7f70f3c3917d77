/** The sessions that are open in an editor, and the session methods of every ACP version. */

import { RequestError } from "@agentclientprotocol/sdk";
import { describeError } from "../protocol/errors.ts";
import type { DocumentBridge } from "./documents.ts";
import type { Editor, McpServer } from "./editor.ts";
import { invalidParams, toRpcError } from "./errors.ts";
import { pluginsOf, requestApprovals } from "./mcp-servers.ts";
import type { SessionChoices } from "./options.ts";
import type { ServerConnection } from "./server-connection.ts";
import { type EditorSession, openEditorSession } from "./session.ts";
import type { History } from "./stream.ts";

export interface SessionsDeps {
  server: ServerConnection;
  documents: DocumentBridge;
  choices: SessionChoices;
  /** Writes to the editor's log. */
  logError(text: string): void;
}

export interface SessionRequest {
  cwd: string;
  mcpServers: readonly McpServer[];
  additionalDirectories?: readonly string[] | undefined;
}

export interface Sessions {
  create(editor: Editor, request: SessionRequest): Promise<EditorSession>;
  /** Resolves when the requested history has been sent. */
  open(editor: Editor, id: string, wanted: SessionRequest, past: History): Promise<EditorSession>;
  /** Throws if the session is not open here. */
  get(id: string): EditorSession;
  list(page: { cwd?: string | null; cursor?: string | null }): Promise<SessionPage>;
  cancel(id: string): void;
  /** Cancels what the editor started in the session and stops watching it. */
  close(id: string): Promise<void>;
  delete(id: string): Promise<void>;
  all(): Iterable<EditorSession>;
  /** Claims documents and registers MCP servers again on a new connection. */
  reannounce(): void;
}

/** A page of sessions, newest first, in the format of both versions. */
export interface SessionPage {
  sessions: { sessionId: string; cwd: string; title: string | null; updatedAt: string }[];
  nextCursor?: string;
}

const PAGE = 50;

export function openSessions({ server, documents, choices, ...deps }: SessionsDeps): Sessions {
  const sessions = new Map<string, EditorSession>();
  /** The editor's MCP servers by folder. */
  const mcpServersByFolder = new Map<string, readonly McpServer[]>();
  const note = (error: unknown): void => deps.logError(describeError(error));

  const claimDocuments = (): void => {
    documents.claim(sessions).catch(note);
  };

  async function openSession(
    editor: Editor,
    id: string,
    wanted: SessionRequest,
    history: History,
  ): Promise<EditorSession> {
    await sessions.get(id)?.close();
    const session = await openEditorSession({ id, editor, server, choices, history }).catch((error: unknown) => {
      throw toSessionError(error, id);
    });
    sessions.set(id, session);
    claimDocuments();
    // The response with the session id must be sent first.
    setImmediate(() => {
      session.refresh().catch(note);
      registerMcpServers(editor, session, wanted.mcpServers).catch(note);
    });
    return session;
  }

  async function registerMcpServers(
    editor: Editor,
    session: EditorSession,
    servers: readonly McpServer[],
  ): Promise<void> {
    if (servers.length === 0) return;
    const { id, cwd, closed } = session;
    mcpServersByFolder.set(cwd, servers);
    const { source } = await server.call("pluginsRegister", { cwd, plugins: pluginsOf(servers) });
    await requestApprovals({ session: id, cwd, editor, server, closed }, source);
    await session.refresh();
  }

  async function close(id: string): Promise<void> {
    const session = sessions.get(id);
    if (!session) return;
    await session.cancelOwn();
    await session.close();
    sessions.delete(id);
    claimDocuments();
  }

  return {
    async create(editor, wanted) {
      checkRequest(wanted);
      server.resume();
      const { session } = await server.call("sessionCreate", { cwd: wanted.cwd });
      return openSession(editor, session, wanted, "none");
    },
    async open(editor, id, wanted, past) {
      checkRequest(wanted);
      server.resume();
      return openSession(editor, id, wanted, past);
    },
    get(id) {
      const session = sessions.get(id);
      if (!session) throw RequestError.sessionNotFound(id);
      return session;
    },
    async list({ cwd, cursor }) {
      const found = await server.call("sessionList", { limit: PAGE, ...(cwd && { cwd }), ...(cursor && { cursor }) });
      return {
        sessions: found.sessions.map(({ id, title, updatedAt, ...one }) => ({
          sessionId: id,
          cwd: one.cwd,
          title: title || null,
          updatedAt: new Date(updatedAt).toISOString(),
        })),
        ...(found.cursor !== undefined && { nextCursor: found.cursor }),
      };
    },
    cancel(id) {
      sessions.get(id)?.cancel().catch(note);
    },
    close,
    async delete(id) {
      server.resume();
      await close(id);
      await server.call("sessionDelete", { session: id }).catch((error: unknown) => {
        throw toSessionError(error, id);
      });
    },
    all: () => sessions.values(),
    reannounce() {
      claimDocuments();
      for (const [cwd, servers] of mcpServersByFolder)
        server.call("pluginsRegister", { cwd, plugins: pluginsOf(servers) }).catch(note);
    },
  };
}

function checkRequest({ cwd, additionalDirectories = [] }: SessionRequest): void {
  if (!/^(?:[A-Za-z]:)?[\\/]/.test(cwd))
    throw invalidParams(`The session folder must be absolute: ${JSON.stringify(cwd)}.`);
  if (additionalDirectories.length > 0)
    throw invalidParams("additionalDirectories is not supported: a session has one folder.");
}

function toSessionError(error: unknown, id: string): Error {
  const rpc = toRpcError(error);
  return rpc.code === -32002 ? RequestError.sessionNotFound(id) : rpc;
}
