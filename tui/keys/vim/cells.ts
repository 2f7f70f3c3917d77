/** A text as a list of graphemes, which is how Vim counts, and its lines and kinds of characters. */
import { splitGraphemes } from "../../draw/width.ts";

export type Cells = readonly string[];

/** Memo cache of the last text: one key needs its cells several times. */
let lastCells: { text: string; cells: Cells } = { text: "", cells: [] };

export function toCells(text: string): Cells {
  if (text !== lastCells.text) lastCells = { text, cells: splitGraphemes(text) };
  return lastCells.cells;
}

/** The offset of this cell in the text. */
export function offsetOf(cells: Cells, at: number): number {
  let offset = 0;
  for (let index = 0; index < at; index++) offset += cells[index]?.length ?? 0;
  return offset;
}

/** The cell at this offset of the text. */
export function cellAt(cells: Cells, offset: number): number {
  let left = offset;
  for (const [index, cell] of cells.entries()) {
    if (left < cell.length) return index;
    left -= cell.length;
  }
  return cells.length;
}

export const lineStartOf = (cells: Cells, at: number): number => (at === 0 ? 0 : cells.lastIndexOf("\n", at - 1) + 1);

/** The `\n` of this line, or the end of the text. */
export function lineEndOf(cells: Cells, at: number): number {
  const end = cells.indexOf("\n", at);
  return end < 0 ? cells.length : end;
}

/** The last position in the line where the cursor of normal mode can be. */
export const lastInLine = (cells: Cells, at: number): number => {
  const start = lineStartOf(cells, at);
  return Math.max(start, lineEndOf(cells, at) - 1);
};

/** The first non-blank character of the line, or its last position if all are blank. */
export function lineTextOf(cells: Cells, at: number): number {
  const end = lineEndOf(cells, at);
  let index = lineStartOf(cells, at);
  while (index < end && kindOf(cells[index]) === "blank") index++;
  return index === end ? lastInLine(cells, at) : index;
}

/** The start of the line this many below (negative: above); null if there is none. */
export function lineBelow(cells: Cells, at: number, lines: number): number | null {
  let start = lineStartOf(cells, at);
  for (let line = 0; line < Math.abs(lines); line++) {
    if (lines < 0) {
      if (start === 0) return null;
      start = lineStartOf(cells, start - 1);
    } else {
      const end = lineEndOf(cells, start);
      if (end === cells.length) return null;
      start = end + 1;
    }
  }
  return start;
}

export const isEmptyLine = (cells: Cells, at: number): boolean =>
  (cells[at] === "\n" || at === cells.length) && (at === 0 || cells[at - 1] === "\n");

export type CellKind = "blank" | "word" | "sign" | "chip";

/** A WORD is everything between blanks; a word is letters, or signs, or a chip. */
export function kindOf(cell: string | undefined, big = false): CellKind {
  if (cell === undefined || /^\s/u.test(cell)) return "blank";
  if (big) return "word";
  if ((cell.codePointAt(0) ?? 0) >= 0x100000) return "chip";
  return /^[\p{L}\p{N}\p{M}_]/u.test(cell) ? "word" : "sign";
}
