/** Where the characters of an editor are drawn: rows broken between words, chips as their labels, the selection on its field. */
import { type Line, plain, type Style } from "../draw/style.ts";
import { graphemes, graphemeWidth, shortened, textWidth } from "../draw/width.ts";
import { type Chips, chipOf, labelOf } from "./chips.ts";
import { type Editor, type Range, selection } from "./editor.ts";

export interface Layout {
  /** What is seen. No row is wider than the columns given. */
  rows: Line[];
  /** Among these rows; there is always a column left to draw it in. */
  cursor: { row: number; column: number };
  /** The row that is seen first, to be given back as `top` next time, of this many in all. */
  top: number;
  total: number;
  /** Where the cursor goes when this cell of these rows is clicked; cells beyond an end count as that end. */
  offsetAt(row: number, column: number): number;
}

export interface Window {
  /** Most rows that are seen. */
  rows?: number;
  /** The row that was seen first before; it changes no more than the cursor needs. */
  top?: number;
  /** Drawn as selected, where it is not what the editor has selected itself. */
  selected?: Range | null;
}

export function layout(editor: Editor, columns: number, window: Window = {}): Layout {
  const all = place(editor, columns);
  const { row, column } = whereIs(all, editor.cursor);
  const seen = Math.max(1, window.rows ?? all.length);
  const wanted = Math.max(row - seen + 1, Math.min(window.top ?? 0, row));
  const top = Math.max(0, Math.min(wanted, all.length - seen));
  const chosen = window.selected === undefined ? selection(editor) : window.selected;
  return {
    rows: all.slice(top, top + seen).map((one) => drawn(one, chosen)),
    cursor: { row: row - top, column },
    top,
    total: all.length,
    offsetAt: (at, to) => offsetIn(all, at + top, to),
  };
}

/** The offset so many rows below (or above, where negative), in the column asked for; null beyond the first and the last row. */
export function vertically(editor: Editor, columns: number, rows: number): { to: number; column: number } | null {
  const all = place(editor, columns);
  const here = whereIs(all, editor.cursor);
  const row = here.row + rows;
  if (row < 0 || row >= all.length) return null;
  const column = editor.column ?? here.column;
  return { to: offsetIn(all, row, column), column };
}

/** Both ends of the row that the cursor is in; the end of a broken row is before its last character. */
export function rowOf(editor: Editor, columns: number): Range {
  const all = place(editor, columns);
  const { row } = whereIs(all, editor.cursor);
  return { from: offsetIn(all, row, 0), to: offsetIn(all, row, Number.POSITIVE_INFINITY) };
}

/** One character as a person sees it, and how it is drawn. */
interface Cell {
  /** Counted from the start of its line, so that a line is laid out once, wherever it stands. */
  at: number;
  text: string;
  width: number;
  style: Style;
  blank: boolean;
}

interface Piece {
  from: number;
  /** Where a cursor behind the last cell stands. */
  to: number;
  cells: readonly Cell[];
  /** It goes on in the next row, where a cursor behind its last cell is drawn. */
  broken: boolean;
}

interface Row extends Piece {
  /** Where its line begins in the text. */
  start: number;
}

const chipStyle: Style = { fg: "accent" };
const oddStyle: Style = { fg: "faint" };
const TAB = "    ";

/** Lines that were laid out before: most of a long text is what it was a key ago. */
const known = new Map<string, readonly Piece[]>();
const MOST_KNOWN = 10_000;

/** All rows. The last column is left to the cursor, and to a blank before a break. */
function place({ text, chips }: Editor, columns: number): Row[] {
  const most = Math.max(2, columns - 1);
  let next = 0;
  return text.split("\n").flatMap((line) => {
    const start = next;
    next += line.length + 1;
    return piecesOf(line, chips, most).map((piece): Row => ({ ...piece, start }));
  });
}

function piecesOf(line: string, chips: Chips, most: number): readonly Piece[] {
  const name = `${most} ${line}`;
  const before = known.get(name);
  if (before) return before;
  const pieces = breakLine(cellsOf(line, chips, most), line.length, most);
  // What a chip is drawn as stands beside the text.
  if (/[\u{100000}-\u{10ffff}]/u.test(line)) return pieces;
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(name, pieces);
  return pieces;
}

function breakLine(cells: readonly Cell[], end: number, most: number): Piece[] {
  const pieces: Piece[] = [];
  let row: Cell[] = [];
  let width = 0;
  const close = (rest: Cell[], next: number): void => {
    pieces.push({ from: row[0]?.at ?? 0, to: next, cells: row, broken: true });
    row = rest;
    width = rest.reduce((sum, cell) => sum + cell.width, 0);
  };
  for (const cell of cells) {
    if (cell.text === " " && width + 1 > most) {
      row.push(cell);
      close([], cell.at + 1);
      continue;
    }
    while (width + cell.width > most && row.length > 0) {
      const word = cell.blank ? 0 : row.findLastIndex(({ blank }) => blank) + 1;
      const rest = word === 0 ? [] : row.slice(word);
      if (word > 0) row = row.slice(0, word);
      close(rest, rest[0]?.at ?? cell.at);
    }
    row.push(cell);
    width += cell.width;
  }
  pieces.push({ from: row[0]?.at ?? pieces.at(-1)?.to ?? 0, to: end, cells: row, broken: false });
  return pieces;
}

function cellsOf(line: string, chips: Chips, most: number): Cell[] {
  let at = 0;
  return graphemes(line).map((grapheme) => {
    const cell = cellOf(grapheme, at, chips, most);
    at += grapheme.length;
    return cell;
  });
}

/** What would take no room is drawn as a dot, so that nothing in a prompt is hidden. */
function cellOf(grapheme: string, at: number, chips: Chips, most: number): Cell {
  const chip = chipOf(grapheme, chips);
  const label = chip && shortened(labelOf(chip).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ""), most);
  if (label !== undefined) return { at, text: label, width: textWidth(label), style: chipStyle, blank: false };
  if (grapheme === "\t") {
    const text = TAB.slice(0, most);
    return { at, text, width: text.length, style: plain, blank: true };
  }
  const width = graphemeWidth(grapheme);
  if (width === 0) return { at, text: "·", width: 1, style: oddStyle, blank: false };
  return { at, text: grapheme, width, style: plain, blank: grapheme === " " };
}

function whereIs(rows: readonly Row[], offset: number): { row: number; column: number } {
  const found = rows.findLastIndex(({ start, from }) => start + from <= offset);
  const row = Math.max(0, found);
  const start = rows[row]?.start ?? 0;
  const before = rows[row]?.cells.filter(({ at }) => start + at < offset) ?? [];
  return { row, column: before.reduce((sum, { width }) => sum + width, 0) };
}

function offsetIn(rows: readonly Row[], row: number, column: number): number {
  const found = rows[Math.max(0, Math.min(row, rows.length - 1))];
  if (!found) return 0;
  let left = Math.max(0, column);
  for (const { at, width } of found.cells) {
    if (left < width) return found.start + at;
    left -= width;
  }
  return found.start + (found.broken ? (found.cells.at(-1)?.at ?? found.from) : found.to);
}

function drawn({ start, cells, broken, to }: Row, selected: Range | null): Line {
  const spans: { text: string; style: Style }[] = [];
  const put = (text: string, style: Style): void => {
    const last = spans.at(-1);
    if (last && last.style.fg === style.fg && last.style.bg === style.bg) last.text += text;
    else spans.push({ text, style });
  };
  const isIn = (at: number): boolean => selected !== null && at >= selected.from && at < selected.to;
  for (const { at, text, style } of cells) put(text, isIn(start + at) ? { ...style, bg: "selection" } : style);
  // A selected line end is seen, too: lines of a selection that are empty would else not be.
  if (!broken && isIn(start + to)) put(" ", { bg: "selection" });
  return spans;
}
