/**
 * Turns one frame into the next with few bytes: the terminal scrolls what moved, only changed cells are written, and styles are set only
 * where they change. The escape sequences come from a `TerminalEncoder`.
 */
import type { Box, Frame, Row } from "./frame.ts";
import type { Style } from "./style.ts";

/** Produces the terminal's escape sequences. Columns and rows count from 0. */
export interface TerminalEncoder {
  move(x: number, y: number): string;
  /** Switches from any style to this one. */
  style(style: Style): string;
  /** Equal for styles that look the same. */
  key(style: Style): string;
  reset: string;
  /** Scrolls the rows from `top` to `bottom`, inclusive, up; negative scrolls down. Freed rows are blank. */
  scroll(top: number, bottom: number, by: number): string;
  link(url: string | undefined): string;
  /** Scrolls all rows of a screen of this height up, so that the top rows move to the terminal's scrollback. */
  scrollOut(by: number, height: number): string;
}

/** Changed runs that are closer than this are written as one, because moving the cursor costs about as many bytes. */
const GAP = 6;

export function paintFrame(before: Frame | null, after: Frame, ink: TerminalEncoder): string {
  let out = "";
  let rows = before && before.width === after.width && before.height === after.height ? before.rows : null;
  if (rows && after.scrollRegion) {
    const moved = detectShift(rows, after.rows, after.scrollRegion);
    if (moved) {
      out += ink.reset + ink.scroll(moved.top, moved.bottom, moved.by);
      rows = shiftRows(rows, moved);
    }
  }
  const pen: PaintState = { style: null, key: null, link: undefined, position: null };
  for (let y = 0; y < after.height; y++) out += paintRow(rows?.[y], after.rows[y] as Row, y, ink, pen);
  if (pen.link !== undefined) out += ink.link(undefined);
  return pen.key === null && out === "" ? "" : out + ink.reset;
}

/**
 * Moves rows to the terminal's scrollback: paints them at the top, and scrolls all rows up by as many. Returns the output and the
 * resulting frame.
 */
export function paintScrollback(
  before: Frame | null,
  leaving: Frame,
  height: number,
  ink: TerminalEncoder,
): { text: string; shown: Frame } {
  const blank = Array.from({ length: height }, () => emptyRow(leaving.width));
  let known = before?.height === height && before.width === leaving.width ? before : null;
  let shown: Frame = known ?? { ...leaving, height, rows: blank };
  let text = "";
  for (let from = 0; from < leaving.height; from += height) {
    const rows = leaving.rows.slice(from, from + height);
    const painted = { ...shown, rows: [...rows, ...shown.rows.slice(rows.length)], scrollRegion: null };
    text += paintFrame(known, painted, ink) + ink.reset + ink.scrollOut(rows.length, height);
    shown = { ...painted, rows: shiftRows(painted.rows, { top: 0, bottom: height - 1, by: rows.length }) };
    known = shown;
  }
  return { text, shown };
}

interface PaintState {
  style: Style | null;
  key: string | null;
  link: string | undefined;
  /** The position of the terminal's cursor; null if it is uncertain. */
  position: { x: number; y: number } | null;
}

function paintRow(before: Row | undefined, after: Row, y: number, ink: TerminalEncoder, pen: PaintState): string {
  const { glyphs, styles } = after;
  const width = glyphs.length;
  let out = "";
  let forced = -1;
  const differs = (x: number): boolean =>
    x < forced ||
    !before ||
    before.glyphs[x] !== glyphs[x] ||
    (before.styles[x] !== styles[x] && ink.key(before.styles[x] ?? {}) !== ink.key(styles[x] ?? {}));
  for (let x = 0; x < width; ) {
    if (!differs(x)) {
      x++;
      continue;
    }
    // Start a wide character at its first cell.
    let from = x;
    if (glyphs[from] === "" && from > 0) from--;
    let to = x + 1;
    for (let next = to; next < width && next - to < GAP; next++) if (differs(next)) to = next + 1;
    while (to < width && glyphs[to] === "") to++;
    for (let at = from; at < to; at++) {
      const glyph = glyphs[at] as string;
      if (glyph === "") continue;
      const style = styles[at] as Style;
      if (pen.position?.x !== at || pen.position.y !== y) out += ink.move(at, y);
      if (pen.style !== style) {
        const key = ink.key(style);
        if (pen.key !== key) out += ink.style(style);
        pen.style = style;
        pen.key = key;
      }
      if (pen.link !== style.link) {
        out += ink.link(style.link);
        pen.link = style.link;
      }
      const columns = glyphs[at + 1] === "" ? 2 : 1;
      // Terminals disagree about the width of these: clear the cells, position the cursor explicitly, and redraw the cells that the glyph
      // may have spread over.
      const certain = hasCertainWidth(glyph);
      if (!certain) out += " ".repeat(columns) + ink.move(at, y);
      out += glyph;
      if (!certain) forced = Math.min(width, at + columns + 8);
      pen.position = certain && at + columns < width ? { x: at + columns, y } : null;
    }
    x = to;
  }
  return out;
}

/** Terminals agree about the width of single code points. */
const hasCertainWidth = (glyph: string): boolean =>
  glyph.length === 1 || (glyph.length === 2 && (glyph.codePointAt(0) ?? 0) > 0xffff);

interface RowShift {
  top: number;
  bottom: number;
  by: number;
}

/** The minimum number of rows that scrolling must save, and the maximum number of rows to scroll by. */
const MIN_SAVED_ROWS = 3;
const MAX_SHIFT = 24;

/** By how many rows most of the text in the box has moved; null if drawing in place is as cheap. */
function detectShift(before: readonly Row[], after: readonly Row[], box: Box): RowShift | null {
  const end = box.x + box.width;
  // Usually only a line or two changed, which is found without comparing all text.
  let changed = 0;
  for (let y = box.y; y < box.y + box.height && changed < MIN_SAVED_ROWS; y++)
    if (!hasSameGlyphs(before[y], after[y], box.x, end)) changed++;
  if (changed < MIN_SAVED_ROWS) return null;
  const texts = (rows: readonly Row[]): string[] =>
    rows.slice(box.y, box.y + box.height).map(({ glyphs }) => glyphs.slice(box.x, end).join(""));
  const [old, now] = [texts(before), texts(after)];
  const inked = now.map((text) => text.trim() !== "");
  const same = (by: number): number => now.reduce((sum, text, y) => sum + Number(inked[y] && text === old[y + by]), 0);
  const unmoved = same(0);
  if (inked.filter(Boolean).length - unmoved < MIN_SAVED_ROWS) return null;
  let best = { by: 0, matches: unmoved };
  for (let by = 1; by <= Math.min(MAX_SHIFT, box.height - 1); by++) {
    for (const shift of [by, -by]) {
      const matches = same(shift);
      if (matches > best.matches) best = { by: shift, matches };
    }
  }
  if (best.by === 0 || best.matches - unmoved < MIN_SAVED_ROWS) return null;
  return { top: box.y, bottom: box.y + box.height - 1, by: best.by };
}

function hasSameGlyphs(before: Row | undefined, after: Row | undefined, from: number, to: number): boolean {
  if (!before || !after) return before === after;
  for (let x = from; x < to; x++) if (before.glyphs[x] !== after.glyphs[x]) return false;
  return true;
}

function shiftRows(rows: readonly Row[], { top, bottom, by }: RowShift): Row[] {
  return rows.map((row, y) => {
    if (y < top || y > bottom) return row;
    const from = y + by;
    return from >= top && from <= bottom ? (rows[from] as Row) : emptyRow(row.glyphs.length);
  });
}

const unstyled: Style = {};
const emptyRow = (width: number): Row => ({
  glyphs: new Array<string>(width).fill(" "),
  styles: new Array<Style>(width).fill(unstyled),
});
