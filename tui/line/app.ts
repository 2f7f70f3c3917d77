/** What every command of the line mode is handed. */

import type { Server } from "../../client/kept.ts";
import type { Settings } from "../../protocol/methods.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Memory } from "../app/memory.ts";
import type { Menu } from "./menu.ts";
import type { Speaker } from "./paper.ts";

type Chosen = Pick<Settings, "model" | "effort" | "mode">;

export interface LineApp {
  cwd: string;
  server: Server;
  memory: Memory;
  view(): SessionView | null;
  say(speaker: Speaker, text: string): void;
  /** This text was written here: it is not told when it comes back as a prompt. */
  typed(text: string): void;
  /** This question was answered here: nobody has to be told who did. */
  answered(question: string): void;
  /** What the next prompt runs with, where it differs from what is usual. */
  settings(): Chosen;
  choose(settings: Chosen): void;
  usual(): { model: string; effort: string; mode: string };
  /** Lists it; the next line that is no command chooses. With `words`, what they leave, at once where that is one. */
  menu(menu: Menu, words: string, then: (id: string) => void | Promise<void>): Promise<void>;
  /** Goes on with this session. */
  show(session: string): Promise<void>;
  /** Goes on with none: the next prompt begins one. */
  leave(): void;
  quit(): void;
}
