/** One picture of the screen, cell by cell, with the places that do something when they are clicked. */

import type { Line, Style } from "./style.ts";
import { graphemes, graphemeWidth } from "./width.ts";

export interface Row {
  /** One character as a person sees it; empty right of a wide one. */
  glyphs: string[];
  styles: Style[];
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Hit<Does> extends Box {
  does: Does;
}

export interface Cursor {
  x: number;
  y: number;
  shape: "bar" | "block" | "underline";
}

export interface Frame<Does = unknown> {
  width: number;
  height: number;
  rows: Row[];
  cursor: Cursor | null;
  /** Later ones lie above earlier ones. */
  hits: Hit<Does>[];
  /** Where text moves up and down as a whole; drawing it may use the terminal's own scrolling. */
  scrolls: Box | null;
  /** Rows from the top that say something still when the screen is left, where it is not one of its own. */
  stays: number;
}

export function createFrame<Does>(width: number, height: number, base: Style): Frame<Does> {
  const rows = Array.from({ length: height }, () => ({
    glyphs: new Array<string>(width).fill(" "),
    styles: new Array<Style>(width).fill(base),
  }));
  return { width, height, rows, cursor: null, hits: [], scrolls: null, stays: 0 };
}

/** Writes a line into its columns and nothing beyond; the rest of them is filled in the style of `base`. */
export function put(frame: Frame, x: number, y: number, columns: number, line: Line, base: Style): void {
  const row = frame.rows[y];
  if (!row) return;
  const end = Math.min(frame.width, x + columns);
  let at = x;
  for (const { text, style } of line) {
    const whole = merged(base, style);
    for (const glyph of graphemes(text)) {
      const width = graphemeWidth(glyph);
      if (width === 0) continue;
      if (at + width > end) {
        blank(row, at, end, base);
        return;
      }
      set(row, at, glyph, whole);
      if (width === 2) set(row, at + 1, "", whole);
      at += width;
    }
  }
  blank(row, at, end, base);
}

export function fill(frame: Frame, box: Box, base: Style): void {
  for (let y = box.y; y < box.y + box.height; y++) put(frame, box.x, y, box.width, [], base);
}

/** The same cells in other styles: to dim what lies behind a dialog, to mark a selection. */
export function restyle(frame: Frame, box: Box, change: (style: Style) => Style): void {
  for (let y = Math.max(0, box.y); y < Math.min(frame.height, box.y + box.height); y++) {
    const styles = frame.rows[y]?.styles ?? [];
    for (let x = Math.max(0, box.x); x < Math.min(frame.width, box.x + box.width); x++)
      styles[x] = change(styles[x] ?? {});
  }
}

export function hitAt<Does>(frame: Pick<Frame<Does>, "hits">, x: number, y: number): Hit<Does> | null {
  return (
    frame.hits.findLast((hit) => x >= hit.x && x < hit.x + hit.width && y >= hit.y && y < hit.y + hit.height) ?? null
  );
}

export const rowText = (row: Row, from = 0, to = row.glyphs.length): string => row.glyphs.slice(from, to).join("");

function blank(row: Row, from: number, to: number, base: Style): void {
  for (let x = from; x < to; x++) set(row, x, " ", base);
}

/** Half a wide character is none: what is left of one that is written over becomes blank. */
function set(row: Row, x: number, glyph: string, style: Style): void {
  if (row.glyphs[x] === "" && glyph !== "" && x > 0) row.glyphs[x - 1] = " ";
  if (glyph !== "" && row.glyphs[x + 1] === "") row.glyphs[x + 1] = " ";
  row.glyphs[x] = glyph;
  row.styles[x] = style;
}

/** Styles are compared by identity when a screen is drawn, so one that was made before is used again. */
const made = new WeakMap<Style, WeakMap<Style, Style>>();
function merged(base: Style, style: Style): Style {
  let ofBase = made.get(base);
  if (!ofBase) {
    ofBase = new WeakMap();
    made.set(base, ofBase);
  }
  let whole = ofBase.get(style);
  if (!whole) {
    whole = { ...base, ...style };
    ofBase.set(style, whole);
  }
  return whole;
}
