/** Lists to choose from and lines to fill in, over the rest of the screen. */
import { printable } from "../../protocol/printable.ts";
import { rowsOf } from "../app/filter.ts";
import type { Click, Dialog, InputDialog, Item, ListDialog } from "../app/state.ts";
import { type Box, type Frame, fill, put, restyle } from "../draw/frame.ts";
import { type Line, line, over, type Style, span } from "../draw/style.ts";
import { shortened, textWidth } from "../draw/width.ts";

const PANEL: Style = { fg: "text", bg: "overlay" };
const CHOSEN: Style = { fg: "text", bg: "selection" };
const WIDEST = 96;
const PREVIEW_FROM = 110;

export function drawDialog(frame: Frame<Click>, dialog: Dialog): void {
  restyle(frame, { x: 0, y: 0, width: frame.width, height: frame.height }, dimmed);
  frame.hits.push({ x: 0, y: 0, width: frame.width, height: frame.height, does: { does: "close" } });
  if (dialog.kind === "list") drawList(frame, dialog);
  else drawInput(frame, dialog);
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

function drawInput(frame: Frame<Click>, { title, typing, hint }: InputDialog): void {
  const { text } = typing.editor;
  const box = panel(frame, Math.min(WIDEST, frame.width - 2), 5, title);
  const inside = box.width - 4;
  const shown = textWidth(text) > inside - 1 ? `…${text.slice(-(inside - 2))}` : text;
  put(frame, box.x + 2, box.y + 2, inside, line(printable(shown)), PANEL);
  put(frame, box.x + 2, box.y + 3, inside, line(shortened(hint, inside), { fg: "muted" }), PANEL);
  frame.cursor = { x: box.x + 2 + textWidth(shown), y: box.y + 2, shape: "bar" };
}

function drawList(frame: Frame<Click>, dialog: ListDialog): void {
  const wide = dialog.preview !== null && frame.width >= PREVIEW_FROM;
  const width = Math.min(wide ? frame.width - 6 : WIDEST, frame.width - (frame.width > 50 ? 4 : 0));
  const height = Math.max(8, Math.min(frame.height - 2, wide ? 40 : 28));
  const box = panel(frame, width, height, dialog.title);
  const listWidth = wide ? Math.floor(box.width * 0.45) : box.width;
  const inside = listWidth - 4;
  const { text } = dialog.typing.editor;
  const filter = text === "" ? line("type to search", { fg: "faint" }) : line(printable(text));
  put(frame, box.x + 2, box.y + 1, inside, [span("› ", { fg: "accent" }), ...filter], PANEL);
  frame.cursor = { x: box.x + 4 + textWidth(text), y: box.y + 1, shape: "bar" };

  const items = rowsOf(dialog);
  const room = box.height - 5;
  const rows = grouped(items, text === "");
  const at = rows.findIndex(({ index }) => index === dialog.chosen);
  const top = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  for (const [offset, row] of rows.slice(top, top + room).entries()) {
    const y = box.y + 3 + offset;
    if (row.index === null) {
      put(frame, box.x + 2, y, inside, line(row.heading, { fg: "muted", bold: true }), PANEL);
      continue;
    }
    const chosen = row.index === dialog.chosen;
    const item = itemLine(row.item, listWidth - 4);
    // Where there are few colors, nothing fainter than the text could be read on the field.
    put(frame, box.x + 1, y, listWidth - 2, chosen ? over(item, CHOSEN) : item, chosen ? CHOSEN : PANEL);
    frame.hits.push({ x: box.x + 1, y, width: listWidth - 2, height: 1, does: { does: "row", index: row.index } });
  }
  if (items.length === 0) {
    const why = !dialog.loaded ? "…" : dialog.items.length === 0 ? dialog.empty : "Nothing fits.";
    put(frame, box.x + 2, box.y + 3, inside, line(shortened(why, inside), { fg: "muted" }), PANEL);
  }
  put(frame, box.x + 2, box.y + box.height - 1, box.width - 4, hintLine(dialog, items.length), PANEL);
  if (wide) drawPreview(frame, dialog.preview ?? [], box, listWidth);
}

function drawPreview(frame: Frame<Click>, preview: readonly Line[], box: Box, listWidth: number): void {
  const x = box.x + listWidth;
  for (let offset = 0; offset < box.height - 3; offset++) {
    const y = box.y + 2 + offset;
    put(frame, x - 1, y, 1, line("│", { fg: "border" }), PANEL);
    put(frame, x + 1, y, box.width - listWidth - 3, preview[offset] ?? [], PANEL);
  }
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

function hintLine({ hints, items }: ListDialog, shown: number): Line {
  const count = items.length === 0 ? "" : shown === items.length ? `${shown}` : `${shown} of ${items.length}`;
  return [
    ...hints.flatMap(({ keys, label }) => [span(keys, { fg: "accent" }), span(` ${label}   `, { fg: "muted" })]),
    span(count, { fg: "faint" }),
  ];
}
