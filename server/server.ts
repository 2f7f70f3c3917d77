/** What the program offers to those who show it: the joined parts, behind one interface. Types only. */
import type { Handlers, Settings } from "../protocol/methods.ts";
import type { Brought } from "./plugins/brought.ts";
import type { Sessions } from "./session/sessions.ts";
import type { Held } from "./workspace/held.ts";

export interface Server {
  handlers: Partial<Handlers>;
  /** What is wrong with the configuration as it was last read. */
  problems(): { level: "warning" | "error"; text: string }[];
  /** The files that it was read from, or would be. */
  configFiles: readonly string[];
  /** Reads the configuration anew; what starts from now on goes by it. */
  reload(): Promise<void>;
  /** Told where a plugin changes what it contributes. One listener. */
  onChanged(listener: () => void): void;
  sessions: Sessions<Settings>;
  /** What clients hold unsaved. */
  held: Held;
  /** What plugins clients name. */
  brought: Brought;
  /** The text without any key that this server knows. */
  redact(text: string): string;
  close(): Promise<void>;
}
