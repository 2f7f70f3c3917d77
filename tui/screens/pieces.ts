/** Pieces of a row that can be clicked: each does what it says, over all the cells that it takes. */
import type { Click } from "../app/state.ts";
import { type Frame, put } from "../draw/frame.ts";
import { type Line, type Style, span } from "../draw/style.ts";
import { lineWidth } from "../draw/wrap.ts";

export interface Piece {
  line: Line;
  /** Absent where a click does nothing. */
  click?: Click;
}

/** With a blank on both sides, which can be clicked, too. */
export const padded = (text: string, style: Style, click?: Click): Piece => ({
  line: [span(" "), span(text, style), span(" ")],
  ...(click && { click }),
});

export const action = (name: Extract<Click, { does: "action" }>["action"]): Click => ({ does: "action", action: name });

export const piecesWidth = (pieces: readonly Piece[]): number =>
  pieces.reduce((sum, { line }) => sum + lineWidth(line), 0);

/** From left to right into these columns; what does not fit can be neither seen nor clicked. */
export function putPieces(
  frame: Frame<Click>,
  { x, y, columns }: { x: number; y: number; columns: number },
  pieces: readonly Piece[],
  base: Style,
): void {
  put(
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
    if (click && width > 0) frame.hits.push({ x: at, y, width, height: 1, does: click });
    at += width;
  }
}

/** As many rows as they need, in order; a piece is never broken. */
export function pieceRows(pieces: readonly Piece[], columns: number): Piece[][] {
  const rows: Piece[][] = [[]];
  for (const piece of pieces) {
    const row = rows.at(-1) ?? [];
    if (row.length > 0 && piecesWidth([...row, piece]) > columns) rows.push([piece]);
    else row.push(piece);
  }
  return rows;
}
