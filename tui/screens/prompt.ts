/** Where one writes: the text, and on the edge above it what can be clicked: what waits, and what would send what is written. */
import { meaningOf } from "../app/meaning.ts";
import type { Click, State } from "../app/state.ts";
import { type Cursor, type Frame, fill, put } from "../draw/frame.ts";
import { line, type Style, span } from "../draw/style.ts";
import { shortened } from "../draw/width.ts";
import type { Range } from "../edit/editor.ts";
import { layout } from "../edit/layout.ts";
import { action, type Piece, padded, piecesWidth, putPieces } from "./pieces.ts";

export interface PromptLooks {
  width: number;
  /** The row below the last one. */
  bottom: number;
  selected: Range | null;
  cursorShape: Cursor["shape"];
}

const EDGE: Style = { fg: "text", bg: "background" };
const PANEL: Style = { fg: "text", bg: "panel" };
const PLACEHOLDER = "Ask anything · @ to mention · / for commands · ! for the shell";
const MARK = "› ";

/** Columns beside the text. */
export const promptFrame = MARK.length + 2;

/** Draws it, and returns the row of its edge. */
export function drawPrompt(frame: Frame<Click>, state: State, looks: PromptLooks): number {
  const { width, bottom, selected, cursorShape } = looks;
  const most = Math.max(1, Math.min(12, Math.floor(state.rows / 3)));
  const { editor } = state.typing;
  const inside = width - promptFrame;
  const { rows, cursor, top } = layout(editor, Math.max(4, inside), { rows: most, selected });
  const first = Math.max(0, bottom - rows.length - 1);
  fill(frame, { x: 0, y: first, width, height: bottom - first }, PANEL);
  const active = state.focus === "prompt";
  drawEdge(frame, state, first, width);
  for (const [index, row] of rows.entries()) {
    const y = first + 1 + index;
    const mark = index === 0 && top === 0 ? span(MARK, { fg: active ? "accent" : "muted", bold: true }) : span("  ");
    const empty = editor.text === "" && index === 0;
    const said = empty ? line(shortened(placeholder(state), inside), { fg: "faint" }) : row;
    put(frame, 1, y, width - 1, [mark, ...said], PANEL);
    frame.hits.push({ x: 0, y, width, height: 1, does: { does: "prompt", row: top + index, left: 1 + MARK.length } });
  }
  if (active && state.dialogs.length === 0)
    frame.cursor = { x: 1 + MARK.length + cursor.column, y: first + 1 + cursor.row, shape: cursorShape };
  return first;
}

function drawEdge(frame: Frame<Click>, state: State, y: number, width: number): void {
  const edge: Style = { fg: state.focus === "prompt" ? "borderActive" : "border", bg: "background" };
  put(frame, 0, y, width, line("▁".repeat(width), edge), EDGE);
  const [waiting, sends] = [waits(state), sending(state)];
  const right = width - piecesWidth(sends) - 1;
  putPieces(frame, { x: 1, y, columns: Math.min(piecesWidth(waiting), right - 1) }, waiting, EDGE);
  putPieces(frame, { x: right, y, columns: piecesWidth(sends) }, sends, EDGE);
}

function waits({ view }: State): Piece[] {
  const count = view?.queue.length ?? 0;
  return count === 0 ? [] : [padded(`${count} queued`, { fg: "muted" }, action("queue.open"))];
}

/** What Enter and Ctrl+Enter would do with what is written. */
function sending({ view, typing: { editor } }: State): Piece[] {
  if (editor.text.trim() === "") return [];
  const sends = (label: string): Piece => padded(`⏎ ${label}`, { fg: "accent" }, action("prompt.submit"));
  const words = meaningOf(editor.text).kind === "words";
  if (words && view?.questions[0]?.freeText) return [sends("say it")];
  if (!words || view?.activity.state !== "running") return [sends("send")];
  return [padded("tell it now", { fg: "accent" }, action("prompt.steer")), sends("queue")];
}

function placeholder({ view }: State): string {
  if (view && view.questions.length > 0) return "Answer above, or say what to do instead";
  return view?.activity.state === "running"
    ? "Type on: Enter queues, Ctrl+Enter tells it now, Esc stops it"
    : PLACEHOLDER;
}
