/** The options that the command line passes to the terminal UI and to the line mode. */
import type { ChosenSettings } from "../client/next-settings.ts";
import type { Link } from "../protocol/link.ts";

export interface TuiOptions {
  cwd: string;
  version: string;
  dataDir: string;
  configFile: string;
  noColor: boolean;
  /** `inline` draws on the terminal's own screen, so that the conversation stays in its scrollback. */
  screenMode: "screen" | "inline";
  /** From the command line; empty if it names none. */
  theme: string;
  /** `mayStart`: a server may be started if none is running. */
  connect(mayStart: boolean): Promise<Link>;
  /** The session to start with: by id, the last one of this folder, or none. */
  session: { id: string } | "last" | null;
  fork: boolean;
  prompt: string;
  /** Resolves with false if no browser can be started. */
  openBrowser(address: string): Promise<boolean>;
  settings: ChosenSettings;
}
