/** What Vim's operators do to what a motion, a text object or a selection takes. */
import { type Editor, moved, replaced } from "../../edit/editor.ts";
import { type Cells, cellAt, cellsOf, lineEndOf, lineStartOf, lineTextOf, offsetOf } from "./cells.ts";
import type { Named } from "./commands.ts";
import type { Target } from "./motions.ts";
import type { Span } from "./objects.ts";
import { isClipboard, writeRegister } from "./registers.ts";
import { settledVim, type VimState } from "./state.ts";

/** A prompt in one of Vim's modes. */
export interface Vim {
  readonly editor: Editor;
  readonly state: VimState;
  /** Text for the clipboard of the machine. */
  readonly clipboard: string | null;
}

/** All of the lines from one place to another. */
export const linesBetween = (cells: Cells, one: number, other: number): Span => ({
  from: lineStartOf(cells, Math.min(one, other)),
  to: Math.min(lineEndOf(cells, Math.max(one, other)) + 1, cells.length),
  lines: true,
});

/**
 * What an operator takes from the cursor to a motion's target. A motion that ends where a line starts ends with the line before, and
 * takes whole lines where it began before their text.
 */
export function spanTo(cells: Cells, at: number, { to, takes }: Target): Span {
  if (takes === "lines") return linesBetween(cells, at, to);
  const first = Math.min(at, to);
  const last = Math.max(at, to);
  if (takes === "through") return { from: first, to: Math.min(last + 1, cells.length), lines: false };
  const isMoreLines = last > lineEndOf(cells, first) && lineStartOf(cells, last) === last;
  if (!isMoreLines) return { from: first, to: last, lines: false };
  return first <= lineTextOf(cells, first)
    ? linesBetween(cells, first, last - 1)
    : { from: first, to: last - 1, lines: false };
}

export function operate(vim: Vim, operator: Named<"operator">, span: Span): Vim {
  const cells = cellsOf(vim.editor.text);
  switch (operator) {
    case "vim.delete":
      return deleted(stored(vim, cells, span, "delete"), cells, span);
    case "vim.change":
      return changed(stored(vim, cells, span, "delete"), cells, span);
    case "vim.yank": {
      const at = cellAt(cells, vim.editor.cursor);
      const stays = span.lines && lineStartOf(cells, at) === span.from;
      return done(stored(vim, cells, span, "yank"), stays ? vim.editor.cursor : offsetOf(cells, span.from));
    }
    case "vim.indent":
      return shifted(vim, cells, span, (line) => (line === "" ? line : INDENT + line));
    case "vim.outdent":
      return shifted(vim, cells, span, (line) => line.replace(/^(\t| {1,2})/, ""));
    case "vim.toggleCase":
      return exchanged(vim, cells, span, toggled);
    case "vim.upcase":
      return exchanged(vim, cells, span, (cell) => cell.toUpperCase());
    case "vim.downcase":
      return exchanged(vim, cells, span, (cell) => cell.toLowerCase());
  }
}

const INDENT = "  ";

export const toggled = (cell: string): string =>
  cell === cell.toLowerCase() ? cell.toUpperCase() : cell.toLowerCase();

/** As text, with the line end that closes lines left out. */
export const textIn = (cells: Cells, { from, to, lines }: Span): string => {
  const text = cells.slice(from, to).join("");
  return lines && text.endsWith("\n") ? text.slice(0, -1) : text;
};

/** In normal mode, with nothing pending. */
export function done({ editor, state, clipboard }: Vim, cursor: number): Vim {
  const calm: VimState = { ...settledVim(state), mode: "normal", wanted: null };
  return { editor: moved(editor, cursor), state: calm, clipboard };
}

export function inserting({ editor, state, clipboard }: Vim, cursor: number, times = 1, between = ""): Vim {
  const insert = { times, from: state.keys.length, between };
  const begun: VimState = { ...settledVim(state), mode: "insert", wanted: null, insert };
  return { editor: moved(editor, cursor), state: begun, clipboard };
}

export function stored({ editor, state }: Vim, cells: Cells, span: Span, why: "yank" | "delete"): Vim {
  const register = { text: textIn(cells, span), lines: span.lines };
  const registers = writeRegister(state.registers, state.register, register, why);
  return { editor, state: { ...state, registers }, clipboard: isClipboard(state.register) ? register.text : null };
}

const range = (cells: Cells, from: number, to: number) => ({ from: offsetOf(cells, from), to: offsetOf(cells, to) });

function deleted(vim: Vim, cells: Cells, span: Span): Vim {
  // Without lines behind it, the line end before it goes.
  const isLast = span.lines && span.to === cells.length && cells[span.to - 1] !== "\n";
  const isEmptyLast = span.lines && span.from === span.to;
  const from = (isLast || isEmptyLast) && span.from > 0 ? span.from - 1 : span.from;
  const editor = replaced(vim.editor, range(cells, from, span.to), "");
  if (!span.lines) return done({ ...vim, editor }, offsetOf(cells, from));
  const rest = cellsOf(editor.text);
  return done({ ...vim, editor }, offsetOf(rest, lineTextOf(rest, Math.min(from, rest.length))));
}

function changed(vim: Vim, cells: Cells, span: Span): Vim {
  const to = span.lines && span.to > span.from && cells[span.to - 1] === "\n" ? span.to - 1 : span.to;
  const editor = replaced(vim.editor, range(cells, span.from, to), "");
  return inserting({ ...vim, editor }, offsetOf(cells, span.from));
}

function shifted(vim: Vim, cells: Cells, span: Span, by: (line: string) => string): Vim {
  const lines = span.lines ? span : linesBetween(cells, span.from, Math.max(span.from, span.to - 1));
  const before = textIn(cells, lines);
  const after = before.split("\n").map(by).join("\n");
  const from = offsetOf(cells, lines.from);
  const editor = after === before ? vim.editor : replaced(vim.editor, { from, to: from + before.length }, after);
  const now = cellsOf(editor.text);
  return done({ ...vim, editor }, offsetOf(now, lineTextOf(now, lines.from)));
}

function exchanged(vim: Vim, cells: Cells, span: Span, by: (cell: string) => string): Vim {
  const before = cells.slice(span.from, span.to).join("");
  const after = cells.slice(span.from, span.to).map(by).join("");
  const at = cellAt(cells, vim.editor.cursor);
  const stays = span.lines && lineStartOf(cells, at) === span.from;
  const cursor = stays ? vim.editor.cursor : offsetOf(cells, span.from);
  const editor = after === before ? vim.editor : replaced(vim.editor, range(cells, span.from, span.to), after);
  return done({ ...vim, editor }, cursor);
}
