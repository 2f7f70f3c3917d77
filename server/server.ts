/** What the program offers to those who show it: the joined parts, behind one interface. Types only. */
import type { Handlers } from "../protocol/methods.ts";
import type { ClientPlugins } from "./plugins/client-plugins.ts";
import type { Sessions } from "./session/sessions.ts";
import type { OpenDocuments } from "./workspace/open-documents.ts";

export interface Server {
  handlers: Handlers;
  /** What is wrong with the configuration as it was last read. */
  problems(): { level: "warning" | "error"; text: string }[];
  /** The files that it was read from, or would be. */
  configFiles: readonly string[];
  /** Reads the configuration anew; what starts from now on goes by it. */
  reload(): Promise<void>;
  /** Told where a plugin changes what it contributes. One listener. */
  onChanged(listener: () => void): void;
  sessions: Sessions;
  /** What clients hold unsaved. */
  openDocuments: OpenDocuments;
  /** What plugins clients name. */
  clientPlugins: ClientPlugins;
  /** The text without any key that this server knows. */
  redact(text: string): string;
  close(): Promise<void>;
}
