/** The sessions that an editor has open, and what is done with sessions as a whole, whatever version of ACP it is asked in. */
import { RequestError } from "@agentclientprotocol/sdk";
import { sentence } from "../client/words.ts";
import { askAbout, pluginsOf } from "./brought.ts";
import type { Documents } from "./documents.ts";
import type { Editor, McpServer } from "./editor.ts";
import { toRpcError, wrong } from "./errors.ts";
import type { Chosen } from "./options.ts";
import type { Server } from "./server.ts";
import { type EditorSession, openEditorSession } from "./session.ts";
import type { Past } from "./stream.ts";

export interface SessionsParts {
  server: Server;
  documents: Documents;
  chosen: Chosen;
  /** For the log of the editor. */
  note(text: string): void;
}

export interface Wanted {
  cwd: string;
  mcpServers: readonly McpServer[];
  additionalDirectories?: readonly string[] | undefined;
}

export interface Sessions {
  create(editor: Editor, wanted: Wanted): Promise<EditorSession>;
  /** What is to be told of its past is told before it resolves. */
  open(editor: Editor, id: string, wanted: Wanted, past: Past): Promise<EditorSession>;
  /** Throws where it is not open here. */
  get(id: string): EditorSession;
  list(page: { cwd?: string | null; cursor?: string | null }): Promise<Listed>;
  cancel(id: string): void;
  /** Ends what the editor began in it, where it is open here, and watches it no more. */
  close(id: string): Promise<void>;
  delete(id: string): Promise<void>;
  all(): Iterable<EditorSession>;
  /** Tells a server that knows nothing of it what the editor holds and brings. */
  renew(): void;
}

/** A page of sessions, newest first, which both versions have in the same form. */
export interface Listed {
  sessions: { sessionId: string; cwd: string; title: string | null; updatedAt: string }[];
  nextCursor?: string;
}

const PAGE = 50;

export function openSessions({ server, documents, chosen, ...parts }: SessionsParts): Sessions {
  const sessions = new Map<string, EditorSession>();
  /** MCP servers of the editor, by folder. */
  const brought = new Map<string, readonly McpServer[]>();
  const note = (error: unknown): void => parts.note(sentence(error));

  const hold = (): void => {
    documents.hold(sessions).catch(note);
  };

  async function take(editor: Editor, id: string, wanted: Wanted, past: Past): Promise<EditorSession> {
    await sessions.get(id)?.leave();
    const session = await openEditorSession({ id, editor, server, chosen, past }).catch((error: unknown) => {
      throw named(error, id);
    });
    sessions.set(id, session);
    hold();
    // The answer that names the session goes first.
    setImmediate(() => {
      session.refresh().catch(note);
      bring(editor, session, wanted.mcpServers).catch(note);
    });
    return session;
  }

  async function bring(editor: Editor, session: EditorSession, servers: readonly McpServer[]): Promise<void> {
    if (servers.length === 0) return;
    const { id, cwd, left } = session;
    brought.set(cwd, servers);
    const { source } = await server.call("pluginsBring", { cwd, plugins: pluginsOf(servers) });
    await askAbout({ session: id, cwd, editor, server, left }, source);
    await session.refresh();
  }

  async function close(id: string): Promise<void> {
    const session = sessions.get(id);
    if (!session) return;
    await session.cancelOwn();
    await session.leave();
    sessions.delete(id);
    hold();
  }

  return {
    async create(editor, wanted) {
      check(wanted);
      const { session } = await server.call("sessionCreate", { cwd: wanted.cwd });
      return take(editor, session, wanted, "none");
    },
    async open(editor, id, wanted, past) {
      check(wanted);
      return take(editor, id, wanted, past);
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
      await close(id);
      await server.call("sessionDelete", { session: id }).catch((error: unknown) => {
        throw named(error, id);
      });
    },
    all: () => sessions.values(),
    renew() {
      hold();
      for (const [cwd, servers] of brought)
        server.call("pluginsBring", { cwd, plugins: pluginsOf(servers) }).catch(note);
    },
  };
}

function check({ cwd, additionalDirectories = [] }: Wanted): void {
  if (!/^(?:[A-Za-z]:)?[\\/]/.test(cwd))
    throw wrong(`A session needs an absolute folder, and got ${JSON.stringify(cwd)}.`);
  if (additionalDirectories.length > 0)
    throw wrong("A session of Tutti has one folder; additionalDirectories is not offered.");
}

function named(error: unknown, id: string): Error {
  const rpc = toRpcError(error);
  return rpc.code === -32002 ? RequestError.sessionNotFound(id) : rpc;
}
