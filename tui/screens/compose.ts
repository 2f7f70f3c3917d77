/** The whole screen from the whole state: which part stands where. */
import type { Click, State } from "../app/state.ts";
import { createFrame, type Frame, fill, put, restyle, rowText } from "../draw/frame.ts";
import { type Line, line, type Style, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";
import type { Range } from "../edit/editor.ts";
import { layout } from "../edit/layout.ts";
import { barLine } from "./bar.ts";
import { drawDialog } from "./dialog.ts";
import { markDragged } from "./dragged.ts";
import { homeRows } from "./home.ts";
import { drawOverlays } from "./overlays.ts";
import { questionRows } from "./question.ts";
import { hasSidebar, SIDEBAR, sidebarLines } from "./sidebar.ts";
import type { Transcript } from "./transcript.ts";

export interface Drawers {
  transcript: Transcript;
  keysOf(action: string): string;
  keysStatus: string;
  cursorShape: "bar" | "block" | "underline";
  /** What is selected in the prompt. */
  selected: Range | null;
  diff(text: string, columns: number): readonly Line[];
}

const BASE: Style = { fg: "text", bg: "background" };
const PANEL: Style = { fg: "text", bg: "panel" };
const BAR: Style = { fg: "muted", bg: "panel" };
const PLACEHOLDER = "Ask anything · @ to mention · / for commands · ! for the shell";
const MARK = "› ";

export function compose(state: State, drawers: Drawers): Frame<Click> {
  const { columns, rows } = state;
  const frame = createFrame<Click>(columns, rows, BASE);
  const side = hasSidebar(state) ? SIDEBAR : 0;
  const width = columns - side;
  put(frame, 0, rows - 1, columns, barLine(state, drawers.keysStatus), BAR);
  const top = drawPrompt(frame, state, drawers, width, rows - 1);
  const above = drawQuestion(frame, state, drawers, width, top);
  if (state.view && state.view.id !== "") drawTranscript(frame, state, drawers, width, above);
  else drawHome(frame, state, drawers, above);
  if (side > 0) drawSidebar(frame, state, width, rows - 1);
  drawOverlays(frame, state, { promptTop: above, width });
  markDragged(frame, state.dragged);
  for (const dialog of state.dialogs) drawDialog(frame, dialog);
  return frame;
}

/** Rows of the transcript: what one page is. */
export function transcriptRows(state: State, drawers: Drawers): number {
  const frame = createFrame<Click>(state.columns, state.rows, BASE);
  const width = state.columns - (hasSidebar(state) ? SIDEBAR : 0);
  return Math.max(
    1,
    drawQuestion(frame, state, drawers, width, drawPrompt(frame, state, drawers, width, state.rows - 1)),
  );
}

export const promptColumns = (state: State): number =>
  Math.max(4, state.columns - (hasSidebar(state) ? SIDEBAR : 0) - MARK.length - 2);

export const transcriptColumns = (state: State): number =>
  Math.max(10, state.columns - (hasSidebar(state) ? SIDEBAR : 0) - 2);

function drawPrompt(frame: Frame<Click>, state: State, drawers: Drawers, width: number, bottom: number): number {
  const most = Math.max(1, Math.min(12, Math.floor(state.rows / 3)));
  const { editor } = state.typing;
  const inside = width - MARK.length - 2;
  const { rows, cursor, top } = layout(editor, Math.max(4, inside), { rows: most, selected: drawers.selected });
  const first = Math.max(0, bottom - rows.length - 1);
  fill(frame, { x: 0, y: first, width, height: bottom - first }, PANEL);
  const active = state.focus === "prompt";
  put(
    frame,
    0,
    first,
    width,
    line("▁".repeat(width), { fg: active ? "borderActive" : "border", bg: "background" }),
    BASE,
  );
  for (const [index, row] of rows.entries()) {
    const y = first + 1 + index;
    const mark = index === 0 && top === 0 ? span(MARK, { fg: active ? "accent" : "muted", bold: true }) : span("  ");
    const empty = editor.text === "" && index === 0;
    const said = empty ? line(shortened(placeholder(state), inside), { fg: "faint" }) : row;
    put(frame, 1, y, width - 1, [mark, ...said], PANEL);
    frame.hits.push({ x: 0, y, width, height: 1, does: { does: "prompt", row: index, left: 1 + MARK.length } });
  }
  if (active && state.dialogs.length === 0)
    frame.cursor = { x: 1 + MARK.length + cursor.column, y: first + 1 + cursor.row, shape: drawers.cursorShape };
  return first;
}

function placeholder({ view }: State): string {
  if (view && view.questions.length > 0) return "Answer above, or say what to do instead";
  return view?.activity.state === "running"
    ? "Type on: Enter queues, Ctrl+Enter tells it now, Esc stops it"
    : PLACEHOLDER;
}

function drawQuestion(frame: Frame<Click>, state: State, drawers: Drawers, width: number, bottom: number): number {
  const questions = state.view?.questions ?? [];
  const [question] = questions;
  if (!question) return bottom;
  const most = Math.max(4, Math.floor(bottom * 0.7));
  const diff = (text: string): readonly Line[] => drawers.diff(text, width - 4);
  const rows = questionRows(question, state.choice, questions.length, { columns: width - 2, rows: most, diff });
  const top = Math.max(0, bottom - rows.length);
  for (const [index, row] of rows.slice(0, bottom).entries()) {
    const y = top + index;
    put(frame, 0, y, width, [span("┃ ", { fg: "warning" }), ...row.line], PANEL);
    if (row.choice !== undefined)
      frame.hits.push({ x: 0, y, width, height: 1, does: { does: "choice", index: row.choice } });
  }
  return top;
}

function drawTranscript(frame: Frame<Click>, state: State, { transcript }: Drawers, width: number, rows: number): void {
  const view = state.view;
  if (!view) return;
  const shown = transcript.window(view.parts, state.scroll, state.folds, rows);
  frame.scrolls = { x: 0, y: 0, width, height: rows };
  const word = state.search?.text.toLowerCase() ?? "";
  for (const [index, { line: row, part }] of shown.entries()) {
    put(frame, 1, index, width - 2, row, BASE);
    if (part.type === "call" || part.type === "reasoning")
      frame.hits.push({ x: 0, y: index, width, height: 1, does: { does: "fold", part: part.id } });
    if (word !== "") markFound(frame, index, width, word);
  }
  if (!state.scroll.follows) {
    const note = " more below · End ";
    const x = Math.max(0, width - textWidth(note) - 1);
    put(frame, x, rows - 1, note.length, line(note, { fg: "onAccent", bg: "accent" }), BASE);
    frame.hits.push({
      x,
      y: rows - 1,
      width: note.length,
      height: 1,
      does: { does: "action", action: "transcript.bottom" },
    });
  }
}

function markFound(frame: Frame<Click>, y: number, width: number, word: string): void {
  const row = frame.rows[y];
  if (!row) return;
  const text = rowText(row).toLowerCase();
  if (!text.includes(word)) return;
  // Glyphs and columns differ where characters are wide or joined, so places are counted in cells.
  const cells = row.glyphs.map((glyph) => glyph.toLowerCase());
  for (let x = 0; x < width; x++) {
    let found = "";
    let end = x;
    while (found.length < word.length && end < width) found += cells[end++] ?? "";
    if (found === word) restyle(frame, { x, y, width: end - x, height: 1 }, matched);
  }
}

const matched = (style: Style): Style => ({ ...style, fg: "onMatch", bg: "match" });

function drawHome(frame: Frame<Click>, state: State, drawers: Drawers, rows: number): void {
  const all = homeRows(state, drawers.keysOf);
  const top = Math.max(0, Math.floor((rows - all.length) / 2));
  for (const [index, { line: row, click }] of all.slice(0, rows).entries()) {
    put(frame, 0, top + index, frame.width, row, BASE);
    if (click) frame.hits.push({ x: 0, y: top + index, width: frame.width, height: 1, does: click });
  }
}

function drawSidebar(frame: Frame<Click>, state: State, x: number, rows: number): void {
  const lines = sidebarLines(state, SIDEBAR - 3, rows - 1);
  fill(frame, { x, y: 0, width: SIDEBAR, height: rows }, PANEL);
  for (const [index, row] of lines.entries()) put(frame, x + 2, index + 1, SIDEBAR - 3, row, PANEL);
}
