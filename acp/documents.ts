/** Files as the editor has them: what tools read in a session's folder is asked of it, and what they write goes to it. */
import { createHash } from "node:crypto";
import { type AgentContext, type ClientCapabilities, RequestError } from "@agentclientprotocol/sdk";
import { sentence } from "../client/words.ts";
import type { DocumentWanted } from "../protocol/document-methods.ts";
import type { Server } from "./server.ts";

export interface Documents {
  /** The sessions that are open here, by id, with their folders. */
  hold(sessions: ReadonlyMap<string, { cwd: string }>): Promise<void>;
  wanted(wanted: DocumentWanted): void;
}

const MOST_LINES = 2 ** 31 - 1;

export function openDocuments(
  server: Pick<Server, "call">,
  client: () => AgentContext,
  can: () => ClientCapabilities["fs"],
): Documents {
  let mine: ReadonlySet<string> = new Set();
  /** Null where the editor does not give it: it is not there, or not below what the editor has open. Then it is the disk's. */
  const read = async (sessionId: string, path: string): Promise<string | null> => {
    try {
      return (await client().request("fs/read_text_file", { sessionId, path, line: 1, limit: MOST_LINES })).content;
    } catch (error) {
      if (error instanceof RequestError) return null;
      throw error;
    }
  };
  const answer = async (wanted: DocumentWanted): Promise<{ text: string | null }> => {
    const { session, path } = wanted;
    if (!mine.has(session) || can()?.readTextFile !== true) return { text: null };
    if (wanted.action === "read") return { text: await read(session, path) };
    if (can()?.writeTextFile !== true) return { text: null };
    const now = await read(session, path);
    if ((now === null ? null : sha256(now)) !== wanted.over)
      throw new Error(`${path} was changed in the editor since it was read; read it again`);
    await client().request("fs/write_text_file", { sessionId: session, path, content: wanted.text });
    return { text: wanted.text };
  };
  return {
    async hold(sessions) {
      if (can()?.readTextFile !== true) return;
      const left = [...mine].filter((id) => !sessions.has(id));
      mine = new Set(sessions.keys());
      const held = (session: string, folders: string[]) =>
        server.call("documentsHold", { paths: [], folders, session });
      const open = [...sessions].map(([id, { cwd }]) => held(id, [cwd]));
      await Promise.all([...open, ...left.map((id) => held(id, []))]);
    },
    wanted(wanted) {
      answer(wanted)
        .catch((error: unknown) => ({ problem: sentence(error) }))
        .then((given) => server.call("documentsGive", { wanted: wanted.wanted, ...given }))
        // It was too late, or the server is gone: the tool has been told.
        .catch(() => undefined);
    },
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
