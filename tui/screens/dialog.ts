/** Draws the dialogs: lists with an optional preview, input lines, and plugin widgets. */
import { printable } from "../../protocol/printable.ts";
import { visibleItems } from "../app/filter.ts";
import type { Click, Dialog, InputDialog, Item, ListDialog } from "../app/state.ts";
import { type Box, drawLine, type Frame, fillBox, restyleBox } from "../draw/frame.ts";
import { type Line, line, type Style, span, withStyle } from "../draw/style.ts";
import { textWidth, truncateText } from "../draw/width.ts";
import { wrapLine } from "../draw/wrap.ts";
import { drawPieces, type Piece, piecesWidth, wrapPieces } from "./pieces.ts";

const PANEL: Style = { fg: "text", bg: "overlay" };
const BORDER: Style = { fg: "border", bg: "overlay" };
const BACKGROUND: Style = { fg: "text", bg: "background" };
const SELECTED: Style = { fg: "text", bg: "selection" };
const MAX_COLUMNS = 96;
const MIN_PREVIEW_COLUMNS = 110;

/** `widgetLines`: the content of a widget dialog; null for other dialogs and while there is no content. */
export function drawDialog(frame: Frame<Click>, dialog: Dialog, widgetLines: readonly Line[] | null): void {
  restyleBox(frame, { x: 0, y: 0, width: frame.width, height: frame.height }, dimStyle);
  frame.hits.push({ x: 0, y: 0, width: frame.width, height: frame.height, click: { type: "close" } });
  if (dialog.kind === "list") drawList(frame, dialog);
  else if (dialog.kind === "input") drawInput(frame, dialog);
  else drawWidget(frame, dialog.title, widgetLines ?? [line("…", { fg: "muted" })]);
}

const dimmedStyles = new WeakMap<Style, Style>();
function dimStyle(style: Style): Style {
  const known = dimmedStyles.get(style);
  if (known) return known;
  const { link: _, ...rest } = style;
  const made: Style = { ...rest, fg: "faint" };
  dimmedStyles.set(style, made);
  return made;
}

/** A strip of the screen that is narrower than this beside a panel would show only fragments of text, so it is left empty. */
const MIN_STRIP = 8;

function drawPanel(frame: Frame<Click>, width: number, height: number, title: string): Box {
  const box = {
    x: Math.max(0, Math.floor((frame.width - width) / 2)),
    y: Math.max(0, Math.floor((frame.height - height) / 3)),
    width: Math.min(width, frame.width),
    height: Math.min(height, frame.height),
  };
  if (box.x < MIN_STRIP) fillBox(frame, { ...box, x: 0, width: frame.width }, BACKGROUND);
  fillBox(frame, box, PANEL);
  drawBorder(frame, box);
  frame.hits.push({ ...box, click: { type: "nothing" } });
  const close = " esc ";
  const head = truncateText(` ${title} `, box.width - close.length - 5);
  drawLine(frame, box.x + 2, box.y, textWidth(head), line(head, { bold: true, fg: "accent" }), PANEL);
  const right = box.x + box.width - close.length - 2;
  drawLine(frame, right, box.y, close.length, line(close, { fg: "muted" }), PANEL);
  frame.hits.push({ x: right, y: box.y, width: close.length, height: 1, click: { type: "close" } });
  return box;
}

/** With some themes the background of a panel is that of the screen, so that only the border shows where it ends. */
function drawBorder(frame: Frame<Click>, { x, y, width, height }: Box): void {
  const edge = "─".repeat(Math.max(0, width - 2));
  drawLine(frame, x, y, width, line(`╭${edge}╮`), BORDER);
  for (let row = y + 1; row < y + height - 1; row++)
    for (const column of [x, x + width - 1]) drawLine(frame, column, row, 1, line("│"), BORDER);
  drawLine(frame, x, y + height - 1, width, line(`╰${edge}╯`), BORDER);
}

/** On the lower border, if it is the last row of the panel. */
function drawHints(frame: Frame<Click>, { x, y, width }: Box, hints: readonly Piece[]): void {
  const space: Piece = { line: [span(" ")] };
  const pieces = [space, ...hints, space];
  drawPieces(frame, { x: x + 2, y, columns: Math.min(piecesWidth(pieces), width - 4) }, pieces, PANEL);
}

const hintPiece = (keys: string, label: string, click: Click | undefined): Piece => ({
  line: [span(keys, { fg: "accent" }), span(` ${label}   `, { fg: "muted" })],
  ...(click && { click }),
});

/** Draws the end of the text, and a button that clears it. Returns the number of columns that the text takes. */
function drawInputText(
  frame: Frame<Click>,
  at: { x: number; y: number; columns: number },
  dialog: ListDialog | InputDialog,
): number {
  const { title } = dialog;
  const typed = dialog.input.editor.text;
  const text = dialog.kind === "input" && dialog.isSecret ? "•".repeat(typed.length) : typed;
  const room = at.columns - 3;
  const shown = printable(textWidth(text) > room ? `…${text.slice(1 - room)}` : text);
  const emptied: Piece = { line: [span(" × ", { fg: "muted" })], click: { type: "clear", dialog: title } };
  drawLine(frame, at.x, at.y, at.columns, line(shown), PANEL);
  if (text !== "") drawPieces(frame, { x: at.x + room, y: at.y, columns: 3 }, [emptied], PANEL);
  return textWidth(shown);
}

function drawInput(frame: Frame<Click>, dialog: InputDialog): void {
  const { title } = dialog;
  const box = drawPanel(frame, Math.min(MAX_COLUMNS, frame.width - 2), 5, title);
  const inside = { x: box.x + 2, columns: box.width - 4 };
  const typed = drawInputText(frame, { ...inside, y: box.y + 2 }, dialog);
  drawLine(
    frame,
    inside.x,
    box.y + 3,
    inside.columns,
    line(truncateText(dialog.hint, inside.columns), { fg: "muted" }),
    PANEL,
  );
  const hints = [
    hintPiece("enter", "ok", { type: "accept", dialog: title }),
    hintPiece("esc", "cancel", { type: "close" }),
  ];
  drawHints(frame, { ...box, y: box.y + 4 }, hints);
  frame.cursor = { x: inside.x + typed, y: box.y + 2, shape: "bar" };
}

function drawWidget(frame: Frame<Click>, title: string, rows: readonly Line[]): void {
  const box = drawPanel(frame, Math.min(MAX_COLUMNS, frame.width - 2), rows.length + 4, title);
  for (const [index, row] of rows.entries()) drawLine(frame, box.x + 2, box.y + 2 + index, box.width - 4, row, PANEL);
}

/** Shown before the continuation of a wrapped line. */
const CONTINUATION: Line = [span("    ")];

/** Rows of the list if the preview is below it. */
const LIST_ROWS = 5;

interface ListBox {
  columns: number;
  rows: number;
  /** Columns of the list, including its border. */
  listColumns: number;
  /** The preview is next to the list. */
  isWide: boolean;
}

function computeListBox({ preview }: Pick<ListDialog, "preview">, columns: number, rows: number): ListBox {
  const isWide = preview !== null && columns >= MIN_PREVIEW_COLUMNS;
  const width = Math.min(isWide ? columns - 6 : MAX_COLUMNS, columns - (columns > 50 ? 4 : 0));
  const height = Math.max(8, Math.min(rows - 2, isWide ? 40 : 28));
  return { columns: width, rows: height, listColumns: isWide ? Math.floor(width * 0.45) : width, isWide };
}

/** The largest `previewTop` on a screen of this size. */
export function lastPreviewTop(dialog: ListDialog, columns: number, rows: number): number {
  const { width, height } = computePreviewBox(dialog, columns, rows);
  return Math.max(0, wrapPreview(dialog, width).length - height);
}

/** The area of the preview within the dialog's box. */
function computePreviewBox(dialog: ListDialog, columns: number, rows: number): Box {
  const box = computeListBox(dialog, columns, rows);
  const width = Math.min(box.columns, columns);
  const height = Math.min(box.rows, rows) - footerRows(dialog, columns, rows).length;
  if (box.isWide) return { x: box.listColumns, y: 2, width: width - box.listColumns, height: height - 2 };
  const list = Math.min(LIST_ROWS, Math.max(1, visibleItems(dialog).length));
  return { x: 1, y: 4 + list, width: width - 1, height: Math.max(0, height - 4 - list) };
}

function wrapPreview({ preview, previewRequired }: ListDialog, width: number): readonly Line[] {
  const rows = preview ?? [];
  return previewRequired
    ? rows.flatMap((row) => wrapLine(row, width - 3, { anywhere: true, indent: CONTINUATION }))
    : rows;
}

function footerRows(dialog: ListDialog, columns: number, rows: number): Piece[][] {
  return wrapPieces(
    hintPieces(dialog, visibleItems(dialog)),
    Math.min(computeListBox(dialog, columns, rows).columns, columns) - 6,
  );
}

function drawList(frame: Frame<Click>, dialog: ListDialog): void {
  const { columns, rows: high, listColumns: listWidth, isWide } = computeListBox(dialog, frame.width, frame.height);
  const box = drawPanel(frame, columns, high, dialog.title);
  const inside = listWidth - 4;
  const { text } = dialog.input.editor;
  drawLine(frame, box.x + 2, box.y + 1, 2, [span("› ", { fg: "accent" })], PANEL);
  const typed = drawInputText(frame, { x: box.x + 4, y: box.y + 1, columns: inside - 2 }, dialog);
  if (text === "") drawLine(frame, box.x + 4, box.y + 1, inside - 2, line("type to search", { fg: "faint" }), PANEL);
  frame.cursor = { x: box.x + 4 + typed, y: box.y + 1, shape: "bar" };
  drawLine(frame, box.x + 2, box.y + 2, inside, line(truncateText(dialog.intro, inside), { fg: "muted" }), PANEL);

  const items = visibleItems(dialog);
  const hints = footerRows(dialog, frame.width, frame.height);
  const read = computePreviewBox(dialog, frame.width, frame.height);
  const below = dialog.previewRequired && !isWide;
  const room = below ? read.y - 4 : box.height - 4 - hints.length;
  drawRows(frame, dialog, items, { x: box.x + 1, y: box.y + 3, width: listWidth - 2, height: room });
  if (items.length === 0) {
    const reason = !dialog.isLoaded ? dialog.loading : dialog.items.length === 0 ? dialog.empty : "No matches.";
    drawLine(frame, box.x + 2, box.y + 3, inside, line(truncateText(reason, inside), { fg: "muted" }), PANEL);
  }
  for (const [index, row] of hints.entries())
    drawHints(frame, { ...box, y: box.y + box.height - hints.length + index }, row);
  if (isWide || below) drawPreview(frame, dialog, { ...read, x: box.x + read.x, y: box.y + read.y });
}

function drawRows(frame: Frame<Click>, dialog: ListDialog, items: readonly Item[], box: Box): void {
  const rows = insertHeadings(items, dialog.input.editor.text === "");
  const at = rows.findIndex(({ index }) => index === dialog.selected);
  const top = Math.max(0, Math.min(at - Math.floor(box.height / 2), rows.length - box.height));
  for (const [offset, row] of rows.slice(top, top + box.height).entries()) {
    const y = box.y + offset;
    if (row.index === null) {
      drawLine(frame, box.x + 1, y, box.width - 2, line(row.heading, { fg: "muted", bold: true }), PANEL);
      continue;
    }
    const isSelected = row.index === dialog.selected;
    const item = itemLine(row.item, box.width - 2);
    // With few colors, faint text on the selection could not be read.
    drawLine(frame, box.x, y, box.width, isSelected ? withStyle(item, SELECTED) : item, isSelected ? SELECTED : PANEL);
    const click: Click = { type: "row", dialog: dialog.title, item: row.item.id };
    frame.hits.push({ x: box.x, y, width: box.width, height: 1, click });
  }
}

function drawPreview(frame: Frame<Click>, dialog: ListDialog, { x, y, width, height }: Box): void {
  const rows = wrapPreview(dialog, width);
  frame.hits.push({ x, y, width, height, click: { type: "preview" } });
  const top = Math.max(0, Math.min(dialog.previewTop, rows.length - height));
  for (let offset = 0; offset < height; offset++) {
    drawLine(frame, x - 1, y + offset, 1, line("│", { fg: "border" }), PANEL);
    drawLine(frame, x + 1, y + offset, width - 3, rows[top + offset] ?? [], PANEL);
  }
  const remaining = rows.length - top - height;
  const more = ` ${remaining} more below · page down `;
  if (dialog.previewRequired && remaining > 0)
    drawLine(
      frame,
      x + 1,
      y + height - 1,
      Math.min(more.length, width - 3),
      line(more, { fg: "onAccent", bg: "accent" }),
      PANEL,
    );
}

type Row = { index: null; heading: string } | { index: number; item: Item };

function insertHeadings(items: readonly Item[], headings: boolean): Row[] {
  return items.flatMap((item, index): Row[] => {
    const begins = headings && item.group !== undefined && item.group !== items[index - 1]?.group;
    return [...(begins ? [{ index: null, heading: item.group ?? "" } as const] : []), { index, item }];
  });
}

function itemLine({ mark = " ", text, detail = "", right = "" }: Item, columns: number): Line {
  const end = right === "" ? 0 : textWidth(right) + 1;
  const first = truncateText(printable(text).replaceAll("\t", " "), columns - end - 2);
  const room = columns - end - textWidth(first) - 4;
  const second = room > 6 && detail !== "" ? `  ${truncateText(printable(detail).replaceAll("\t", " "), room)}` : "";
  const gap = Math.max(0, columns - end - 2 - textWidth(first) - textWidth(second));
  return [
    span(`${mark.padEnd(1)} `, { fg: "accent" }),
    span(first),
    span(second, { fg: "muted" }),
    span(" ".repeat(gap)),
    ...(right === "" ? [] : [span(` ${right}`, { fg: "muted" })]),
  ];
}

/** Key hints for the selected row, and the number of rows. */
function hintPieces({ hints, items, isSelectable, title, selected }: ListDialog, shown: readonly Item[]): Piece[] {
  const count = shown.length === items.length ? `${shown.length}` : `${shown.length} of ${items.length}`;
  const item = shown[selected]?.id;
  const toClick = (click: { type: "row" } | { type: "itemKey"; keys: string }): Click | undefined =>
    item === undefined ? undefined : { ...click, dialog: title, item };
  return [
    ...(isSelectable ? [hintPiece("enter", "choose", toClick({ type: "row" }))] : []),
    ...hints.map(({ keys, label }) => hintPiece(keys, label, toClick({ type: "itemKey", keys }))),
    { line: line(items.length === 0 ? "" : count, { fg: "faint" }) },
  ];
}
