/** The state of a text input: the text, and what the keyboard remembers between two keys. */
import type { ActionName } from "../actions.ts";
import { type Editor, openEditor } from "../edit/editor.ts";
import { emptyKillRing, type KillRing } from "../edit/kill-ring.ts";
import type { FocusCommandName } from "./focus-commands.ts";
import { initialVimState, type VimState } from "./vim/state.ts";

export interface InputState {
  readonly editor: Editor;
  readonly killRing: KillRing;
  /** The keys of a pending chord. */
  readonly chord: readonly string[];
  /** Digits of a pending Emacs prefix argument; empty after Ctrl+U alone. */
  readonly argument: string | null;
  readonly vim: VimState;
}

/** The part of the screen that has the keyboard focus. */
export type Focus = "prompt" | "transcript" | "list" | "question" | "completion" | "search";

export interface KeyContext {
  focus: Focus;
  /** The width of the text's layout. */
  columns: number;
}

export interface Command {
  action: ActionName | FocusCommandName;
  argument?: string;
}

export interface KeyResult {
  state: InputState;
  /** For the caller to run, in this order. Edits have been applied. */
  commands: readonly Command[];
  /** False if the key has no meaning here. */
  handled: boolean;
}

export const createInputState = (editor: Editor = openEditor()): InputState => ({
  editor,
  killRing: emptyKillRing,
  chord: [],
  argument: null,
  vim: initialVimState,
});
