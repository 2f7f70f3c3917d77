/** What all features of the extension share: the folder, the server connection and the watched session. */

import * as vscode from "vscode";
import type { LocalServer } from "../client/local.ts";
import type { ReconnectingClient } from "../client/reconnecting-client.ts";
import { describeError } from "../protocol/errors.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Folder } from "./folder.ts";
import type { Program } from "./program.ts";

export interface Ext {
  context: vscode.ExtensionContext;
  version: string;
  folder: Folder;
  /** The folder in which sessions are created. */
  cwd(): string;
  program(): Promise<Program>;
  /** Where the server listens and how to start it. `mayStart`: a server may be started if none is running. */
  local(mayStart: boolean): Promise<LocalServer>;
  /** Connects on first use. */
  server(): ReconnectingClient;
  /** The user acts: a server that was stopped on request may be started again. */
  resume(): void;
  /** The view of the watched session. */
  view(): SessionView | null;
  onView: vscode.Event<SessionView | null>;
  /** Watches this session from now on. */
  watchSession(session: string | null): void;
}

/** Runs a user's command, and shows a warning if it fails. */
export async function attempt(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    void vscode.window.showWarningMessage(`Tutti: ${describeError(error)}`);
  }
}
