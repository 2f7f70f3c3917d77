/** Vim's operators, applied to the span of a motion, a text object or a selection. */
import { type Editor, moveCursor, replaceRange } from "../../edit/editor.ts";
import { type Cells, cellAt, lineEndOf, lineStartOf, lineTextOf, offsetOf, toCells } from "./cells.ts";
import type { Named } from "./commands.ts";
import type { MotionTarget } from "./motions.ts";
import type { Span } from "./objects.ts";
import { isClipboard, writeRegister } from "./registers.ts";
import { clearPending, type VimState } from "./state.ts";

/** An editor with its Vim state. */
export interface VimEditor {
  readonly editor: Editor;
  readonly state: VimState;
  /** Text for the system clipboard. */
  readonly clipboard: string | null;
}

/** All lines from one position to another. */
export const lineSpan = (cells: Cells, one: number, other: number): Span => ({
  from: lineStartOf(cells, Math.min(one, other)),
  to: Math.min(lineEndOf(cells, Math.max(one, other)) + 1, cells.length),
  lines: true,
});

/**
 * The span that an operator covers from the cursor to a motion's target. As in Vim, a motion that ends at the start of a line ends with the
 * line before, and becomes linewise if it started before the line's text.
 */
export function motionSpan(cells: Cells, at: number, { to, kind }: MotionTarget): Span {
  if (kind === "linewise") return lineSpan(cells, at, to);
  const first = Math.min(at, to);
  const last = Math.max(at, to);
  if (kind === "inclusive") return { from: first, to: Math.min(last + 1, cells.length), lines: false };
  const isMoreLines = last > lineEndOf(cells, first) && lineStartOf(cells, last) === last;
  if (!isMoreLines) return { from: first, to: last, lines: false };
  return first <= lineTextOf(cells, first)
    ? lineSpan(cells, first, last - 1)
    : { from: first, to: last - 1, lines: false };
}

export function applyOperator(vim: VimEditor, operator: Named<"operator">, span: Span): VimEditor {
  const cells = toCells(vim.editor.text);
  switch (operator) {
    case "vim.delete":
      return deleteSpan(storeRegister(vim, cells, span, "delete"), cells, span);
    case "vim.change":
      return changeSpan(storeRegister(vim, cells, span, "delete"), cells, span);
    case "vim.yank": {
      const at = cellAt(cells, vim.editor.cursor);
      const stays = span.lines && lineStartOf(cells, at) === span.from;
      return enterNormalMode(
        storeRegister(vim, cells, span, "yank"),
        stays ? vim.editor.cursor : offsetOf(cells, span.from),
      );
    }
    case "vim.indent":
      return shiftLines(vim, cells, span, (line) => (line === "" ? line : INDENT + line));
    case "vim.outdent":
      return shiftLines(vim, cells, span, (line) => line.replace(/^(\t| {1,2})/, ""));
    case "vim.toggleCase":
      return mapCells(vim, cells, span, toggleCase);
    case "vim.upcase":
      return mapCells(vim, cells, span, (cell) => cell.toUpperCase());
    case "vim.downcase":
      return mapCells(vim, cells, span, (cell) => cell.toLowerCase());
  }
}

const INDENT = "  ";

export const toggleCase = (cell: string): string =>
  cell === cell.toLowerCase() ? cell.toUpperCase() : cell.toLowerCase();

/** The text of the span, without the final line end of whole lines. */
export const spanText = (cells: Cells, { from, to, lines }: Span): string => {
  const text = cells.slice(from, to).join("");
  return lines && text.endsWith("\n") ? text.slice(0, -1) : text;
};

/** Switches to normal mode, with nothing pending. */
export function enterNormalMode({ editor, state, clipboard }: VimEditor, cursor: number): VimEditor {
  const normal: VimState = { ...clearPending(state), mode: "normal", goalColumn: null };
  return { editor: moveCursor(editor, cursor), state: normal, clipboard };
}

export function enterInsertMode(
  { editor, state, clipboard }: VimEditor,
  cursor: number,
  times = 1,
  between = "",
): VimEditor {
  const insert = { times, from: state.keys.length, between };
  const insertState: VimState = { ...clearPending(state), mode: "insert", goalColumn: null, insert };
  return { editor: moveCursor(editor, cursor), state: insertState, clipboard };
}

export function storeRegister(
  { editor, state }: VimEditor,
  cells: Cells,
  span: Span,
  reason: "yank" | "delete",
): VimEditor {
  const register = { text: spanText(cells, span), lines: span.lines };
  const registers = writeRegister(state.registers, state.register, register, reason);
  return { editor, state: { ...state, registers }, clipboard: isClipboard(state.register) ? register.text : null };
}

const toRange = (cells: Cells, from: number, to: number) => ({ from: offsetOf(cells, from), to: offsetOf(cells, to) });

function deleteSpan(vim: VimEditor, cells: Cells, span: Span): VimEditor {
  // At the end of the text, the line end before the span is deleted as well.
  const isLast = span.lines && span.to === cells.length && cells[span.to - 1] !== "\n";
  const isEmptyLast = span.lines && span.from === span.to;
  const from = (isLast || isEmptyLast) && span.from > 0 ? span.from - 1 : span.from;
  const editor = replaceRange(vim.editor, toRange(cells, from, span.to), "");
  if (!span.lines) return enterNormalMode({ ...vim, editor }, offsetOf(cells, from));
  const rest = toCells(editor.text);
  return enterNormalMode({ ...vim, editor }, offsetOf(rest, lineTextOf(rest, Math.min(from, rest.length))));
}

function changeSpan(vim: VimEditor, cells: Cells, span: Span): VimEditor {
  const to = span.lines && span.to > span.from && cells[span.to - 1] === "\n" ? span.to - 1 : span.to;
  const editor = replaceRange(vim.editor, toRange(cells, span.from, to), "");
  return enterInsertMode({ ...vim, editor }, offsetOf(cells, span.from));
}

function shiftLines(vim: VimEditor, cells: Cells, span: Span, by: (line: string) => string): VimEditor {
  const lines = span.lines ? span : lineSpan(cells, span.from, Math.max(span.from, span.to - 1));
  const before = spanText(cells, lines);
  const after = before.split("\n").map(by).join("\n");
  const from = offsetOf(cells, lines.from);
  const editor = after === before ? vim.editor : replaceRange(vim.editor, { from, to: from + before.length }, after);
  const now = toCells(editor.text);
  return enterNormalMode({ ...vim, editor }, offsetOf(now, lineTextOf(now, lines.from)));
}

function mapCells(vim: VimEditor, cells: Cells, span: Span, by: (cell: string) => string): VimEditor {
  const before = cells.slice(span.from, span.to).join("");
  const after = cells.slice(span.from, span.to).map(by).join("");
  const at = cellAt(cells, vim.editor.cursor);
  const stays = span.lines && lineStartOf(cells, at) === span.from;
  const cursor = stays ? vim.editor.cursor : offsetOf(cells, span.from);
  const editor = after === before ? vim.editor : replaceRange(vim.editor, toRange(cells, span.from, span.to), after);
  return enterNormalMode({ ...vim, editor }, cursor);
}
