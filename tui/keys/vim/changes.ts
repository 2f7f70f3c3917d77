/** Vim's commands that take no motion: to insert, to put, to join, to undo, to select. */
import { moved, redone, replaced, undone } from "../../edit/editor.ts";
import { type Cells, cellAt, cellsOf, lineEndOf, lineStartOf, lineTextOf, offsetOf } from "./cells.ts";
import type { Named } from "./commands.ts";
import type { Span } from "./objects.ts";
import { done, inserting, linesBetween, operate, stored, toggled, type Vim } from "./operators.ts";
import { readRegister } from "./registers.ts";
import { isSelecting, settledVim, type VimMode } from "./state.ts";

interface ChangeInput {
  count: number | null;
  character: string;
}

/** Null where it can do nothing. */
type Change = (vim: Vim, input: ChangeInput) => Vim | null;

/** These two press keys, which is done in press.ts. */
type Pressing = "vim.repeat" | "vim.normalMode";

const ofText = ({ editor }: Vim): { cells: Cells; at: number } => {
  const cells = cellsOf(editor.text);
  return { cells, at: cellAt(cells, editor.cursor) };
};

const insertAt =
  (place: (cells: Cells, at: number) => number): Change =>
  (vim, { count }) => {
    const { cells, at } = ofText(vim);
    return inserting(vim, offsetOf(cells, place(cells, at)), count ?? 1);
  };

const open =
  (where: "above" | "below"): Change =>
  (vim, { count }) => {
    const { cells, at } = ofText(vim);
    const place = offsetOf(cells, where === "below" ? lineEndOf(cells, at) : lineStartOf(cells, at));
    const editor = replaced(vim.editor, { from: place, to: place }, "\n");
    return inserting({ ...vim, editor }, where === "below" ? place + 1 : place, count ?? 1, "\n");
  };

const travel =
  (go: typeof undone): Change =>
  (vim, { count }) => {
    let { editor } = vim;
    for (let time = 0; time < (count ?? 1); time++) editor = go(editor);
    if (editor === vim.editor) return null;
    // No keys: what was done or undone here is no change to be repeated.
    const after = done({ ...vim, editor }, editor.cursor);
    return { ...after, state: { ...after.state, keys: [] } };
  };

const select =
  (mode: VimMode): Change =>
  (vim) => {
    const { editor, state } = vim;
    if (state.mode === mode) return done(vim, editor.cursor);
    const anchor = isSelecting(state) ? state.anchor : editor.cursor;
    return { ...vim, state: { ...settledVim(state), mode, anchor } };
  };

export const changes: Readonly<Record<Exclude<Named<"change">, Pressing>, Change>> = {
  "vim.insert": insertAt((_, at) => at),
  "vim.append": insertAt((cells, at) => Math.min(at + 1, lineEndOf(cells, at))),
  "vim.insertLine": insertAt((cells, at) => {
    const text = lineTextOf(cells, at);
    return cells.slice(text, lineEndOf(cells, at)).join("").trim() === "" ? lineEndOf(cells, at) : text;
  }),
  "vim.appendLine": insertAt(lineEndOf),
  "vim.openBelow": open("below"),
  "vim.openAbove": open("above"),
  "vim.replaceMode": (vim, { count }) => {
    const begun = inserting(vim, vim.editor.cursor, count ?? 1);
    return { ...begun, state: { ...begun.state, mode: "replace" } };
  },
  "vim.replace": (vim, { count, character }) => {
    const { cells, at } = ofText(vim);
    const chosen = selectedSpan(vim);
    const span = chosen ?? { from: at, to: at + (count ?? 1), lines: false };
    if (chosen === null && span.to > lineEndOf(cells, at)) return null;
    const { editor } = vim;
    const range = { from: offsetOf(cells, span.from), to: offsetOf(cells, span.to) };
    const isBreak = character === "\n" && chosen === null;
    const text = isBreak
      ? "\n"
      : cells
          .slice(span.from, span.to)
          .map((cell) => (cell === "\n" ? cell : character))
          .join("");
    const last = chosen === null && !isBreak ? text.length - character.length : isBreak ? 1 : 0;
    return done({ ...vim, editor: replaced(editor, range, text) }, range.from + last);
  },
  "vim.toggleCharacter": (vim, { count }) => {
    const { cells, at } = ofText(vim);
    const to = Math.min(at + (count ?? 1), lineEndOf(cells, at));
    if (to === at) return null;
    const text = cells.slice(at, to).map(toggled).join("");
    const range = { from: offsetOf(cells, at), to: offsetOf(cells, to) };
    return done({ ...vim, editor: replaced(vim.editor, range, text) }, range.from + text.length);
  },
  "vim.join": (vim, { count }) => {
    const { cells, at } = ofText(vim);
    const chosen = selectedSpan(vim);
    const start = chosen?.from ?? at;
    const breaks = chosen
      ? Math.max(
          1,
          cells.slice(chosen.from, Math.max(chosen.from, chosen.to - 1)).filter((cell) => cell === "\n").length,
        )
      : Math.max(1, (count ?? 2) - 1);
    return joinedLines(vim, start, breaks);
  },
  "vim.put": (vim, { count }) => put(vim, count ?? 1, "after"),
  "vim.putBefore": (vim, { count }) => put(vim, count ?? 1, "before"),
  "vim.undo": travel(undone),
  "vim.redo": travel(redone),
  "vim.register": (vim, { character }) => ({ ...vim, state: { ...vim.state, register: character, waiting: null } }),
  "vim.putRegister": (vim, { character }) => {
    const register = readRegister(vim.state.registers, character);
    if (!register) return null;
    const { cursor } = vim.editor;
    return { ...vim, editor: replaced(vim.editor, { from: cursor, to: cursor }, register.text) };
  },
  "vim.visual": select("visual"),
  "vim.visualLine": select("visualLine"),
  "vim.otherEnd": ({ editor, state, clipboard }) => ({
    editor: moved(editor, state.anchor),
    state: { ...settledVim(state), anchor: editor.cursor, wanted: null },
    clipboard,
  }),
};

/** What visual mode has selected; null in other modes. */
export function selectedSpan(vim: Vim): Span | null {
  if (!isSelecting(vim.state)) return null;
  const { cells, at } = ofText(vim);
  const anchor = Math.min(cellAt(cells, vim.state.anchor), cells.length);
  if (vim.state.mode === "visualLine") return linesBetween(cells, anchor, at);
  return { from: Math.min(anchor, at), to: Math.min(Math.max(anchor, at) + 1, cells.length), lines: false };
}

function joinedLines(vim: Vim, start: number, breaks: number): Vim | null {
  let { editor } = vim;
  let place = start;
  for (let time = 0; time < breaks; time++) {
    const cells = cellsOf(editor.text);
    const end = lineEndOf(cells, place);
    if (end === cells.length) return time === 0 ? null : done({ ...vim, editor }, offsetOf(cells, place));
    let next = end + 1;
    while (next < cells.length && cells[next] !== "\n" && /^\s/u.test(cells[next] ?? "")) next++;
    const isBlankBefore = end === lineStartOf(cells, end) || /^\s/u.test(cells[end - 1] ?? "");
    const isClosed = next === cells.length || cells[next] === "\n" || cells[next] === ")";
    const between = isBlankBefore || isClosed ? "" : " ";
    editor = replaced(editor, { from: offsetOf(cells, end), to: offsetOf(cells, next) }, between);
    place = between === "" && end > 0 && isClosed && cells[next] !== ")" ? end - 1 : end;
  }
  return done({ ...vim, editor }, offsetOf(cellsOf(editor.text), Math.max(0, place)));
}

/** Characters that one command puts, so that a mistyped count does not fill the memory. */
const MOST_PUT = 1_000_000;

function put(vim: Vim, wanted: number, where: "after" | "before"): Vim | null {
  const register = readRegister(vim.state.registers, vim.state.register);
  if (!register) return null;
  const times = Math.max(1, Math.min(wanted, Math.floor(MOST_PUT / Math.max(1, register.text.length))));
  const chosen = selectedSpan(vim);
  if (chosen) return putInstead(vim, chosen, register.text.repeat(times), register.lines);
  const { cells, at } = ofText(vim);
  if (register.lines) {
    const text = Array.from({ length: times }, () => register.text).join("\n");
    const below = where === "after";
    const place = offsetOf(cells, below ? lineEndOf(cells, at) : lineStartOf(cells, at));
    const editor = replaced(vim.editor, { from: place, to: place }, below ? `\n${text}` : `${text}\n`);
    const now = cellsOf(editor.text);
    return done({ ...vim, editor }, offsetOf(now, lineTextOf(now, cellAt(now, below ? place + 1 : place))));
  }
  const place = offsetOf(cells, where === "after" ? Math.min(at + 1, lineEndOf(cells, at)) : at);
  const text = register.text.repeat(times);
  const editor = replaced(vim.editor, { from: place, to: place }, text);
  const isMoreLines = text.includes("\n");
  const last = offsetOf(cellsOf(text), Math.max(0, cellsOf(text).length - 1));
  return done({ ...vim, editor }, isMoreLines ? place : place + last);
}

/** What was selected goes where deleted text goes. */
function putInstead(vim: Vim, span: Span, text: string, lines: boolean): Vim {
  const cells = cellsOf(vim.editor.text);
  const kept = stored({ ...vim, state: { ...vim.state, register: null } }, cells, span, "delete");
  const from = offsetOf(cells, span.from);
  const to = offsetOf(cells, span.to);
  const closes = span.lines && cells[span.to - 1] === "\n" ? "\n" : "";
  const whole = span.lines ? text + closes : lines ? `\n${text}\n` : text;
  const editor = replaced(vim.editor, { from, to }, whole);
  const last = whole.endsWith("\n") || span.lines ? 0 : whole.length - 1;
  return done({ ...kept, editor }, from + Math.max(0, last));
}

/** An operator on what is selected. */
export function operateSelected(vim: Vim, operator: Named<"operator">): Vim | null {
  const span = selectedSpan(vim);
  return span && operate(vim, operator, span);
}
