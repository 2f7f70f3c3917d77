/** Reads and writes files through the editor, so that tools see unsaved changes in a session's folder. */

import { createHash } from "node:crypto";
import type { DocumentRequest } from "../protocol/document-methods.ts";
import { describeError } from "../protocol/errors.ts";
import type { Editor } from "./editor.ts";
import type { ServerConnection } from "./server-connection.ts";

export interface DocumentBridge {
  /** Claims the folders of the sessions that are open here, by session id. */
  claim(sessions: ReadonlyMap<string, { cwd: string }>): Promise<void>;
  respond(wanted: DocumentRequest): void;
}

export function createDocumentBridge(
  server: Pick<ServerConnection, "call">,
  files: () => Editor["files"],
): DocumentBridge {
  let claimed: ReadonlySet<string> = new Set();
  /** A null text means that the server uses the file on disk. */
  const readOrWrite = async (request: DocumentRequest): Promise<{ text: string | null }> => {
    const { session, path } = request;
    const editor = files();
    if (!claimed.has(session) || !editor) return { text: null };
    if (request.action === "read") return { text: await editor.read(session, path) };
    if (!editor.write) return { text: null };
    const now = await editor.read(session, path);
    if ((now === null ? null : sha256(now)) !== request.baseHash)
      throw new Error(`${path} was changed in the editor since it was read. Read it again.`);
    await editor.write(session, path, request.text);
    return { text: request.text };
  };
  return {
    async claim(sessions) {
      if (!files()) return;
      const released = [...claimed].filter((id) => !sessions.has(id));
      claimed = new Set(sessions.keys());
      const claimFolders = (session: string, folders: string[]) =>
        server.call("documentClaim", { paths: [], folders, session });
      const open = [...sessions].map(([id, { cwd }]) => claimFolders(id, [cwd]));
      await Promise.all([...open, ...released.map((id) => claimFolders(id, []))]);
    },
    respond(request) {
      readOrWrite(request)
        .catch((error: unknown) => ({ problem: describeError(error) }))
        .then((response) => server.call("documentRespond", { request: request.request, ...response }))
        // Too late, or disconnected: the tool has already failed.
        .catch(() => undefined);
    },
  };
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
