/** What the commands of the line mode work with. */
import type { ChosenSettings, ConfiguredSettings } from "../../client/next-settings.ts";
import type { ReconnectingClient } from "../../client/reconnecting-client.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { LocalStore } from "../app/local-store.ts";
import type { Menu } from "./menu.ts";
import type { Speaker } from "./writer.ts";

export interface LineApp {
  cwd: string;
  server: ReconnectingClient;
  store: LocalStore;
  view(): SessionView | null;
  write(speaker: Speaker, text: string): void;
  /** The user has typed this text, so it is not announced when it comes back as a prompt. */
  addTyped(text: string): void;
  /** The user has answered this question here, so the answer is not announced. */
  markAnswered(question: string): void;
  /** The answer was rejected, so the question is still open. */
  unmarkAnswered(question: string): void;
  /** Chosen here for the next prompts. */
  settings(): ChosenSettings;
  setSettings(settings: ChosenSettings): void;
  /** The configured settings. */
  defaults(): ConfiguredSettings;
  /** Opens a menu; the next line that is not a command chooses from it. `input` narrows it first, and chooses if one entry remains. */
  openMenu(menu: Menu, input: string, onChoice: (id: string) => void | Promise<void>): Promise<void>;
  /** Continues with this session. */
  showSession(session: string): Promise<void>;
  /** Leaves the session: the next prompt starts a new one. */
  leaveSession(): void;
  quit(): void;
}
