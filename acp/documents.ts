/** Files as the editor has them: what tools read in a session's folder is asked of it, and what they write goes to it. */
import { createHash } from "node:crypto";
import { sentence } from "../client/words.ts";
import type { DocumentWanted } from "../protocol/document-methods.ts";
import type { Editor } from "./editor.ts";
import type { Server } from "./server.ts";

export interface Documents {
  /** The sessions that are open here, by id, with their folders. */
  hold(sessions: ReadonlyMap<string, { cwd: string }>): Promise<void>;
  wanted(wanted: DocumentWanted): void;
}

export function openDocuments(server: Pick<Server, "call">, files: () => Editor["files"]): Documents {
  let mine: ReadonlySet<string> = new Set();
  /** Where the text is null, the disk's counts. */
  const answer = async (wanted: DocumentWanted): Promise<{ text: string | null }> => {
    const { session, path } = wanted;
    const editor = files();
    if (!mine.has(session) || !editor) return { text: null };
    if (wanted.action === "read") return { text: await editor.read(session, path) };
    if (!editor.write) return { text: null };
    const now = await editor.read(session, path);
    if ((now === null ? null : sha256(now)) !== wanted.over)
      throw new Error(`${path} was changed in the editor since it was read; read it again`);
    await editor.write(session, path, wanted.text);
    return { text: wanted.text };
  };
  return {
    async hold(sessions) {
      if (!files()) return;
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
