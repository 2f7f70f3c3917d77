/** Pieces of a row that can be clicked on all of their cells. */
import type { Click } from "../app/state.ts";
import { drawLine, type Frame } from "../draw/frame.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { lineWidth } from "../draw/wrap.ts";

export interface Piece {
  line: Line;
  /** Without it, a click does nothing. */
  click?: Click;
}

/** With a space on both sides, which can be clicked too. */
export const paddedPiece = (text: string, style: Style, click?: Click): Piece => ({
  line: [span(" "), span(text, style), span(" ")],
  ...(click && { click }),
});

export const actionClick = (action: Extract<Click, { type: "action" }>["action"]): Click => ({
  type: "action",
  action,
});

export const piecesWidth = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { line }) => sum + lineWidth(line), 0);

/** Draws the pieces from left to right. What does not fit can be neither seen nor clicked. */
export function drawPieces(
  frame: Frame<Click>,
  { x, y, columns }: { x: number; y: number; columns: number },
  pieces: readonly Piece[],
  base: Style,
): void {
  drawLine(
    frame,
    x,
    y,
    columns,
    pieces.flatMap(({ line }) => line),
    base,
  );
  let at = x;
  for (const { line, click } of pieces) {
    const width = Math.min(lineWidth(line), x + columns - at);
    if (click && width > 0) frame.hits.push({ x: at, y, width, height: 1, click });
    at += width;
  }
}

/** Distributes the pieces over as many rows as they need. A piece is never broken. */
export function wrapPieces(pieces: readonly Piece[], columns: number): Piece[][] {
  const rows: Piece[][] = [[]];
  for (const piece of pieces) {
    const row = rows.at(-1) ?? [];
    if (row.length > 0 && piecesWidth([...row, piece]) > columns) rows.push([piece]);
    else row.push(piece);
  }
  return rows;
}
