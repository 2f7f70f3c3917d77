/** The dependencies of every language server feature. */
import type { Connection } from "vscode-languageserver/node";
import type { EditorClient } from "./client.ts";
import type { Documents } from "./documents.ts";
import type { ServerConnection } from "./server-connection.ts";
import type { FolderSessions } from "./sessions.ts";

export interface LspContext {
  connection: Connection;
  /** Throws before `initialize`. */
  client(): EditorClient;
  documents: Documents;
  server: ServerConnection;
  sessions: FolderSessions;
  /** Shows a short message to the user. Never rejects. */
  showMessage(level: "info" | "warning" | "error", text: string): void;
}
