/** Composes a frame from the state: draws each part of the screen at its place. */
import { describeVotes } from "../../client/together-text.ts";
import { answerableQuestion, questionScroll } from "../app/questions.ts";
import type { Click, State } from "../app/state.ts";
import { createFrame, drawLine, type Frame, fillBox, restyleBox, rowText } from "../draw/frame.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import type { Range } from "../edit/editor.ts";
import { describeKeys } from "../keys/key.ts";
import { drawDialog } from "./dialog.ts";
import { highlightDrag } from "./drag-selection.ts";
import { renderHome } from "./home.ts";
import { drawOverlays } from "./overlays.ts";
import { actionClick, drawPieces, type Piece, piecesWidth } from "./pieces.ts";
import { drawPrompt, PROMPT_FRAME } from "./prompt.ts";
import { layoutQuestion, type QuestionLayout } from "./question.ts";
import { renderSidebar } from "./sidebar.ts";
import { hasSidebar, SIDEBAR_COLUMNS } from "./sizes.ts";
import { statusBarPieces } from "./status-bar.ts";
import type { Transcript } from "./transcript.ts";
import { dialogWidgetLines } from "./widgets.ts";

export interface ComposeOptions {
  transcript: Transcript;
  keysFor(action: string): string;
  keyboardStatus: string;
  cursorShape: "bar" | "block" | "underline";
  /** The selection in the prompt. */
  selection: Range | null;
  diff(text: string, columns: number): readonly Line[];
}

const BASE: Style = { fg: "text", bg: "background" };
const PANEL: Style = { fg: "text", bg: "panel" };
const BAR: Style = { fg: "muted", bg: "panel" };

export function composeScreen(state: State, options: ComposeOptions): Frame<Click> {
  const { columns, rows } = state;
  const frame = createFrame<Click>(columns, rows, BASE);
  const side = hasSidebar(state) ? SIDEBAR_COLUMNS : 0;
  const width = columns - side;
  drawPieces(frame, { x: 0, y: rows - 1, columns }, statusBarPieces(state, options.keyboardStatus), BAR);
  const top = drawPromptArea(frame, state, options, width);
  const above = drawQuestion(frame, state, options, width, top);
  if (state.view && state.view.id !== "") drawTranscript(frame, state, options, width, above);
  else drawHome(frame, state, options, above);
  if (side > 0) drawSidebar(frame, state, width, rows - 1);
  drawOverlays(frame, state, { promptTop: above, width });
  highlightDrag(frame, state.drag);
  for (const dialog of state.dialogs)
    drawDialog(frame, dialog, dialog.kind === "widget" ? dialogWidgetLines(state, dialog) : null);
  return frame;
}

/** Rows for transcript lines that have scrolled out of the window. */
export function composeScrollback(state: State, lines: readonly Line[]): Frame {
  const frame = createFrame(state.columns, lines.length, BASE);
  for (const [y, row] of lines.entries()) drawLine(frame, 1, y, state.columns - 2, row, BASE);
  return frame;
}

/** The number of transcript rows on this screen. */
export function transcriptRows(state: State, options: ComposeOptions): number {
  const frame = createFrame<Click>(state.columns, state.rows, BASE);
  const width = state.columns - (hasSidebar(state) ? SIDEBAR_COLUMNS : 0);
  return Math.max(1, drawQuestion(frame, state, options, width, drawPromptArea(frame, state, options, width)));
}

export const promptColumns = (state: State): number =>
  Math.max(4, state.columns - (hasSidebar(state) ? SIDEBAR_COLUMNS : 0) - PROMPT_FRAME);

export const transcriptColumns = (state: State): number =>
  Math.max(10, state.columns - (hasSidebar(state) ? SIDEBAR_COLUMNS : 0) - 2);

function drawPromptArea(
  frame: Frame<Click>,
  state: State,
  { selection, cursorShape, keysFor }: ComposeOptions,
  width: number,
): number {
  return drawPrompt(frame, state, {
    width,
    bottom: state.rows - 1,
    selected: selection,
    cursorShape,
    keysFor: (command) => describeKeys(keysFor(command)),
  });
}

/** Rows that a question gets on a small screen, where there are as many. */
const MIN_QUESTION_ROWS = 14;

/** Null while there is no question. */
function layoutOpenQuestion(
  state: State,
  options: ComposeOptions,
  width: number,
  bottom: number,
): QuestionLayout | null {
  const questions = state.view?.questions ?? [];
  const [question] = questions;
  if (!question) return null;
  const { top, isFullScreen } = questionScroll(state);
  const part = Math.max(Math.floor(bottom * 0.7), Math.min(bottom - 1, MIN_QUESTION_ROWS));
  return layoutQuestion(question, {
    columns: width - 2,
    rows: Math.max(4, isFullScreen ? bottom : part),
    top,
    isFullScreen,
    selected: state.selectedChoice,
    open: questions.length,
    isAnswerable: answerableQuestion(state) !== null,
    votes: describeVotes(question, state.view?.approvals),
    keysFor: (command) => describeKeys(options.keysFor(command)),
    renderDiff: (text) => options.diff(text, width - 4),
  });
}

/** The rows of the open question's detail, as it is drawn; null while there is no question. */
export function questionDetail(state: State, options: ComposeOptions): QuestionLayout["detail"] | null {
  const frame = createFrame<Click>(state.columns, state.rows, BASE);
  const width = state.columns - (hasSidebar(state) ? SIDEBAR_COLUMNS : 0);
  return layoutOpenQuestion(state, options, width, drawPromptArea(frame, state, options, width))?.detail ?? null;
}

function drawQuestion(
  frame: Frame<Click>,
  state: State,
  options: ComposeOptions,
  width: number,
  bottom: number,
): number {
  const question = state.view?.questions[0]?.id ?? "";
  const rows = layoutOpenQuestion(state, options, width, bottom)?.rows ?? [];
  const top = Math.max(0, bottom - rows.length);
  for (const [index, row] of rows.slice(0, bottom).entries()) {
    const y = top + index;
    drawLine(frame, 0, y, width, [span("┃ ", { fg: "warning" }), ...row.line], PANEL);
    const click: Click | null =
      row.choice !== undefined
        ? { type: "choice", question, index: row.choice }
        : row.isDetail
          ? { type: "detail", question }
          : null;
    if (click) frame.hits.push({ x: 0, y, width, height: 1, click });
  }
  return top;
}

function drawTranscript(
  frame: Frame<Click>,
  state: State,
  { transcript }: ComposeOptions,
  width: number,
  rows: number,
): void {
  const view = state.view;
  if (!view) return;
  const shown = transcript.visibleRows(view.parts, state.scroll, state.folds, rows);
  frame.scrollRegion = { x: 0, y: 0, width, height: rows };
  frame.contentRows = shown.length;
  const query = state.search?.text.toLowerCase() ?? "";
  for (const [index, { line: row, part }] of shown.entries()) {
    drawLine(frame, 1, index, width - 2, row, BASE);
    if (part.type === "call" || part.type === "reasoning")
      frame.hits.push({ x: 0, y: index, width, height: 1, click: { type: "fold", part: part.id } });
    if (query !== "") highlightMatches(frame, index, width, query);
  }
  const notes = [...searchPieces(state), ...morePieces(state)];
  const x = Math.max(0, width - piecesWidth(notes) - 1);
  if (rows > 0) drawPieces(frame, { x, y: rows - 1, columns: Math.min(piecesWidth(notes), width) }, notes, BASE);
}

const NOTE: Style = { fg: "onAccent", bg: "accent" };
const FOUND: Style = { fg: "onMatch", bg: "match" };

const morePieces = ({ scroll }: State): Piece[] =>
  scroll.follows ? [] : [{ line: [span(" more below · End ", NOTE)], click: actionClick("transcript.bottom") }];

function searchPieces({ search }: State): Piece[] {
  if (!search) return [];
  const piece = (text: string, name: Parameters<typeof actionClick>[0]): Piece => ({
    line: [span(text, FOUND)],
    click: actionClick(name),
  });
  return [
    piece(" ‹ ", "transcript.searchPrevious"),
    { line: [span(describePosition(search), FOUND)] },
    piece(" › ", "transcript.searchNext"),
    piece("× ", "transcript.leave"),
    { line: [span(" ")] },
  ];
}

const describePosition = ({ current, parts, row }: NonNullable<State["search"]>): string =>
  `${current + 1} of ${parts.length}${row.count > 1 ? `, line ${row.index + 1} of ${row.count}` : ""}`;

function highlightMatches(frame: Frame<Click>, y: number, width: number, query: string): void {
  const row = frame.rows[y];
  if (!row) return;
  const text = rowText(row).toLowerCase();
  if (!text.includes(query)) return;
  // Wide and combined characters take another number of cells than of code units, so matches are located by cell.
  const cells = row.glyphs.map((glyph) => glyph.toLowerCase());
  for (let x = 0; x < width; x++) {
    let text = "";
    let end = x;
    while (text.length < query.length && end < width) text += cells[end++] ?? "";
    if (text === query) restyleBox(frame, { x, y, width: end - x, height: 1 }, matchStyle);
  }
}

const matchStyle = (style: Style): Style => ({ ...style, fg: "onMatch", bg: "match" });

function drawHome(frame: Frame<Click>, state: State, options: ComposeOptions, rows: number): void {
  const all = renderHome(state, options.keysFor);
  const top = Math.max(0, Math.floor((rows - all.length) / 2));
  for (const [index, { line: row, click }] of all.slice(0, rows).entries()) {
    drawLine(frame, 0, top + index, frame.width, row, BASE);
    if (click) frame.hits.push({ x: 0, y: top + index, width: frame.width, height: 1, click });
  }
}

function drawSidebar(frame: Frame<Click>, state: State, x: number, rows: number): void {
  const all = renderSidebar(state, SIDEBAR_COLUMNS - 3, rows - 1);
  fillBox(frame, { x, y: 0, width: SIDEBAR_COLUMNS, height: rows }, PANEL);
  for (const [index, { line, click }] of all.entries()) {
    const box = { x: x + 2, y: index + 1, width: SIDEBAR_COLUMNS - 3, height: 1 };
    drawLine(frame, box.x, box.y, box.width, line, PANEL);
    if (click) frame.hits.push({ ...box, click });
  }
}
