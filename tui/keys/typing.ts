/** What a person is writing, with all that the keyboard remembers between two keys. */
import type { ActionName } from "../actions.ts";
import { type Editor, openEditor } from "../edit/editor.ts";
import { type Kills, noKills } from "../edit/kills.ts";
import type { AskName } from "./asks.ts";
import { startVim, type VimState } from "./vim/state.ts";

export interface Typing {
  readonly editor: Editor;
  readonly kills: Kills;
  /** Names of keys that began a chord. */
  readonly chord: readonly string[];
  /** Digits of Emacs' argument; null where none was begun. */
  readonly argument: string | null;
  readonly vim: VimState;
}

/** What has the keyboard. */
export type Focus = "prompt" | "transcript" | "list" | "question" | "completion" | "search";

export interface Where {
  context: Focus;
  /** Those that the text is laid out in. */
  columns: number;
}

export interface Done {
  action: ActionName | AskName;
  argument?: string;
}

export interface Pressed {
  state: Typing;
  /** To be done by the caller, in this order. Edits are done already. */
  does: readonly Done[];
  /** The key meant something here; where it did not, another part of the screen may have it. */
  handled: boolean;
}

export const startTyping = (editor: Editor = openEditor()): Typing => ({
  editor,
  kills: noKills,
  chord: [],
  argument: null,
  vim: startVim,
});
