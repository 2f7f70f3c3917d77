/** What floats above the prompt: the menu of what could stand there, the next keys of a chord, and short messages. */
import { printable } from "../../protocol/printable.ts";
import type { Click, Completion, State } from "../app/state.ts";
import { type Frame, put } from "../draw/frame.ts";
import { line, type Style, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";
import { wrap } from "../draw/wrap.ts";

const PANEL: Style = { fg: "text", bg: "overlay" };
const CHOSEN: Style = { fg: "text", bg: "selection" };
const MOST_ROWS = 8;

export function drawOverlays(frame: Frame<Click>, state: State, at: { promptTop: number; width: number }): void {
  if (state.completion) drawCompletion(frame, state.completion, at);
  else if (state.hints.length > 0) drawHints(frame, state.hints, at);
  drawToasts(frame, state);
}

function drawCompletion(
  frame: Frame<Click>,
  { rows, chosen }: Completion,
  { promptTop, width }: { promptTop: number; width: number },
): void {
  const most = Math.min(MOST_ROWS, promptTop);
  const top = Math.max(0, Math.min(chosen - most + 1, rows.length - most, chosen));
  const shown = rows.slice(top, top + most);
  const columns = Math.min(width - 4, 90);
  for (const [offset, { text, insert, detail = "" }] of shown.entries()) {
    const index = top + offset;
    const y = promptTop - shown.length + offset;
    const first = shortened(printable(text), columns - 4);
    const second = shortened(printable(detail), Math.max(0, columns - textWidth(first) - 5));
    const base = index === chosen ? CHOSEN : PANEL;
    put(frame, 2, y, columns, [span(` ${first}  `), span(second, index === chosen ? {} : { fg: "muted" })], base);
    frame.hits.push({ x: 2, y, width: columns, height: 1, does: { does: "completion", insert } });
  }
}

const HINT = { usual: 34, least: 26 };

/** As many columns as all hints need, while their titles can still be told apart. */
function drawHints(
  frame: Frame<Click>,
  hints: State["hints"],
  { promptTop, width }: { promptTop: number; width: number },
): void {
  const most = Math.max(1, promptTop - 1);
  const sideBySide = (cell: number): number => Math.max(1, Math.floor((width - 2) / cell));
  const columns = Math.min(Math.max(sideBySide(HINT.usual), Math.ceil(hints.length / most)), sideBySide(HINT.least));
  const cell = Math.floor((width - 2) / columns);
  const rows = Math.min(Math.ceil(hints.length / columns), most);
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: columns }, (_, column) => hints[column * rows + row]).flatMap((hint) => {
      if (!hint) return [];
      const key = hint.key.padEnd(8);
      return [
        span(` ${key} `, { fg: "accent" }),
        span(shortened(hint.title, cell - key.length - 3).padEnd(cell - key.length - 2)),
      ];
    });
    put(frame, 0, promptTop - rows + row, width, cells, PANEL);
  }
}

const WIDEST = 60;

function drawToasts(frame: Frame<Click>, { toasts, columns }: State): void {
  let y = 0;
  for (const { id, level, text } of toasts) {
    const inside = Math.min(WIDEST, columns - 4);
    const rows = wrap(line(printable(text.replaceAll("\n", " ")).replaceAll("\t", " ")), inside - 4).slice(0, 6);
    const width = Math.max(...rows.map((row) => row.reduce((sum, one) => sum + textWidth(one.text), 0))) + 4;
    for (const row of rows) {
      const x = Math.max(0, columns - width - 1);
      put(frame, x, y, width, [span("▌ ", { fg: level }), ...row], PANEL);
      frame.hits.push({ x, y, width, height: 1, does: { does: "toast", id } });
      y++;
    }
  }
}
