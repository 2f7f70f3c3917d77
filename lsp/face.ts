/** What every feature of this face is given. */
import type { Connection } from "vscode-languageserver/node";
import type { Client } from "./client.ts";
import type { Documents } from "./documents.ts";
import type { Server } from "./server.ts";
import type { Sessions } from "./sessions.ts";

export interface Face {
  connection: Connection;
  /** Not before `initialize`. */
  client(): Client;
  documents: Documents;
  server: Server;
  sessions: Sessions;
  /** Told to the person in a few words. Never rejects. */
  say(level: "info" | "warning" | "error", text: string): void;
}
