/** What Vim remembers between two keys. */
import type { Key } from "../key.ts";
import type { Named, VimCommandName } from "./commands.ts";

export type VimMode = "insert" | "replace" | "normal" | "visual" | "visualLine";

export interface Register {
  readonly text: string;
  /** Whole lines, put above or below the line of the cursor. */
  readonly lines: boolean;
}

export type Find = {
  readonly command: "vim.find" | "vim.findBack" | "vim.till" | "vim.tillBack";
  readonly character: string;
};

export interface VimState {
  readonly mode: VimMode;
  /** Digits of a count that is being written. */
  readonly count: string;
  /** The register that was chosen for what follows. */
  readonly register: string | null;
  readonly operator: { readonly name: Named<"operator">; readonly count: number | null } | null;
  /** The command that takes the next character. */
  readonly waiting: VimCommandName | null;
  /** The end of the selection where the cursor is not; a UTF-16 offset. */
  readonly anchor: number;
  /** The column that vertical motions keep to. */
  readonly wanted: number | null;
  readonly find: Find | null;
  readonly registers: ReadonlyMap<string, Register>;
  /** Keys since nothing was pending, so that a change can be done again. */
  readonly keys: readonly Key[];
  /** How long the history was, and what the text was, before the first of them. */
  readonly before: { readonly steps: number; readonly text: string };
  /** How often what is being inserted comes in all, from which of `keys` on, and with what between. */
  readonly insert: { readonly times: number; readonly from: number; readonly between: string };
  /** The keys of the last change. */
  readonly change: readonly Key[] | null;
}

/** A prompt begins in insert mode, as if `i` had been pressed. */
export const startVim: VimState = {
  mode: "insert",
  count: "",
  register: null,
  operator: null,
  waiting: null,
  anchor: 0,
  wanted: null,
  find: null,
  registers: new Map(),
  keys: [{ key: "i", ctrl: false, alt: false, shift: false, super: false, text: "i" }],
  before: { steps: 0, text: "" },
  insert: { times: 1, from: 1, between: "" },
  change: null,
};

export const isWriting = ({ mode }: VimState): boolean => mode === "insert" || mode === "replace";

export const isSelecting = ({ mode }: VimState): boolean => mode === "visual" || mode === "visualLine";

/** Nothing is begun: no count, no register, no operator, no character waited for. */
export const isIdle = ({ count, register, operator, waiting }: VimState): boolean =>
  count === "" && register === null && operator === null && waiting === null;

export const settledVim = (state: VimState): VimState => ({
  ...state,
  count: "",
  register: null,
  operator: null,
  waiting: null,
});
