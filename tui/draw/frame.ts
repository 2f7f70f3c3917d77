/** A frame of the screen: its cells, and the areas that react to clicks. */
import type { Line, Style } from "./style.ts";
import { graphemeWidth, splitGraphemes } from "./width.ts";

export interface Row {
  /** One grapheme per cell; empty for the second cell of a wide one. */
  glyphs: string[];
  styles: Style[];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Hit<Click> extends Box {
  click: Click;
}

export interface Cursor {
  x: number;
  y: number;
  shape: "bar" | "block" | "underline";
}

export interface Frame<Click = unknown> {
  width: number;
  height: number;
  rows: Row[];
  cursor: Cursor | null;
  /** Later areas cover earlier ones. */
  hits: Hit<Click>[];
  /** The area whose text scrolls as a whole, so that the terminal's own scrolling can be used. */
  scrollRegion: Box | null;
  /** The number of rows from the top to leave on the screen when the program exits, in inline mode. */
  contentRows: number;
}

export function createFrame<Click>(width: number, height: number, base: Style): Frame<Click> {
  const rows = Array.from({ length: height }, () => ({
    glyphs: new Array<string>(width).fill(" "),
    styles: new Array<Style>(width).fill(base),
  }));
  return { width, height, rows, cursor: null, hits: [], scrollRegion: null, contentRows: 0 };
}

/** Draws a line into these columns, cut if it is longer, and fills the rest with the style `base`. */
export function drawLine(frame: Frame, x: number, y: number, columns: number, line: Line, base: Style): void {
  const row = frame.rows[y];
  if (!row) return;
  const end = Math.min(frame.width, x + columns);
  let at = x;
  for (const { text, style } of line) {
    const whole = mergeStyles(base, style);
    for (const glyph of splitGraphemes(text)) {
      const width = graphemeWidth(glyph);
      if (width === 0) continue;
      if (at + width > end) {
        clearCells(row, at, end, base);
        return;
      }
      setCell(row, at, glyph, whole);
      if (width === 2) setCell(row, at + 1, "", whole);
      at += width;
    }
  }
  clearCells(row, at, end, base);
}

export function fillBox(frame: Frame, box: Box, base: Style): void {
  for (let y = box.y; y < box.y + box.height; y++) drawLine(frame, box.x, y, box.width, [], base);
}

/** Changes the styles of cells, for example to dim the area behind a dialog. */
export function restyleBox(frame: Frame, box: Box, change: (style: Style) => Style): void {
  for (let y = Math.max(0, box.y); y < Math.min(frame.height, box.y + box.height); y++) {
    const styles = frame.rows[y]?.styles ?? [];
    for (let x = Math.max(0, box.x); x < Math.min(frame.width, box.x + box.width); x++)
      styles[x] = change(styles[x] ?? {});
  }
}

export function hitAt<Click>(frame: Pick<Frame<Click>, "hits">, x: number, y: number): Hit<Click> | null {
  return (
    frame.hits.findLast((hit) => x >= hit.x && x < hit.x + hit.width && y >= hit.y && y < hit.y + hit.height) ?? null
  );
}

export const rowText = (row: Row, from = 0, to = row.glyphs.length): string => row.glyphs.slice(from, to).join("");

function clearCells(row: Row, from: number, to: number, base: Style): void {
  for (let x = from; x < to; x++) setCell(row, x, " ", base);
}

/** If this overwrites half of a wide character, the other half becomes blank. */
function setCell(row: Row, x: number, glyph: string, style: Style): void {
  if (row.glyphs[x] === "" && glyph !== "" && x > 0) row.glyphs[x - 1] = " ";
  if (glyph !== "" && row.glyphs[x + 1] === "") row.glyphs[x + 1] = " ";
  row.glyphs[x] = glyph;
  row.styles[x] = style;
}

/** Memo cache: painting compares styles by identity, so the same merged style must be the same object. */
const mergedStyles = new WeakMap<Style, WeakMap<Style, Style>>();
function mergeStyles(base: Style, style: Style): Style {
  let ofBase = mergedStyles.get(base);
  if (!ofBase) {
    ofBase = new WeakMap();
    mergedStyles.set(base, ofBase);
  }
  let whole = ofBase.get(style);
  if (!whole) {
    whole = { ...base, ...style };
    ofBase.set(style, whole);
  }
  return whole;
}
