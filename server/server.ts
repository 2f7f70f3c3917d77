/** The server's interface for connections and in-process clients. Types only. */
import type { Handlers } from "../protocol/methods.ts";
import type { KeptWorktree } from "../protocol/session-methods.ts";
import type { ClientPlugins } from "./plugins/client-plugins.ts";
import type { Sessions } from "./session/sessions.ts";
import type { OpenDocuments } from "./workspace/open-documents.ts";

export interface Server {
  handlers: Handlers;
  /** Problems of the configuration as last read. */
  problems(): { level: "warning" | "error"; text: string }[];
  /** The configuration files, existing or not. */
  configFiles: readonly string[];
  /** Reloads the configuration; it applies to everything that starts afterwards. */
  reload(): Promise<void>;
  /** Called when a plugin's contributions change. One listener. */
  onChanged(listener: () => void): void;
  sessions: Sessions;
  /** Deletes the worktrees of sessions that no longer exist, unless they have changes. Returns those that are kept. */
  cleanUpWorktrees(): Promise<KeptWorktree[]>;
  /** Documents that clients have open. */
  openDocuments: OpenDocuments;
  /** Plugins that clients registered. */
  clientPlugins: ClientPlugins;
  /** Removes all keys that this server knows from a text. */
  redact(text: string): string;
  close(): Promise<void>;
}
