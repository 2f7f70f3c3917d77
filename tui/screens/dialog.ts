/** Lists to choose from and lines to fill in, over the rest of the screen. */
import { printable } from "../../protocol/printable.ts";
import { rowsOf } from "../app/filter.ts";
import type { Click, Dialog, InputDialog, Item, ListDialog } from "../app/state.ts";
import { type Box, type Frame, fill, put, restyle } from "../draw/frame.ts";
import { type Line, line, over, type Style, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";
import { wrap } from "../draw/wrap.ts";
import { type Piece, pieceRows, putPieces } from "./pieces.ts";

const PANEL: Style = { fg: "text", bg: "overlay" };
const CHOSEN: Style = { fg: "text", bg: "selection" };
const WIDEST = 96;
const PREVIEW_FROM = 110;

/** `shown`: what the widget of the dialog shows, null where it is none or shows nothing. */
export function drawDialog(frame: Frame<Click>, dialog: Dialog, shown: readonly Line[] | null): void {
  restyle(frame, { x: 0, y: 0, width: frame.width, height: frame.height }, dimmed);
  frame.hits.push({ x: 0, y: 0, width: frame.width, height: frame.height, does: { does: "close" } });
  if (dialog.kind === "list") drawList(frame, dialog);
  else if (dialog.kind === "input") drawInput(frame, dialog);
  else drawWidget(frame, dialog.title, shown ?? [line("…", { fg: "muted" })]);
}

const dim = new WeakMap<Style, Style>();
function dimmed(style: Style): Style {
  const known = dim.get(style);
  if (known) return known;
  const { link: _, ...rest } = style;
  const made: Style = { ...rest, fg: "faint" };
  dim.set(style, made);
  return made;
}

function panel(frame: Frame<Click>, width: number, height: number, title: string): Box {
  const box = {
    x: Math.max(0, Math.floor((frame.width - width) / 2)),
    y: Math.max(0, Math.floor((frame.height - height) / 3)),
    width: Math.min(width, frame.width),
    height: Math.min(height, frame.height),
  };
  fill(frame, box, PANEL);
  frame.hits.push({ ...box, does: { does: "nothing" } });
  const close = "esc";
  const head = line(shortened(` ${title}`, box.width - close.length - 3), { bold: true, fg: "accent" });
  put(frame, box.x + 1, box.y, box.width - 2, head, PANEL);
  const right = box.x + box.width - close.length - 2;
  put(frame, right, box.y, close.length, line(close, { fg: "muted" }), PANEL);
  frame.hits.push({ x: right, y: box.y, width: close.length, height: 1, does: { does: "close" } });
  return box;
}

const hint = (keys: string, label: string, click: Click | undefined): Piece => ({
  line: [span(keys, { fg: "accent" }), span(` ${label}   `, { fg: "muted" })],
  ...(click && { click }),
});

/** The text of a line, its end where it is long, with what empties it behind it. Returns the columns that it took. */
function drawTyped(
  frame: Frame<Click>,
  at: { x: number; y: number; columns: number },
  { title, typing }: ListDialog | InputDialog,
): number {
  const { text } = typing.editor;
  const room = at.columns - 3;
  const shown = printable(textWidth(text) > room ? `…${text.slice(1 - room)}` : text);
  const emptied: Piece = { line: [span(" × ", { fg: "muted" })], click: { does: "clear", dialog: title } };
  put(frame, at.x, at.y, at.columns, line(shown), PANEL);
  if (text !== "") putPieces(frame, { x: at.x + room, y: at.y, columns: 3 }, [emptied], PANEL);
  return textWidth(shown);
}

function drawInput(frame: Frame<Click>, dialog: InputDialog): void {
  const { title } = dialog;
  const box = panel(frame, Math.min(WIDEST, frame.width - 2), 5, title);
  const inside = { x: box.x + 2, columns: box.width - 4 };
  const typed = drawTyped(frame, { ...inside, y: box.y + 2 }, dialog);
  put(frame, inside.x, box.y + 3, inside.columns, line(shortened(dialog.hint, inside.columns), { fg: "muted" }), PANEL);
  const hints = [hint("enter", "ok", { does: "accept", dialog: title }), hint("esc", "cancel", { does: "close" })];
  putPieces(frame, { ...inside, y: box.y + 4 }, hints, PANEL);
  frame.cursor = { x: inside.x + typed, y: box.y + 2, shape: "bar" };
}

function drawWidget(frame: Frame<Click>, title: string, rows: readonly Line[]): void {
  const box = panel(frame, Math.min(WIDEST, frame.width - 2), rows.length + 4, title);
  for (const [index, row] of rows.entries()) put(frame, box.x + 2, box.y + 2 + index, box.width - 4, row, PANEL);
}

/** Stands before what goes on in the next row. */
const GOES_ON: Line = [span("    ")];

/** Rows that stay for the list where the preview is below it. */
const LIST_ROWS = 5;

interface ListBox {
  columns: number;
  rows: number;
  /** Of the list, its edges with it. */
  listColumns: number;
  /** Beside the preview's. */
  wide: boolean;
}

function listBox({ preview }: Pick<ListDialog, "preview">, columns: number, rows: number): ListBox {
  const wide = preview !== null && columns >= PREVIEW_FROM;
  const width = Math.min(wide ? columns - 6 : WIDEST, columns - (columns > 50 ? 4 : 0));
  const height = Math.max(8, Math.min(rows - 2, wide ? 40 : 28));
  return { columns: width, rows: height, listColumns: wide ? Math.floor(width * 0.45) : width, wide };
}

/** The farthest that the preview can be scrolled, on a screen of this size. */
export function lastPreviewTop(dialog: ListDialog, columns: number, rows: number): number {
  const { width, height } = previewBox(dialog, columns, rows);
  return Math.max(0, previewRows(dialog, width).length - height);
}

/** Within the dialog's box, its left edge and the one row above it with it. */
function previewBox(dialog: ListDialog, columns: number, rows: number): Box {
  const box = listBox(dialog, columns, rows);
  const width = Math.min(box.columns, columns);
  const height = Math.min(box.rows, rows) - footer(dialog, columns, rows).length;
  if (box.wide) return { x: box.listColumns, y: 2, width: width - box.listColumns, height: height - 2 };
  const list = Math.min(LIST_ROWS, Math.max(1, rowsOf(dialog).length));
  return { x: 1, y: 4 + list, width: width - 1, height: Math.max(0, height - 4 - list) };
}

function previewRows({ preview, mustRead }: ListDialog, width: number): readonly Line[] {
  const rows = preview ?? [];
  return mustRead ? rows.flatMap((row) => wrap(row, width - 3, { anywhere: true, indent: GOES_ON })) : rows;
}

function footer(dialog: ListDialog, columns: number, rows: number): Piece[][] {
  return pieceRows(hintPieces(dialog, rowsOf(dialog)), Math.min(listBox(dialog, columns, rows).columns, columns) - 4);
}

function drawList(frame: Frame<Click>, dialog: ListDialog): void {
  const { columns, rows: high, listColumns: listWidth, wide } = listBox(dialog, frame.width, frame.height);
  const box = panel(frame, columns, high, dialog.title);
  const inside = listWidth - 4;
  const { text } = dialog.typing.editor;
  put(frame, box.x + 2, box.y + 1, 2, [span("› ", { fg: "accent" })], PANEL);
  const typed = drawTyped(frame, { x: box.x + 4, y: box.y + 1, columns: inside - 2 }, dialog);
  if (text === "") put(frame, box.x + 4, box.y + 1, inside - 2, line("type to search", { fg: "faint" }), PANEL);
  frame.cursor = { x: box.x + 4 + typed, y: box.y + 1, shape: "bar" };

  const items = rowsOf(dialog);
  const hints = footer(dialog, frame.width, frame.height);
  const read = previewBox(dialog, frame.width, frame.height);
  const below = dialog.mustRead && !wide;
  const room = below ? read.y - 4 : box.height - 4 - hints.length;
  drawRows(frame, dialog, items, { x: box.x + 1, y: box.y + 3, width: listWidth - 2, height: room });
  if (items.length === 0) {
    const why = !dialog.loaded ? "…" : dialog.items.length === 0 ? dialog.empty : "Nothing fits.";
    put(frame, box.x + 2, box.y + 3, inside, line(shortened(why, inside), { fg: "muted" }), PANEL);
  }
  for (const [index, row] of hints.entries())
    putPieces(
      frame,
      { x: box.x + 2, y: box.y + box.height - hints.length + index, columns: box.width - 4 },
      row,
      PANEL,
    );
  if (wide || below) drawPreview(frame, dialog, { ...read, x: box.x + read.x, y: box.y + read.y });
}

function drawRows(frame: Frame<Click>, dialog: ListDialog, items: readonly Item[], box: Box): void {
  const rows = grouped(items, dialog.typing.editor.text === "");
  const at = rows.findIndex(({ index }) => index === dialog.chosen);
  const top = Math.max(0, Math.min(at - Math.floor(box.height / 2), rows.length - box.height));
  for (const [offset, row] of rows.slice(top, top + box.height).entries()) {
    const y = box.y + offset;
    if (row.index === null) {
      put(frame, box.x + 1, y, box.width - 2, line(row.heading, { fg: "muted", bold: true }), PANEL);
      continue;
    }
    const chosen = row.index === dialog.chosen;
    const item = itemLine(row.item, box.width - 2);
    // Where there are few colors, nothing fainter than the text could be read on the field.
    put(frame, box.x, y, box.width, chosen ? over(item, CHOSEN) : item, chosen ? CHOSEN : PANEL);
    const does: Click = { does: "row", dialog: dialog.title, item: row.item.id };
    frame.hits.push({ x: box.x, y, width: box.width, height: 1, does });
  }
}

function drawPreview(frame: Frame<Click>, dialog: ListDialog, { x, y, width, height }: Box): void {
  const rows = previewRows(dialog, width);
  frame.hits.push({ x, y, width, height, does: { does: "preview" } });
  const top = Math.max(0, Math.min(dialog.previewTop, rows.length - height));
  for (let offset = 0; offset < height; offset++) {
    put(frame, x - 1, y + offset, 1, line("│", { fg: "border" }), PANEL);
    put(frame, x + 1, y + offset, width - 3, rows[top + offset] ?? [], PANEL);
  }
  const left = rows.length - top - height;
  const more = ` ${left} more below · page down `;
  if (dialog.mustRead && left > 0)
    put(
      frame,
      x + 1,
      y + height - 1,
      Math.min(more.length, width - 3),
      line(more, { fg: "onAccent", bg: "accent" }),
      PANEL,
    );
}

type Row = { index: null; heading: string } | { index: number; item: Item };

function grouped(items: readonly Item[], headings: boolean): Row[] {
  return items.flatMap((item, index): Row[] => {
    const begins = headings && item.group !== undefined && item.group !== items[index - 1]?.group;
    return [...(begins ? [{ index: null, heading: item.group ?? "" } as const] : []), { index, item }];
  });
}

function itemLine({ mark = " ", text, detail = "", right = "" }: Item, columns: number): Line {
  const end = right === "" ? 0 : textWidth(right) + 1;
  const first = shortened(printable(text).replaceAll("\t", " "), columns - end - 2);
  const room = columns - end - textWidth(first) - 4;
  const second = room > 6 && detail !== "" ? `  ${shortened(printable(detail).replaceAll("\t", " "), room)}` : "";
  const gap = Math.max(0, columns - end - 2 - textWidth(first) - textWidth(second));
  return [
    span(`${mark.padEnd(1)} `, { fg: "accent" }),
    span(first),
    span(second, { fg: "muted" }),
    span(" ".repeat(gap)),
    ...(right === "" ? [] : [span(` ${right}`, { fg: "muted" })]),
  ];
}

/** What keys do to the chosen row, and how many rows there are. */
function hintPieces({ hints, items, takes, title, chosen }: ListDialog, shown: readonly Item[]): Piece[] {
  const count = shown.length === items.length ? `${shown.length}` : `${shown.length} of ${items.length}`;
  const item = shown[chosen]?.id;
  const named = (does: { does: "row" } | { does: "own"; keys: string }): Click | undefined =>
    item === undefined ? undefined : { ...does, dialog: title, item };
  return [
    ...(takes ? [hint("enter", "choose", named({ does: "row" }))] : []),
    ...hints.map(({ keys, label }) => hint(keys, label, named({ does: "own", keys }))),
    { line: line(items.length === 0 ? "" : count, { fg: "faint" }) },
  ];
}
