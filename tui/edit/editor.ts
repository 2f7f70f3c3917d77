/**
 * The text editor: text, cursor, selection and undo history. Immutable: each function returns a new editor. The cursor is never inside a
 * grapheme.
 */
import { nearestBoundary } from "./boundaries.ts";
import { type Chips, nextChipCharacter, replaceChips, stripPlane16, stripUnknownChips } from "./chips.ts";

export interface Editor {
  /** Lines end with `\n`. No control characters other than tabs. */
  readonly text: string;
  readonly cursor: number;
  /** The other end of the selection. */
  readonly anchor: number | null;
  /** A mark was set: motions extend the selection until it is used. */
  readonly isMarkSet: boolean;
  /** The goal column of consecutive vertical motions. */
  readonly column: number | null;
  readonly chips: Chips;
  readonly past: readonly Snapshot[];
  readonly future: readonly Snapshot[];
  /** The kind of edit that can still be merged into the last undo step. */
  readonly step: Step | null;
}

/** Kinds of edits that are merged into one undo step when they follow each other. */
export type Step = "typing" | "erasing";

export interface Snapshot {
  readonly text: string;
  readonly cursor: number;
}

/** A text with its chips, to be stored and restored. */
export interface Draft {
  readonly text: string;
  readonly chips: Chips;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const MAX_SNAPSHOTS = 500;

export function openEditor({ text, chips }: Draft = { text: "", chips: new Map() }): Editor {
  return {
    text,
    cursor: text.length,
    anchor: null,
    isMarkSet: false,
    column: null,
    chips,
    past: [],
    future: [],
    step: null,
  };
}

/** Normalizes line ends, and removes control characters and chip characters. */
export const sanitizeText = (text: string): string =>
  stripPlane16(text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "")).toWellFormed();

export function selectedRange({ anchor, cursor }: Editor): Range | null {
  if (anchor === null || anchor === cursor) return null;
  return { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) };
}

/** Ends the undo step, and the selection unless a mark is set. */
export function moveCursor(editor: Editor, to: number, column: number | null = null): Editor {
  const cursor = nearestBoundary(editor.text, to);
  return { ...editor, cursor, column, step: null, anchor: editor.isMarkSet ? editor.anchor : null };
}

/** Moves the cursor and selects the text in between. */
export function extendSelection(editor: Editor, to: number, column: number | null = null): Editor {
  const anchor = editor.anchor ?? editor.cursor;
  return { ...editor, cursor: nearestBoundary(editor.text, to), column, step: null, anchor };
}

export const clearSelection = (editor: Editor): Editor =>
  editor.anchor === null && !editor.isMarkSet ? editor : { ...editor, anchor: null, isMarkSet: false, step: null };

/** Sets the mark: from here on, motions select. */
export const setMark = (editor: Editor): Editor => ({ ...editor, anchor: editor.cursor, isMarkSet: true, step: null });

/** The only way to change the text: replaces the range and puts the cursor after it. Consecutive edits of the same `step` are undone together. */
export function replaceRange(editor: Editor, { from, to }: Range, text: string, step: Step | null = null): Editor {
  const known = stripUnknownChips(text, editor.chips);
  if (from === to && known === "") return editor;
  const whole = (editor.text.slice(0, from) + known + editor.text.slice(to)).toWellFormed();
  const joins = step !== null && step === editor.step;
  return {
    ...editor,
    text: whole,
    cursor: nearestBoundary(whole, from + known.length),
    anchor: null,
    isMarkSet: false,
    column: null,
    past: joins ? editor.past : [...editor.past, takeSnapshot(editor)].slice(-MAX_SNAPSHOTS),
    future: [],
    step,
  };
}

/** Inserts text at the cursor, replacing the selection. A region that was selected with a mark is not replaced. */
export function insertText(editor: Editor, text: string, step: Step | null = null): Editor {
  const here = { from: editor.cursor, to: editor.cursor };
  return replaceRange(editor, editor.isMarkSet ? here : (selectedRange(editor) ?? here), text, step);
}

/** Inserts typed text. */
export const typeText = (editor: Editor, text: string): Editor => insertText(editor, sanitizeText(text), "typing");

/** Starts a new undo step. Call after a pause in typing. */
export const endUndoStep = (editor: Editor): Editor => (editor.step === null ? editor : { ...editor, step: null });

export function undo(editor: Editor): Editor {
  const before = editor.past.at(-1);
  return before
    ? {
        ...restoreSnapshot(editor, before),
        past: editor.past.slice(0, -1),
        future: [...editor.future, takeSnapshot(editor)],
      }
    : editor;
}

export function redo(editor: Editor): Editor {
  const next = editor.future.at(-1);
  return next
    ? {
        ...restoreSnapshot(editor, next),
        past: [...editor.past, takeSnapshot(editor)],
        future: editor.future.slice(0, -1),
      }
    : editor;
}

/** Merges all undo steps since `past` had this length. */
export const joinUndoSteps = (editor: Editor, length: number): Editor =>
  editor.past.length > length + 1
    ? { ...editor, past: editor.past.slice(0, length + 1), step: null }
    : endUndoStep(editor);

/** Replaces the text, as one undo step. The chips get characters of this editor. */
export function replaceDraft(editor: Editor, draft: Draft): Editor {
  const chips = new Map(editor.chips);
  const text = replaceChips(draft.text, draft.chips, (chip, mark) => {
    if (chips.get(mark) === chip) return mark;
    const own = nextChipCharacter(chips) ?? "";
    if (own !== "") chips.set(own, chip);
    return own;
  });
  return replaceRange({ ...editor, chips }, { from: 0, to: editor.text.length }, text);
}

/** Clears the text and the undo history, as after a prompt was sent. Chips stay, because text that was cut may be inserted again. */
export const clearText = ({ chips }: Editor): Editor => openEditor({ text: "", chips });

export const getDraft = ({ text, chips }: Editor): Draft => ({ text, chips });

const takeSnapshot = ({ text, cursor }: Editor): Snapshot => ({ text, cursor });

const restoreSnapshot = (editor: Editor, { text, cursor }: Snapshot): Editor => ({
  ...editor,
  text,
  cursor,
  anchor: null,
  isMarkSet: false,
  column: null,
  step: null,
});
