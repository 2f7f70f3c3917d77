/** What every action and dialog is handed: the state, how it changes, and the few things of the world that a screen needs. */

import type { Server } from "../../client/kept.ts";
import type { ActionName } from "../actions.ts";
import type { Line } from "../draw/style.ts";
import type { Keyboard } from "../keys/keyboard.ts";
import type { Screen } from "../screen.ts";
import type { Transcript } from "../screens/transcript.ts";
import type { Memory } from "./memory.ts";
import type { Item, State, Toast, WidgetDialog } from "./state.ts";
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
  toast(level: Toast["level"], text: string): void;
  /** Waits for it, and says what went wrong. */
  attempt(work: () => Promise<void>): void;
  /** `text` stands in its line already. */
  open(spec: ListSpec, text?: string): void;
  input(title: string, hint: string, text: string, then: (text: string) => void): void;
  openWidget(widget: Omit<WidgetDialog, "kind">): void;
  close(): void;
  /** Shows this session from now on. */
  show(session: string): Promise<void>;
  /** Ends the program. */
  quit(code?: number): void;
}

/** Does an action of the table, as do.ts has it. */
export type Does = (app: App, action: ActionName, argument?: string) => void;

/** A dialog that is a list: what it is made of. */
export interface ListSpec {
  title: string;
  /** Said where there is nothing to choose from. */
  empty: string;
  items(app: App): readonly Item[] | Promise<readonly Item[]>;
  /** Where more is found than is in the list: asked for what was typed. */
  search?(app: App, text: string): Promise<readonly Item[]>;
  /** Enter or a click; the dialog is closed before. Absent where there is only something to look at. */
  choose?(app: App, item: Item): void | Promise<void>;
  preview?(app: App, item: Item): readonly Line[] | Promise<readonly Line[]>;
  /** The preview has to be read: it is there on a narrow screen, too, and long lines go on in the next row. */
  mustRead?: true;
  /** Another row is chosen: for what is tried while one looks. */
  changed?(app: App, item: Item): void;
  /** Closed without a choice. */
  left?(app: App): void;
  /** Keys of this dialog alone, by name, on the chosen row; the list is made anew after each. */
  keys?: Readonly<Record<string, { label: string; does(app: App, item: Item): void | Promise<void> }>>;
  /** The row that is chosen first. */
  current?(app: App): string | undefined;
}
