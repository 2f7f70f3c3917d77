/** The whole screen from the whole state: which part stands where. */
import type { Click, State } from "../app/state.ts";
import { createFrame, type Frame, fill, put, restyle, rowText } from "../draw/frame.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import type { Range } from "../edit/editor.ts";
import { barPieces } from "./bar.ts";
import { drawDialog } from "./dialog.ts";
import { markDragged } from "./dragged.ts";
import { homeRows } from "./home.ts";
import { drawOverlays } from "./overlays.ts";
import { action, type Piece, piecesWidth, putPieces } from "./pieces.ts";
import { drawPrompt, promptFrame } from "./prompt.ts";
import { questionRows } from "./question.ts";
import { sidebarRows } from "./sidebar.ts";
import { hasSidebar, SIDEBAR } from "./sizes.ts";
import type { Transcript } from "./transcript.ts";
import { widgetIn } from "./widgets.ts";

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

export function compose(state: State, drawers: Drawers): Frame<Click> {
  const { columns, rows } = state;
  const frame = createFrame<Click>(columns, rows, BASE);
  const side = hasSidebar(state) ? SIDEBAR : 0;
  const width = columns - side;
  putPieces(frame, { x: 0, y: rows - 1, columns }, barPieces(state, drawers.keysStatus), BAR);
  const top = promptOf(frame, state, drawers, width);
  const above = drawQuestion(frame, state, drawers, width, top);
  if (state.view && state.view.id !== "") drawTranscript(frame, state, drawers, width, above);
  else drawHome(frame, state, drawers, above);
  if (side > 0) drawSidebar(frame, state, width, rows - 1);
  drawOverlays(frame, state, { promptTop: above, width });
  markDragged(frame, state.dragged);
  for (const dialog of state.dialogs)
    drawDialog(frame, dialog, dialog.kind === "widget" ? widgetIn(state, dialog) : null);
  return frame;
}

/** Lines of the transcript that are not in the window any more, as rows. */
export function composeLeft(state: State, lines: readonly Line[]): Frame {
  const frame = createFrame(state.columns, lines.length, BASE);
  for (const [y, row] of lines.entries()) put(frame, 1, y, state.columns - 2, row, BASE);
  return frame;
}

/** Rows of the transcript: what one page is. */
export function transcriptRows(state: State, drawers: Drawers): number {
  const frame = createFrame<Click>(state.columns, state.rows, BASE);
  const width = state.columns - (hasSidebar(state) ? SIDEBAR : 0);
  return Math.max(1, drawQuestion(frame, state, drawers, width, promptOf(frame, state, drawers, width)));
}

export const promptColumns = (state: State): number =>
  Math.max(4, state.columns - (hasSidebar(state) ? SIDEBAR : 0) - promptFrame);

export const transcriptColumns = (state: State): number =>
  Math.max(10, state.columns - (hasSidebar(state) ? SIDEBAR : 0) - 2);

function promptOf(frame: Frame<Click>, state: State, { selected, cursorShape }: Drawers, width: number): number {
  return drawPrompt(frame, state, { width, bottom: state.rows - 1, selected, cursorShape });
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
      frame.hits.push({
        x: 0,
        y,
        width,
        height: 1,
        does: { does: "choice", question: question.id, index: row.choice },
      });
  }
  return top;
}

function drawTranscript(frame: Frame<Click>, state: State, { transcript }: Drawers, width: number, rows: number): void {
  const view = state.view;
  if (!view) return;
  const shown = transcript.window(view.parts, state.scroll, state.folds, rows);
  frame.scrolls = { x: 0, y: 0, width, height: rows };
  frame.stays = shown.length;
  const word = state.search?.text.toLowerCase() ?? "";
  for (const [index, { line: row, part }] of shown.entries()) {
    put(frame, 1, index, width - 2, row, BASE);
    if (part.type === "call" || part.type === "reasoning")
      frame.hits.push({ x: 0, y: index, width, height: 1, does: { does: "fold", part: part.id } });
    if (word !== "") markFound(frame, index, width, word);
  }
  const notes = [...found(state), ...below(state)];
  const x = Math.max(0, width - piecesWidth(notes) - 1);
  if (rows > 0) putPieces(frame, { x, y: rows - 1, columns: Math.min(piecesWidth(notes), width) }, notes, BASE);
}

const NOTE: Style = { fg: "onAccent", bg: "accent" };
const FOUND: Style = { fg: "onMatch", bg: "match" };

const below = ({ scroll }: State): Piece[] =>
  scroll.follows ? [] : [{ line: [span(" more below · End ", NOTE)], click: action("transcript.bottom") }];

function found({ search }: State): Piece[] {
  if (!search) return [];
  const piece = (text: string, does: Parameters<typeof action>[0]): Piece => ({
    line: [span(text, FOUND)],
    click: action(does),
  });
  return [
    piece(" ‹ ", "transcript.searchPrevious"),
    { line: [span(`${search.at + 1} of ${search.parts.length}`, FOUND)] },
    piece(" › ", "transcript.searchNext"),
    piece("× ", "transcript.leave"),
    { line: [span(" ")] },
  ];
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
  const all = sidebarRows(state, SIDEBAR - 3, rows - 1);
  fill(frame, { x, y: 0, width: SIDEBAR, height: rows }, PANEL);
  for (const [index, { line, click }] of all.entries()) {
    const box = { x: x + 2, y: index + 1, width: SIDEBAR - 3, height: 1 };
    put(frame, box.x, box.y, box.width, line, PANEL);
    if (click) frame.hits.push({ ...box, does: click });
  }
}
