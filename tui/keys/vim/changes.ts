/** Vim's commands that take no motion: insert, put, join, undo, select. */
import { moveCursor, redo, replaceRange, undo } from "../../edit/editor.ts";
import { type Cells, cellAt, lineEndOf, lineStartOf, lineTextOf, offsetOf, toCells } from "./cells.ts";
import type { Named } from "./commands.ts";
import type { Span } from "./objects.ts";
import {
  applyOperator,
  enterInsertMode,
  enterNormalMode,
  lineSpan,
  storeRegister,
  toggleCase,
  type VimEditor,
} from "./operators.ts";
import { readRegister } from "./registers.ts";
import { clearPending, isSelecting, type VimMode } from "./state.ts";

interface ChangeInput {
  count: number | null;
  character: string;
}

/** Returns null if there is nothing to do. */
type Change = (vim: VimEditor, input: ChangeInput) => VimEditor | null;

/** These press keys, so press.ts runs them. */
type KeyPressing = "vim.repeat" | "vim.normalMode";

const cellsAndCursor = ({ editor }: VimEditor): { cells: Cells; at: number } => {
  const cells = toCells(editor.text);
  return { cells, at: cellAt(cells, editor.cursor) };
};

const insertAt =
  (place: (cells: Cells, at: number) => number): Change =>
  (vim, { count }) => {
    const { cells, at } = cellsAndCursor(vim);
    return enterInsertMode(vim, offsetOf(cells, place(cells, at)), count ?? 1);
  };

const openLine =
  (where: "above" | "below"): Change =>
  (vim, { count }) => {
    const { cells, at } = cellsAndCursor(vim);
    const place = offsetOf(cells, where === "below" ? lineEndOf(cells, at) : lineStartOf(cells, at));
    const editor = replaceRange(vim.editor, { from: place, to: place }, "\n");
    return enterInsertMode({ ...vim, editor }, where === "below" ? place + 1 : place, count ?? 1, "\n");
  };

const stepHistory =
  (go: typeof undo): Change =>
  (vim, { count }) => {
    let { editor } = vim;
    for (let time = 0; time < (count ?? 1); time++) editor = go(editor);
    if (editor === vim.editor) return null;
    // Without keys, because undo and redo are not repeatable changes.
    const after = enterNormalMode({ ...vim, editor }, editor.cursor);
    return { ...after, state: { ...after.state, keys: [] } };
  };

const selectMode =
  (mode: VimMode): Change =>
  (vim) => {
    const { editor, state } = vim;
    if (state.mode === mode) return enterNormalMode(vim, editor.cursor);
    const anchor = isSelecting(state) ? state.anchor : editor.cursor;
    return { ...vim, state: { ...clearPending(state), mode, anchor } };
  };

export const changes: Readonly<Record<Exclude<Named<"change">, KeyPressing>, Change>> = {
  "vim.insert": insertAt((_, at) => at),
  "vim.append": insertAt((cells, at) => Math.min(at + 1, lineEndOf(cells, at))),
  "vim.insertLine": insertAt((cells, at) => {
    const text = lineTextOf(cells, at);
    return cells.slice(text, lineEndOf(cells, at)).join("").trim() === "" ? lineEndOf(cells, at) : text;
  }),
  "vim.appendLine": insertAt(lineEndOf),
  "vim.openBelow": openLine("below"),
  "vim.openAbove": openLine("above"),
  "vim.replaceMode": (vim, { count }) => {
    const begun = enterInsertMode(vim, vim.editor.cursor, count ?? 1);
    return { ...begun, state: { ...begun.state, mode: "replace" } };
  },
  "vim.replace": (vim, { count, character }) => {
    const { cells, at } = cellsAndCursor(vim);
    const selection = selectedSpan(vim);
    const span = selection ?? { from: at, to: at + (count ?? 1), lines: false };
    if (selection === null && span.to > lineEndOf(cells, at)) return null;
    const { editor } = vim;
    const range = { from: offsetOf(cells, span.from), to: offsetOf(cells, span.to) };
    const isBreak = character === "\n" && selection === null;
    const text = isBreak
      ? "\n"
      : cells
          .slice(span.from, span.to)
          .map((cell) => (cell === "\n" ? cell : character))
          .join("");
    const last = selection === null && !isBreak ? text.length - character.length : isBreak ? 1 : 0;
    return enterNormalMode({ ...vim, editor: replaceRange(editor, range, text) }, range.from + last);
  },
  "vim.toggleCharacter": (vim, { count }) => {
    const { cells, at } = cellsAndCursor(vim);
    const to = Math.min(at + (count ?? 1), lineEndOf(cells, at));
    if (to === at) return null;
    const text = cells.slice(at, to).map(toggleCase).join("");
    const range = { from: offsetOf(cells, at), to: offsetOf(cells, to) };
    return enterNormalMode({ ...vim, editor: replaceRange(vim.editor, range, text) }, range.from + text.length);
  },
  "vim.join": (vim, { count }) => {
    const { cells, at } = cellsAndCursor(vim);
    const selection = selectedSpan(vim);
    const start = selection?.from ?? at;
    const breaks = selection
      ? Math.max(
          1,
          cells.slice(selection.from, Math.max(selection.from, selection.to - 1)).filter((cell) => cell === "\n")
            .length,
        )
      : Math.max(1, (count ?? 2) - 1);
    return joinLines(vim, start, breaks);
  },
  "vim.put": (vim, { count }) => putRegister(vim, count ?? 1, "after"),
  "vim.putBefore": (vim, { count }) => putRegister(vim, count ?? 1, "before"),
  "vim.undo": stepHistory(undo),
  "vim.redo": stepHistory(redo),
  "vim.register": (vim, { character }) => ({
    ...vim,
    state: { ...vim.state, register: character, awaitingCharacter: null },
  }),
  "vim.putRegister": (vim, { character }) => {
    const register = readRegister(vim.state.registers, character);
    if (!register) return null;
    const { cursor } = vim.editor;
    return { ...vim, editor: replaceRange(vim.editor, { from: cursor, to: cursor }, register.text) };
  },
  "vim.visual": selectMode("visual"),
  "vim.visualLine": selectMode("visualLine"),
  "vim.otherEnd": ({ editor, state, clipboard }) => ({
    editor: moveCursor(editor, state.anchor),
    state: { ...clearPending(state), anchor: editor.cursor, goalColumn: null },
    clipboard,
  }),
};

/** The selection of visual mode; null in other modes. */
export function selectedSpan(vim: VimEditor): Span | null {
  if (!isSelecting(vim.state)) return null;
  const { cells, at } = cellsAndCursor(vim);
  const anchor = Math.min(cellAt(cells, vim.state.anchor), cells.length);
  if (vim.state.mode === "visualLine") return lineSpan(cells, anchor, at);
  return { from: Math.min(anchor, at), to: Math.min(Math.max(anchor, at) + 1, cells.length), lines: false };
}

function joinLines(vim: VimEditor, start: number, breaks: number): VimEditor | null {
  let { editor } = vim;
  let place = start;
  for (let time = 0; time < breaks; time++) {
    const cells = toCells(editor.text);
    const end = lineEndOf(cells, place);
    if (end === cells.length) return time === 0 ? null : enterNormalMode({ ...vim, editor }, offsetOf(cells, place));
    let next = end + 1;
    while (next < cells.length && cells[next] !== "\n" && /^\s/u.test(cells[next] ?? "")) next++;
    const isBlankBefore = end === lineStartOf(cells, end) || /^\s/u.test(cells[end - 1] ?? "");
    const isClosed = next === cells.length || cells[next] === "\n" || cells[next] === ")";
    const between = isBlankBefore || isClosed ? "" : " ";
    editor = replaceRange(editor, { from: offsetOf(cells, end), to: offsetOf(cells, next) }, between);
    place = between === "" && end > 0 && isClosed && cells[next] !== ")" ? end - 1 : end;
  }
  return enterNormalMode({ ...vim, editor }, offsetOf(toCells(editor.text), Math.max(0, place)));
}

/** The maximum number of characters that one command inserts, so that a mistyped count does not exhaust memory. */
const MAX_PUT = 1_000_000;

function putRegister(vim: VimEditor, requested: number, where: "after" | "before"): VimEditor | null {
  const register = readRegister(vim.state.registers, vim.state.register);
  if (!register) return null;
  const times = Math.max(1, Math.min(requested, Math.floor(MAX_PUT / Math.max(1, register.text.length))));
  const selection = selectedSpan(vim);
  if (selection) return replaceSelection(vim, selection, register.text.repeat(times), register.lines);
  const { cells, at } = cellsAndCursor(vim);
  if (register.lines) {
    const text = Array.from({ length: times }, () => register.text).join("\n");
    const below = where === "after";
    const place = offsetOf(cells, below ? lineEndOf(cells, at) : lineStartOf(cells, at));
    const editor = replaceRange(vim.editor, { from: place, to: place }, below ? `\n${text}` : `${text}\n`);
    const now = toCells(editor.text);
    return enterNormalMode({ ...vim, editor }, offsetOf(now, lineTextOf(now, cellAt(now, below ? place + 1 : place))));
  }
  const place = offsetOf(cells, where === "after" ? Math.min(at + 1, lineEndOf(cells, at)) : at);
  const text = register.text.repeat(times);
  const editor = replaceRange(vim.editor, { from: place, to: place }, text);
  const isMoreLines = text.includes("\n");
  const last = offsetOf(toCells(text), Math.max(0, toCells(text).length - 1));
  return enterNormalMode({ ...vim, editor }, isMoreLines ? place : place + last);
}

/** Replaces the selection, and stores it in the registers like deleted text. */
function replaceSelection(vim: VimEditor, span: Span, text: string, lines: boolean): VimEditor {
  const cells = toCells(vim.editor.text);
  const withRegister = storeRegister({ ...vim, state: { ...vim.state, register: null } }, cells, span, "delete");
  const from = offsetOf(cells, span.from);
  const to = offsetOf(cells, span.to);
  const closes = span.lines && cells[span.to - 1] === "\n" ? "\n" : "";
  const whole = span.lines ? text + closes : lines ? `\n${text}\n` : text;
  const editor = replaceRange(vim.editor, { from, to }, whole);
  const last = whole.endsWith("\n") || span.lines ? 0 : whole.length - 1;
  return enterNormalMode({ ...withRegister, editor }, from + Math.max(0, last));
}

/** Applies an operator to the selection. */
export function operateOnSelection(vim: VimEditor, operator: Named<"operator">): VimEditor | null {
  const span = selectedSpan(vim);
  return span && applyOperator(vim, operator, span);
}
