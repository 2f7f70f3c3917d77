/** Tables in lines of boxes, as narrow as they must be; without room for that, one line for each cell. */
import type { Tokens } from "marked";
import { type Line, over, type Style, span } from "../draw/style.ts";
import { lineWidth, wrap } from "../draw/wrap.ts";
import { blanks } from "./fill.ts";

/** What a cell holds, one line for each line end in it. */
type Cell = readonly Line[];
type Align = Tokens.Table["align"][number];

export interface TableRow {
  cells: readonly Cell[];
  widths: readonly number[];
  /** As it was laid last: a table that grows keeps the rows above. */
  laid: { widths: string; rows: Line[] };
}

export interface Table {
  header: TableRow;
  rows: readonly TableRow[];
  align: readonly Align[];
}

const border: Style = { fg: "border" };
const headerStyle: Style = { bold: true };
/** No column is made narrower than this to make the others fit. */
const LEAST = 4;

export function tableRow(cells: readonly Cell[]): TableRow {
  const width = (cell: Cell) => cell.reduce((most, one) => Math.max(most, lineWidth(one)), 0);
  return { cells, widths: cells.map(width), laid: { widths: "", rows: [] } };
}

export function layTable(table: Table, columns: number): Line[] {
  const widths = columnWidths(table, columns - (3 * table.header.cells.length + 1));
  return widths ? boxed(table, widths) : listed(table, columns);
}

/** Columns of text for each column of the table, or `undefined` without room for them. The widest give way first. */
function columnWidths({ header, rows }: Table, room: number): number[] | undefined {
  const natural = header.widths.map((width) => Math.max(1, width));
  for (const { widths } of rows) {
    natural.forEach((width, index) => {
      if ((widths[index] ?? 0) > width) natural[index] = widths[index] ?? 0;
    });
  }
  const sum = (cap: number) => natural.reduce((total, width) => total + Math.min(width, cap), 0);
  if (sum(LEAST) > room) return undefined;
  const cap = largest(LEAST, Math.max(LEAST, room), (most) => sum(most) <= room);
  let spare = room - sum(cap);
  return natural.map((width) => {
    const more = width > cap && spare > 0 ? 1 : 0;
    spare -= more;
    return Math.min(width, cap) + more;
  });
}

/** The largest number of which it holds; it holds of `from`, and of all below one of which it holds. */
function largest(from: number, to: number, holds: (number: number) => boolean): number {
  let [least, most] = [from, to];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (holds(middle)) least = middle;
    else most = middle - 1;
  }
  return least;
}

function boxed({ header, rows, align }: Table, widths: readonly number[]): Line[] {
  const rule = (left: string, middle: string, right: string): Line => [
    span(left + widths.map((width) => "─".repeat(width + 2)).join(middle) + right, border),
  ];
  const laid = rows.map((row) => boxedRow(row, widths, align));
  /** Cells of more than one row would run into those below. */
  const between = laid.some((row) => row.length > 1) ? [rule("├", "┼", "┤")] : [];
  return [
    rule("┌", "┬", "┐"),
    ...boxedRow(tableRow(header.cells.map(bold)), widths, align),
    ...(rows.length > 0 ? [rule("├", "┼", "┤")] : []),
    ...laid.flatMap((row, index) => (index === 0 ? row : [...between, ...row])),
    rule("└", "┴", "┘"),
  ];
}

const bold = (cell: Cell): Cell => cell.map((one) => over(one, headerStyle));

function boxedRow(row: TableRow, widths: readonly number[], align: readonly Align[]): Line[] {
  const key = `${widths} ${align}`;
  if (row.laid.widths === key) return row.laid.rows;
  const cells = widths.map((width, index) => (row.cells[index] ?? []).flatMap((one) => wrap(one, width)));
  const height = cells.reduce((most, cell) => Math.max(most, cell.length), 1);
  const rows = Array.from({ length: height }, (_, at) => [
    ...widths.flatMap((width, index) => [
      span(index === 0 ? "│ " : " │ ", border),
      ...aligned(cells[index]?.[at] ?? [], width, align[index] ?? null),
    ]),
    span(" │", border),
  ]);
  row.laid = { widths: key, rows };
  return rows;
}

function aligned(text: Line, width: number, align: Align): Line {
  const free = width - lineWidth(text);
  const before = align === "right" ? free : align === "center" ? free >> 1 : 0;
  return [...blanks(before), ...text, ...blanks(free - before)];
}

const hanging: Line = [span("  ")];

function listed({ header, rows }: Table, columns: number): Line[] {
  const names = header.cells.map((cell) =>
    cell.flatMap((one, at) => over(at === 0 ? one : [span(" "), ...one], headerStyle)),
  );
  if (rows.length === 0) return names.flatMap((name) => wrap(name, columns));
  return rows.flatMap(({ cells }, at) => {
    const lines = names.flatMap((name, index) => {
      const [first = [], ...rest] = cells[index] ?? [];
      const label = name.length > 0 ? [...name, span(": ", headerStyle)] : [];
      return [[...label, ...first], ...rest].flatMap((one) => wrap(one, columns, { indent: hanging }));
    });
    return at === 0 ? lines : [[], ...lines];
  });
}
