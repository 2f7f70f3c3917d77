/** What the parts of the extension share: the folder, the server, and the session that is looked at. */
import * as vscode from "vscode";
import type { Server } from "../client/kept.ts";
import type { LocalServer } from "../client/local.ts";
import { sentence } from "../client/words.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Folder } from "./folder.ts";
import type { Program } from "./program.ts";

export interface Ext {
  context: vscode.ExtensionContext;
  version: string;
  folder: Folder;
  /** The folder that sessions are made in. */
  cwd(): string;
  program(): Promise<Program>;
  /** Where the server is and how it is started. */
  local(): Promise<LocalServer>;
  /** Made when it is first needed. */
  server(): Server;
  /** The session that is looked at, as far as the server told of it. */
  view(): SessionView | null;
  onView: vscode.Event<SessionView | null>;
  /** Looks at this session from now on. */
  look(session: string | null): void;
}

/** Runs a command of a person's, and tells them where it fails. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void vscode.window.showWarningMessage(`Tutti: ${sentence(error)}`);
  }
}
