/** Draws the prompt: its text, and above it the queue and the buttons that submit it. */
import { printable } from "../../protocol/printable.ts";
import { parsePrompt } from "../app/parse-prompt.ts";
import type { Click, State } from "../app/state.ts";
import { type Cursor, drawLine, type Frame, fillBox } from "../draw/frame.ts";
import { line, type Style, span } from "../draw/style.ts";
import { truncateText } from "../draw/width.ts";
import type { Range } from "../edit/editor.ts";
import { layoutPrompt } from "../edit/layout.ts";
import { actionClick, drawPieces, type Piece, paddedPiece, piecesWidth } from "./pieces.ts";
import { hasSidebar } from "./sizes.ts";

export interface PromptOptions {
  width: number;
  /** The row below the last one. */
  bottom: number;
  selected: Range | null;
  cursorShape: Cursor["shape"];
  /** The keys of a command, as people write them. */
  keysFor(command: string): string;
}

const EDGE: Style = { fg: "text", bg: "background" };
const PANEL: Style = { fg: "text", bg: "panel" };
const PLACEHOLDER = "Ask anything · @ to mention · / for commands · ! for the shell";
const NO_MODEL = "No model is set up. Type /setup to choose one.";
const MARK = "› ";

/** The number of columns that are not available for the text. */
export const PROMPT_FRAME = MARK.length + 2;

/** Draws the prompt and returns its first row. */
export function drawPrompt(frame: Frame<Click>, state: State, options: PromptOptions): number {
  const { width, bottom, selected, cursorShape } = options;
  const maxRows = Math.max(1, Math.min(12, Math.floor(state.rows / 3)));
  const { editor } = state.input;
  const inside = width - PROMPT_FRAME;
  const { rows, cursor, top } = layoutPrompt(editor, Math.max(4, inside), { rows: maxRows, selected });
  const first = Math.max(0, bottom - rows.length - 1);
  fillBox(frame, { x: 0, y: first, width, height: bottom - first }, PANEL);
  const hasFocus = state.focus === "prompt";
  drawEdge(frame, state, first, width);
  for (const [index, row] of rows.entries()) {
    const y = first + 1 + index;
    const mark = index === 0 && top === 0 ? span(MARK, { fg: hasFocus ? "accent" : "muted", bold: true }) : span("  ");
    const isEmpty = editor.text === "" && index === 0;
    const text = isEmpty ? line(truncateText(placeholder(state, options.keysFor), inside), { fg: "faint" }) : row;
    drawLine(frame, 1, y, width - 1, [mark, ...text], PANEL);
    frame.hits.push({ x: 0, y, width, height: 1, click: { type: "prompt", row: top + index, left: 1 + MARK.length } });
  }
  if (hasFocus && state.dialogs.length === 0)
    frame.cursor = { x: 1 + MARK.length + cursor.column, y: first + 1 + cursor.row, shape: cursorShape };
  return first;
}

function drawEdge(frame: Frame<Click>, state: State, y: number, width: number): void {
  const edge: Style = { fg: state.focus === "prompt" ? "borderActive" : "border", bg: "background" };
  drawLine(frame, 0, y, width, line("▁".repeat(width), edge), EDGE);
  const [queue, submit] = [[...planPieces(state, width), ...queuePieces(state)], sendPieces(state)];
  const right = width - piecesWidth(submit) - 1;
  drawPieces(frame, { x: 1, y, columns: Math.min(piecesWidth(queue), right - 1) }, queue, EDGE);
  drawPieces(frame, { x: right, y, columns: piecesWidth(submit) }, submit, EDGE);
}

/** Where no sidebar shows the plan: how far it is, and its current step. */
function planPieces(state: State, width: number): Piece[] {
  const plan = state.view?.plan ?? [];
  const isOver = plan.every(({ state: item }) => item === "done" || item === "dropped");
  if (isOver || hasSidebar(state)) return [];
  const done = plan.filter(({ state: item }) => item === "done").length;
  const current =
    plan.find(({ state: item }) => item === "active") ?? plan.find(({ state: item }) => item === "pending");
  const step = truncateText(printable((current?.text ?? "").replaceAll("\n", " ")), Math.max(8, Math.floor(width / 3)));
  return [paddedPiece(`plan ${done}/${plan.length}: ${step}`, { fg: "info" }, actionClick("plan.open"))];
}

function queuePieces({ view }: State): Piece[] {
  const queue = view?.queue ?? [];
  const steering = queue.filter(({ steers }) => steers !== undefined).length;
  const isWaiting = view?.queueWaits && view.activity.state !== "running";
  const click = actionClick("queue.open");
  if (isWaiting && queue.length > 0) {
    return [
      paddedPiece(`${queue.length} waiting`, { fg: "warning" }, click),
      paddedPiece("⏎ send them", { fg: "accent" }, actionClick("queue.resume")),
    ];
  }
  const queued = queue.length - steering;
  return [
    ...(steering === 0 ? [] : [paddedPiece(`${steering} steering at the next step`, { fg: "muted" }, click)]),
    ...(queued === 0 ? [] : [paddedPiece(`${queued} queued`, { fg: "muted" }, click)]),
  ];
}

/** What Enter and Ctrl+Enter do with the text. */
function sendPieces({ view, input: { editor } }: State): Piece[] {
  if (editor.text.trim() === "") return [];
  const submit = (label: string): Piece => paddedPiece(`⏎ ${label}`, { fg: "accent" }, actionClick("prompt.submit"));
  const isMessage = parsePrompt(editor.text).kind === "message";
  if (isMessage && view?.questions[0]?.freeText) return [submit("answer")];
  if (!isMessage || view?.activity.state !== "running") return [submit("send")];
  return [paddedPiece("steer", { fg: "accent" }, actionClick("prompt.steer")), submit("queue")];
}

function placeholder({ view, focus, needsModel }: State, keysFor: PromptOptions["keysFor"]): string {
  if (focus === "transcript")
    return `Reading the conversation · type, or ${keysFor("transcript.leave")}, to return to the prompt`;
  if (view && view.questions.length > 0) return "Answer above, or type what to do instead";
  if (view?.activity.state === "running") return runningHint(keysFor);
  return needsModel ? NO_MODEL : PLACEHOLDER;
}

function runningHint(keysFor: PromptOptions["keysFor"]): string {
  const hints = [
    ["prompt.submit", "queues"],
    ["prompt.steer", "steers"],
    ["turn.interrupt", "stops"],
  ] as const;
  return hints
    .flatMap(([command, label]) => (keysFor(command) === "" ? [] : [`${keysFor(command)} ${label}`]))
    .join(" · ");
}
