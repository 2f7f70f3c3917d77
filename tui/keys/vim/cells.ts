/** A text as the list of its characters, as a person sees them, which is how Vim counts; and what words and lines are there. */
import { graphemes } from "../../draw/width.ts";

export type Cells = readonly string[];

/** The text that was taken apart last: one key asks several times. */
let last: { text: string; cells: Cells } = { text: "", cells: [] };

export function cellsOf(text: string): Cells {
  if (text !== last.text) last = { text, cells: graphemes(text) };
  return last.cells;
}

/** Where this character begins in the text. */
export function offsetOf(cells: Cells, at: number): number {
  let offset = 0;
  for (let index = 0; index < at; index++) offset += cells[index]?.length ?? 0;
  return offset;
}

/** The character that begins at this place of the text, or holds it. */
export function cellAt(cells: Cells, offset: number): number {
  let left = offset;
  for (const [index, cell] of cells.entries()) {
    if (left < cell.length) return index;
    left -= cell.length;
  }
  return cells.length;
}

export const lineStartOf = (cells: Cells, at: number): number => (at === 0 ? 0 : cells.lastIndexOf("\n", at - 1) + 1);

/** Where the `\n` of this line stands, or the end of the text. */
export function lineEndOf(cells: Cells, at: number): number {
  const end = cells.indexOf("\n", at);
  return end < 0 ? cells.length : end;
}

/** The last place in the line where the cursor of normal mode may stand. */
export const lastOf = (cells: Cells, at: number): number => {
  const start = lineStartOf(cells, at);
  return Math.max(start, lineEndOf(cells, at) - 1);
};

/** The first character of the line that is no blank; its last place where all are. */
export function lineTextOf(cells: Cells, at: number): number {
  const end = lineEndOf(cells, at);
  let index = lineStartOf(cells, at);
  while (index < end && kindOf(cells[index]) === "blank") index++;
  return index === end ? lastOf(cells, at) : index;
}

/** The start of the line so many below; null where there are not so many. */
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
