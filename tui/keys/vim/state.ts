/** The state of Vim's modes between two keys. */
import type { Key } from "../key.ts";
import type { Named, VimCommandName } from "./commands.ts";

export type VimMode = "insert" | "replace" | "normal" | "visual" | "visualLine";

export interface Register {
  readonly text: string;
  /** Whole lines, which are put above or below the cursor's line. */
  readonly lines: boolean;
}

export type Find = {
  readonly command: "vim.find" | "vim.findBack" | "vim.till" | "vim.tillBack";
  readonly character: string;
};

export interface VimState {
  readonly mode: VimMode;
  /** Digits of a pending count. */
  readonly count: string;
  /** The register for the next command. */
  readonly register: string | null;
  readonly operator: { readonly name: Named<"operator">; readonly count: number | null } | null;
  /** The command that needs the next character. */
  readonly awaitingCharacter: VimCommandName | null;
  /** The end of the selection opposite to the cursor; a UTF-16 offset. */
  readonly anchor: number;
  /** The goal column of vertical motions. */
  readonly goalColumn: number | null;
  readonly find: Find | null;
  readonly registers: ReadonlyMap<string, Register>;
  /** The keys of the current command, so that a change can be repeated. */
  readonly keys: readonly Key[];
  /** The length of the undo history and the text before the first of them. */
  readonly changeStart: { readonly steps: number; readonly text: string };
  /** The current insertion: how many times to repeat it, where it starts in `keys`, and the text between repetitions. */
  readonly insert: { readonly times: number; readonly from: number; readonly between: string };
  /** The keys of the last change. */
  readonly lastChange: readonly Key[] | null;
}

/** A prompt starts in insert mode, as if `i` had been pressed. */
export const initialVimState: VimState = {
  mode: "insert",
  count: "",
  register: null,
  operator: null,
  awaitingCharacter: null,
  anchor: 0,
  goalColumn: null,
  find: null,
  registers: new Map(),
  keys: [{ key: "i", ctrl: false, alt: false, shift: false, super: false, text: "i" }],
  changeStart: { steps: 0, text: "" },
  insert: { times: 1, from: 1, between: "" },
  lastChange: null,
};

export const isWriting = ({ mode }: VimState): boolean => mode === "insert" || mode === "replace";

export const isSelecting = ({ mode }: VimState): boolean => mode === "visual" || mode === "visualLine";

/** Nothing is pending: no count, register, operator or character. */
export const isIdle = ({ count, register, operator, awaitingCharacter }: VimState): boolean =>
  count === "" && register === null && operator === null && awaitingCharacter === null;

export const clearPending = (state: VimState): VimState => ({
  ...state,
  count: "",
  register: null,
  operator: null,
  awaitingCharacter: null,
});
