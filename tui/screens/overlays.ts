/** Draws the overlays: the completion menu, the next keys of a chord, and toasts. */
import { printable } from "../../protocol/printable.ts";
import type { Click, Completion, State } from "../app/state.ts";
import { drawLine, type Frame } from "../draw/frame.ts";
import { line, type Style, span } from "../draw/style.ts";
import { textWidth, truncateText } from "../draw/width.ts";
import { wrapLine } from "../draw/wrap.ts";

const PANEL: Style = { fg: "text", bg: "overlay" };
const SELECTED: Style = { fg: "text", bg: "selection" };
const MAX_ROWS = 8;

export function drawOverlays(frame: Frame<Click>, state: State, at: { promptTop: number; width: number }): void {
  if (state.completion) drawCompletion(frame, state.completion, at);
  else if (state.hints.length > 0) drawHints(frame, state.hints, at);
  drawToasts(frame, state);
}

function drawCompletion(
  frame: Frame<Click>,
  { rows, selected }: Completion,
  { promptTop, width }: { promptTop: number; width: number },
): void {
  const most = Math.min(MAX_ROWS, promptTop);
  const top = Math.max(0, Math.min(selected - most + 1, rows.length - most, selected));
  const shown = rows.slice(top, top + most);
  const columns = Math.min(width - 4, 90);
  for (const [offset, { text, insert, detail = "" }] of shown.entries()) {
    const index = top + offset;
    const y = promptTop - shown.length + offset;
    const first = truncateText(printable(text), columns - 4);
    const second = truncateText(printable(detail), Math.max(0, columns - textWidth(first) - 5));
    const base = index === selected ? SELECTED : PANEL;
    drawLine(
      frame,
      2,
      y,
      columns,
      [span(` ${first}  `), span(second, index === selected ? {} : { fg: "muted" })],
      base,
    );
    frame.hits.push({ x: 2, y, width: columns, height: 1, click: { type: "completion", insert } });
  }
}

const HINT_COLUMNS = { usual: 34, least: 26 };

/** Uses as many columns as all hints need, as long as their titles stay readable. */
function drawHints(
  frame: Frame<Click>,
  hints: State["hints"],
  { promptTop, width }: { promptTop: number; width: number },
): void {
  const most = Math.max(1, promptTop - 1);
  const sideBySide = (cell: number): number => Math.max(1, Math.floor((width - 2) / cell));
  const columns = Math.min(
    Math.max(sideBySide(HINT_COLUMNS.usual), Math.ceil(hints.length / most)),
    sideBySide(HINT_COLUMNS.least),
  );
  const cell = Math.floor((width - 2) / columns);
  const rows = Math.min(Math.ceil(hints.length / columns), most);
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: columns }, (_, column) => hints[column * rows + row]).flatMap((hint) => {
      if (!hint) return [];
      const key = hint.key.padEnd(8);
      return [
        span(` ${key} `, { fg: "accent" }),
        span(truncateText(hint.title, cell - key.length - 3).padEnd(cell - key.length - 2)),
      ];
    });
    drawLine(frame, 0, promptTop - rows + row, width, cells, PANEL);
  }
}

const MAX_TOAST_COLUMNS = 60;

function drawToasts(frame: Frame<Click>, { toasts, columns }: State): void {
  let y = 0;
  for (const { id, level, text } of toasts) {
    const inside = Math.min(MAX_TOAST_COLUMNS, columns - 4);
    const rows = wrapLine(line(printable(text.replaceAll("\n", " ")).replaceAll("\t", " ")), inside - 4).slice(0, 6);
    const width = Math.max(...rows.map((row) => row.reduce((sum, one) => sum + textWidth(one.text), 0))) + 4;
    for (const row of rows) {
      const x = Math.max(0, columns - width - 1);
      drawLine(frame, x, y, width, [span("▌ ", { fg: level }), ...row], PANEL);
      frame.hits.push({ x, y, width, height: 1, click: { type: "toast", id } });
      y++;
    }
  }
}
