/** What every action and dialog is handed: the state, how it changes, and the few things of the world that a screen needs. */
import type { Line } from "../draw/style.ts";
import type { Keyboard } from "../keys/keyboard.ts";
import type { Screen } from "../screen.ts";
import type { Transcript } from "../screens/transcript.ts";
import type { ListSpec } from "./dialogs.ts";
import type { Memory } from "./memory.ts";
import type { Server } from "./server.ts";
import type { State, Toast } from "./state.ts";
import type { Themes } from "./themes.ts";

export interface App {
  state(): State;
  /** Changes the state, and draws it when its time comes. */
  set(change: Partial<State>, key?: "key"): void;
  server: Server;
  memory: Memory;
  themes: Themes;
  transcript: Transcript;
  screen: Pick<Screen, "copy" | "forget" | "lend" | "mouse" | "takeBack" | "title" | "bell" | "notify">;
  keyboard(): Keyboard;
  /** Rows that the transcript has now. */
  page(): number;
  markdown(text: string, columns: number): readonly Line[];
  toast(level: Toast["level"], text: string): void;
  /** Waits for it, and says what went wrong. */
  attempt(work: () => Promise<void>): void;
  /** `text` stands in its line already. */
  open(spec: ListSpec, text?: string): void;
  input(title: string, hint: string, text: string, then: (text: string) => void): void;
  close(): void;
  /** Shows this session from now on. */
  show(session: string): Promise<void>;
  /** Ends the program. */
  quit(code?: number): void;
}
