/**
 * A text that is being written: the text, where its cursor stands, what is selected, and what can be undone. Immutable: each function
 * answers with another editor. The cursor never stands inside of what a person sees as one character.
 */
import { boundary } from "./boundaries.ts";
import { type Chips, nextMark, replaceChips, withKnown, withoutPlane16 } from "./chips.ts";

export interface Editor {
  /** Lines end with `\n`; no other control characters but tabs. */
  readonly text: string;
  readonly cursor: number;
  /** The other end of the selection. */
  readonly anchor: number | null;
  /** A mark was set: motions stretch the selection until something is done with it. */
  readonly marked: boolean;
  /** The column that a row of vertical motions keeps to. */
  readonly column: number | null;
  readonly chips: Chips;
  readonly past: readonly Moment[];
  readonly future: readonly Moment[];
  /** What may still join the last step of `past`. */
  readonly step: Step | null;
}

/** Kinds of edits that make one step to undo when they follow each other. */
export type Step = "typing" | "erasing";

export interface Moment {
  readonly text: string;
  readonly cursor: number;
}

/** A text with its chips, to be put aside and taken up again. */
export interface Draft {
  readonly text: string;
  readonly chips: Chips;
}

export interface Range {
  readonly from: number;
  readonly to: number;
}

const MOST_MOMENTS = 500;

export function openEditor({ text, chips }: Draft = { text: "", chips: new Map() }): Editor {
  return {
    text,
    cursor: text.length,
    anchor: null,
    marked: false,
    column: null,
    chips,
    past: [],
    future: [],
    step: null,
  };
}

/** With line ends as they are here, and without what no prompt should hold: control characters, and chips of somebody else. */
export const cleaned = (text: string): string =>
  withoutPlane16(text.replace(/\r\n?/g, "\n").replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "")).toWellFormed();

export function selection({ anchor, cursor }: Editor): Range | null {
  if (anchor === null || anchor === cursor) return null;
  return { from: Math.min(anchor, cursor), to: Math.max(anchor, cursor) };
}

/** A move: it ends the step and the selection, unless a mark holds it. */
export function moved(editor: Editor, to: number, column: number | null = null): Editor {
  const cursor = boundary(editor.text, to);
  return { ...editor, cursor, column, step: null, anchor: editor.marked ? editor.anchor : null };
}

/** A move that selects what it passes. */
export function stretched(editor: Editor, to: number, column: number | null = null): Editor {
  const anchor = editor.anchor ?? editor.cursor;
  return { ...editor, cursor: boundary(editor.text, to), column, step: null, anchor };
}

export const unselected = (editor: Editor): Editor =>
  editor.anchor === null && !editor.marked ? editor : { ...editor, anchor: null, marked: false, step: null };

/** From here on motions select. */
export const marked = (editor: Editor): Editor => ({ ...editor, anchor: editor.cursor, marked: true, step: null });

/**
 * The one way in which a text changes: `text` stands instead of what is in the range, and the cursor behind it. Edits of the same kind
 * of step are undone together.
 */
export function replaced(editor: Editor, { from, to }: Range, text: string, step: Step | null = null): Editor {
  const known = withKnown(text, editor.chips);
  if (from === to && known === "") return editor;
  const whole = (editor.text.slice(0, from) + known + editor.text.slice(to)).toWellFormed();
  const joins = step !== null && step === editor.step;
  return {
    ...editor,
    text: whole,
    cursor: boundary(whole, from + known.length),
    anchor: null,
    marked: false,
    column: null,
    past: joins ? editor.past : [...editor.past, momentOf(editor)].slice(-MOST_MOMENTS),
    future: [],
    step,
  };
}

/** Puts text where the cursor is, instead of what is selected. A mark selects for commands, not for typing. */
export function inserted(editor: Editor, text: string, step: Step | null = null): Editor {
  const here = { from: editor.cursor, to: editor.cursor };
  return replaced(editor, editor.marked ? here : (selection(editor) ?? here), text, step);
}

/** What a person types. */
export const typed = (editor: Editor, text: string): Editor => inserted(editor, cleaned(text), "typing");

/** Told by the caller when nothing was typed for a while: what follows is another step to undo. */
export const paused = (editor: Editor): Editor => (editor.step === null ? editor : { ...editor, step: null });

export function undone(editor: Editor): Editor {
  const before = editor.past.at(-1);
  return before
    ? { ...at(editor, before), past: editor.past.slice(0, -1), future: [...editor.future, momentOf(editor)] }
    : editor;
}

export function redone(editor: Editor): Editor {
  const next = editor.future.at(-1);
  return next
    ? { ...at(editor, next), past: [...editor.past, momentOf(editor)], future: editor.future.slice(0, -1) }
    : editor;
}

/** Makes all steps since `past` had this length into one. */
export const joined = (editor: Editor, length: number): Editor =>
  editor.past.length > length + 1 ? { ...editor, past: editor.past.slice(0, length + 1), step: null } : paused(editor);

/** Another text instead, as one step to undo. Its chips get characters of this editor. */
export function withDraft(editor: Editor, draft: Draft): Editor {
  const chips = new Map(editor.chips);
  const text = replaceChips(draft.text, draft.chips, (chip, mark) => {
    if (chips.get(mark) === chip) return mark;
    const own = nextMark(chips) ?? "";
    if (own !== "") chips.set(own, chip);
    return own;
  });
  return replaced({ ...editor, chips }, { from: 0, to: editor.text.length }, text);
}

/** Empty, with nothing to undo, as after a prompt was sent. Its chips stay, for what was cut from it may be put back. */
export const emptied = ({ chips }: Editor): Editor => openEditor({ text: "", chips });

export const draftOf = ({ text, chips }: Editor): Draft => ({ text, chips });

const momentOf = ({ text, cursor }: Editor): Moment => ({ text, cursor });

const at = (editor: Editor, { text, cursor }: Moment): Editor => ({
  ...editor,
  text,
  cursor,
  anchor: null,
  marked: false,
  column: null,
  step: null,
});
