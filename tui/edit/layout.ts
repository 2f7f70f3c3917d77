/** Lays out the text of an editor: wraps rows between words, shows chips as labels, and marks the selection. */
import { type Line, plainStyle, type Style } from "../draw/style.ts";
import { graphemeWidth, splitGraphemes, textWidth, truncateText } from "../draw/width.ts";
import { type Chips, chipLabel, findChip } from "./chips.ts";
import { type Editor, type Range, selectedRange } from "./editor.ts";

export interface Layout {
  /** The visible rows. None is wider than the given columns. */
  rows: Line[];
  /** Relative to these rows. There is always a free column for it. */
  cursor: { row: number; column: number };
  /** The first visible row, to be passed as `top` next time, and the number of all rows. */
  top: number;
  total: number;
  /** The offset at this cell of the visible rows. Cells beyond the end of a row mean its end. */
  offsetAt(row: number, column: number): number;
}

export interface LayoutOptions {
  /** The maximum number of visible rows. */
  rows?: number;
  /** The previously first visible row. It changes only as far as the cursor requires. */
  top?: number;
  /** The range to mark instead of the editor's own selection. */
  selected?: Range | null;
}

export function layoutPrompt(editor: Editor, columns: number, window: LayoutOptions = {}): Layout {
  const all = layoutRows(editor, columns);
  const { row, column } = locateOffset(all, editor.cursor);
  const seen = Math.max(1, window.rows ?? all.length);
  const wantedTop = Math.max(row - seen + 1, Math.min(window.top ?? 0, row));
  const top = Math.max(0, Math.min(wantedTop, all.length - seen));
  const selection = window.selected === undefined ? selectedRange(editor) : window.selected;
  return {
    rows: all.slice(top, top + seen).map((one) => toLine(one, selection)),
    cursor: { row: row - top, column },
    top,
    total: all.length,
    offsetAt: (at, to) => offsetAtColumn(all, at + top, to),
  };
}

/** The offset this many rows below the cursor (negative: above), in its goal column; null beyond the first and last row. */
export function moveVertically(editor: Editor, columns: number, rows: number): { to: number; column: number } | null {
  const all = layoutRows(editor, columns);
  const here = locateOffset(all, editor.cursor);
  const row = here.row + rows;
  if (row < 0 || row >= all.length) return null;
  const column = editor.column ?? here.column;
  return { to: offsetAtColumn(all, row, column), column };
}

/** The range of the cursor's row. A wrapped row ends before its last character. */
export function rowRange(editor: Editor, columns: number): Range {
  const all = layoutRows(editor, columns);
  const { row } = locateOffset(all, editor.cursor);
  return { from: offsetAtColumn(all, row, 0), to: offsetAtColumn(all, row, Number.POSITIVE_INFINITY) };
}

/** A grapheme and how it is drawn. */
interface Cell {
  /** Offset from the start of its line, so that the layout of a line can be reused anywhere. */
  at: number;
  text: string;
  width: number;
  style: Style;
  blank: boolean;
}

interface RowPiece {
  from: number;
  /** The cursor position after the last cell. */
  to: number;
  cells: readonly Cell[];
  /** The line continues in the next row, where a cursor after the last cell is drawn. */
  broken: boolean;
}

interface Row extends RowPiece {
  /** Offset of its line in the text. */
  start: number;
}

const chipStyle: Style = { fg: "accent" };
const oddStyle: Style = { fg: "faint" };
const TAB = "    ";

/** Memo cache of line layouts: most of a long text does not change with a key. */
const knownPieces = new Map<string, readonly RowPiece[]>();
const MAX_KNOWN = 10_000;

/** All rows. The last column is reserved for the cursor and for a space before a break. */
function layoutRows({ text, chips }: Editor, columns: number): Row[] {
  const most = Math.max(2, columns - 1);
  let next = 0;
  return text.split("\n").flatMap((line) => {
    const start = next;
    next += line.length + 1;
    return breakIntoPieces(line, chips, most).map((piece): Row => ({ ...piece, start }));
  });
}

function breakIntoPieces(line: string, chips: Chips, most: number): readonly RowPiece[] {
  const name = `${most} ${line}`;
  const before = knownPieces.get(name);
  if (before) return before;
  const pieces = breakLine(toCells(line, chips, most), line.length, most);
  // The labels of chips are not part of the cache key.
  if (/[\u{100000}-\u{10ffff}]/u.test(line)) return pieces;
  if (knownPieces.size >= MAX_KNOWN) knownPieces.clear();
  knownPieces.set(name, pieces);
  return pieces;
}

function breakLine(cells: readonly Cell[], end: number, most: number): RowPiece[] {
  const pieces: RowPiece[] = [];
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

function toCells(line: string, chips: Chips, most: number): Cell[] {
  let at = 0;
  return splitGraphemes(line).map((grapheme) => {
    const cell = toCell(grapheme, at, chips, most);
    at += grapheme.length;
    return cell;
  });
}

/** Characters without width are drawn as a dot, so that nothing in a prompt is invisible. */
function toCell(grapheme: string, at: number, chips: Chips, most: number): Cell {
  const chip = findChip(grapheme, chips);
  const label = chip && truncateText(chipLabel(chip).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ""), most);
  if (label !== undefined) return { at, text: label, width: textWidth(label), style: chipStyle, blank: false };
  if (grapheme === "\t") {
    const text = TAB.slice(0, most);
    return { at, text, width: text.length, style: plainStyle, blank: true };
  }
  const width = graphemeWidth(grapheme);
  if (width === 0) return { at, text: "·", width: 1, style: oddStyle, blank: false };
  return { at, text: grapheme, width, style: plainStyle, blank: grapheme === " " };
}

function locateOffset(rows: readonly Row[], offset: number): { row: number; column: number } {
  const found = rows.findLastIndex(({ start, from }) => start + from <= offset);
  const row = Math.max(0, found);
  const start = rows[row]?.start ?? 0;
  const before = rows[row]?.cells.filter(({ at }) => start + at < offset) ?? [];
  return { row, column: before.reduce((sum, { width }) => sum + width, 0) };
}

function offsetAtColumn(rows: readonly Row[], row: number, column: number): number {
  const found = rows[Math.max(0, Math.min(row, rows.length - 1))];
  if (!found) return 0;
  let left = Math.max(0, column);
  for (const { at, width } of found.cells) {
    if (left < width) return found.start + at;
    left -= width;
  }
  return found.start + (found.broken ? (found.cells.at(-1)?.at ?? found.from) : found.to);
}

function toLine({ start, cells, broken, to }: Row, selected: Range | null): Line {
  const spans: { text: string; style: Style }[] = [];
  const put = (text: string, style: Style): void => {
    const last = spans.at(-1);
    if (last && last.style.fg === style.fg && last.style.bg === style.bg) last.text += text;
    else spans.push({ text, style });
  };
  const isIn = (at: number): boolean => selected !== null && at >= selected.from && at < selected.to;
  for (const { at, text, style } of cells) put(text, isIn(start + at) ? { ...style, bg: "selection" } : style);
  // Show a selected line end, so that empty lines of a selection are visible.
  if (!broken && isIn(start + to)) put(" ", { bg: "selection" });
  return spans;
}
