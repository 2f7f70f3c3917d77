/** Lays out tables with box-drawing characters, or as a list with one line per cell if there is not enough room. */
import type { Tokens } from "marked";
import { type Line, type Style, span, withStyle } from "../draw/style.ts";
import { lineWidth, wrapLine } from "../draw/wrap.ts";
import { blankLine } from "./fill.ts";

/** The lines of a cell, not yet wrapped. */
type Cell = readonly Line[];
type Align = Tokens.Table["align"][number];

export interface TableRow {
  cells: readonly Cell[];
  widths: readonly number[];
  /** The last layout, reused while a table grows. */
  laid: { widths: string; rows: Line[] };
}

export interface Table {
  header: TableRow;
  rows: readonly TableRow[];
  align: readonly Align[];
}

const border: Style = { fg: "border" };
const headerStyle: Style = { bold: true };
/** Columns are not made narrower than this. */
const MIN_COLUMN = 4;

export function createTableRow(cells: readonly Cell[]): TableRow {
  const width = (cell: Cell) => cell.reduce((most, one) => Math.max(most, lineWidth(one)), 0);
  return { cells, widths: cells.map(width), laid: { widths: "", rows: [] } };
}

export function layoutTable(table: Table, columns: number): Line[] {
  const widths = columnWidths(table, columns - (3 * table.header.cells.length + 1));
  return widths ? layoutBoxed(table, widths) : layoutAsList(table, columns);
}

/** The widths of the columns, or `undefined` if they do not fit. The widest are reduced first. */
function columnWidths({ header, rows }: Table, room: number): number[] | undefined {
  const natural = header.widths.map((width) => Math.max(1, width));
  for (const { widths } of rows) {
    natural.forEach((width, index) => {
      if ((widths[index] ?? 0) > width) natural[index] = widths[index] ?? 0;
    });
  }
  const sum = (cap: number) => natural.reduce((total, width) => total + Math.min(width, cap), 0);
  if (sum(MIN_COLUMN) > room) return undefined;
  const cap = findLargest(MIN_COLUMN, Math.max(MIN_COLUMN, room), (most) => sum(most) <= room);
  let spare = room - sum(cap);
  return natural.map((width) => {
    const more = width > cap && spare > 0 ? 1 : 0;
    spare -= more;
    return Math.min(width, cap) + more;
  });
}

/** The largest number that satisfies a monotonic predicate; `from` must satisfy it. */
function findLargest(from: number, to: number, holds: (number: number) => boolean): number {
  let [least, most] = [from, to];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (holds(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}

function layoutBoxed({ header, rows, align }: Table, widths: readonly number[]): Line[] {
  const rule = (left: string, middle: string, right: string): Line => [
    span(left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right, border),
  ];
  const laid = rows.map((row) => layoutBoxedRow(row, widths, align));
  /** Separates the rows if any has more than one line. */
  const between = laid.some((row) => row.length > 1) ? [rule("├", "┼", "┤")] : [];
  return [
    rule("┌", "┬", "┐"),
    ...layoutBoxedRow(createTableRow(header.cells.map(bold)), widths, align),
    ...(rows.length > 0 ? [rule("├", "┼", "┤")] : []),
    ...laid.flatMap((row, index) => (index === 0 ? row : [...between, ...row])),
    rule("└", "┴", "┘"),
  ];
}

const bold = (cell: Cell): Cell => cell.map((one) => withStyle(one, headerStyle));

function layoutBoxedRow(row: TableRow, widths: readonly number[], align: readonly Align[]): Line[] {
  const key = `${widths} ${align}`;
  if (row.laid.widths === key) return row.laid.rows;
  const cells = widths.map((width, index) => (row.cells[index] ?? []).flatMap((one) => wrapLine(one, width)));
  const height = cells.reduce((most, cell) => Math.max(most, cell.length), 1);
  const rows = Array.from({ length: height }, (_, at) => [
    ...widths.flatMap((width, index) => [
      span(index === 0 ? "│ " : " │ ", border),
      ...alignCell(cells[index]?.[at] ?? [], width, align[index] ?? null),
    ]),
    span(" │", border),
  ]);
  row.laid = { widths: key, rows };
  return rows;
}

function alignCell(text: Line, width: number, align: Align): Line {
  const free = width - lineWidth(text);
  const before = align === "right" ? free : align === "center" ? free >> 1 : 0;
  return [...blankLine(before), ...text, ...blankLine(free - before)];
}

const hangingIndent: Line = [span("  ")];

function layoutAsList({ header, rows }: Table, columns: number): Line[] {
  const names = header.cells.map((cell) =>
    cell.flatMap((one, at) => withStyle(at === 0 ? one : [span(" "), ...one], headerStyle)),
  );
  if (rows.length === 0) return names.flatMap((name) => wrapLine(name, columns));
  return rows.flatMap(({ cells }, at) => {
    const lines = names.flatMap((name, index) => {
      const [first = [], ...rest] = cells[index] ?? [];
      const label = name.length > 0 ? [...name, span(": ", headerStyle)] : [];
      return [[...label, ...first], ...rest].flatMap((one) => wrapLine(one, columns, { indent: hangingIndent }));
    });
    return at === 0 ? lines : [[], ...lines];
  });
}
