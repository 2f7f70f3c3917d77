/**
 * From one picture to the next with few bytes: what moved is moved by the terminal, only cells that differ are written, and a style
 * is only said where it changes. The sequences themselves come from whoever knows the terminal.
 */
import type { Box, Frame, Row } from "./frame.ts";
import type { Style } from "./style.ts";

/** How a terminal is told things. Columns and rows count from 0. */
export interface Ink {
  move(x: number, y: number): string;
  /** From any style to this one. */
  style(style: Style): string;
  /** Two styles that look the same have the same key. */
  key(style: Style): string;
  reset: string;
  /** Moves the rows between two (the last one included) up, or down where negative; the rows that become free are blank. */
  scroll(top: number, bottom: number, by: number): string;
  link(url: string | undefined): string;
  /** Moves all rows of a screen of this height up, so that those at its top are kept by the terminal. */
  pass(by: number, height: number): string;
}

/** Runs of cells that are closer than this are written as one: a move costs about as many bytes. */
const GAP = 6;

export function paint(before: Frame | null, after: Frame, ink: Ink): string {
  let out = "";
  let rows = before && before.width === after.width && before.height === after.height ? before.rows : null;
  if (rows && after.scrolls) {
    const moved = shifted(rows, after.rows, after.scrolls);
    if (moved) {
      out += ink.reset + ink.scroll(moved.top, moved.bottom, moved.by);
      rows = afterScroll(rows, moved);
    }
  }
  const pen: Pen = { style: null, key: null, link: undefined, at: null };
  for (let y = 0; y < after.height; y++) out += paintRow(rows?.[y], after.rows[y] as Row, y, ink, pen);
  if (pen.link !== undefined) out += ink.link(undefined);
  return pen.key === null && out === "" ? "" : out + ink.reset;
}

/**
 * Writes rows that leave the screen at its top for good, so that the terminal keeps them among what it scrolled away: they are painted at
 * the top, and all rows are moved up by as many. Gives what the screen shows then.
 */
export function passOn(before: Frame | null, leaving: Frame, height: number, ink: Ink): { text: string; shown: Frame } {
  const blank = Array.from({ length: height }, () => emptyRow(leaving.width));
  let known = before?.height === height && before.width === leaving.width ? before : null;
  let shown: Frame = known ?? { ...leaving, height, rows: blank };
  let text = "";
  for (let from = 0; from < leaving.height; from += height) {
    const rows = leaving.rows.slice(from, from + height);
    const painted = { ...shown, rows: [...rows, ...shown.rows.slice(rows.length)], scrolls: null };
    text += paint(known, painted, ink) + ink.reset + ink.pass(rows.length, height);
    shown = { ...painted, rows: afterScroll(painted.rows, { top: 0, bottom: height - 1, by: rows.length }) };
    known = shown;
  }
  return { text, shown };
}

interface Pen {
  style: Style | null;
  key: string | null;
  link: string | undefined;
  /** Where the terminal's cursor stands; null where that is not certain. */
  at: { x: number; y: number } | null;
}

function paintRow(before: Row | undefined, after: Row, y: number, ink: Ink, pen: Pen): string {
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
    // A wide character is written from its first half.
    let from = x;
    if (glyphs[from] === "" && from > 0) from--;
    let to = x + 1;
    for (let next = to; next < width && next - to < GAP; next++) if (differs(next)) to = next + 1;
    while (to < width && glyphs[to] === "") to++;
    for (let at = from; at < to; at++) {
      const glyph = glyphs[at] as string;
      if (glyph === "") continue;
      const style = styles[at] as Style;
      if (pen.at?.x !== at || pen.at.y !== y) out += ink.move(at, y);
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
      // Terminals do not agree how wide these are: clear their cells, say where the next one goes, and write over what they may
      // have spread over.
      const certain = isCertain(glyph);
      if (!certain) out += " ".repeat(columns) + ink.move(at, y);
      out += glyph;
      if (!certain) forced = Math.min(width, at + columns + 8);
      pen.at = certain && at + columns < width ? { x: at + columns, y } : null;
    }
    x = to;
  }
  return out;
}

/** One code point: terminals agree on those. */
const isCertain = (glyph: string): boolean =>
  glyph.length === 1 || (glyph.length === 2 && (glyph.codePointAt(0) ?? 0) > 0xffff);

interface Shift {
  top: number;
  bottom: number;
  by: number;
}

/** Rows that must be spared so that moving pays, and the farthest that text is moved at once. */
const LEAST_SPARED = 3;
const FARTHEST = 24;

/** By how many rows most of the text in the box moved; null where drawing in place costs as little. */
function shifted(before: readonly Row[], after: readonly Row[], box: Box): Shift | null {
  const end = box.x + box.width;
  // Mostly a line or two are new at the end, and that is seen without writing every row out.
  let changed = 0;
  for (let y = box.y; y < box.y + box.height && changed < LEAST_SPARED; y++)
    if (!sameGlyphs(before[y], after[y], box.x, end)) changed++;
  if (changed < LEAST_SPARED) return null;
  const texts = (rows: readonly Row[]): string[] =>
    rows.slice(box.y, box.y + box.height).map(({ glyphs }) => glyphs.slice(box.x, end).join(""));
  const [old, now] = [texts(before), texts(after)];
  const inked = now.map((text) => text.trim() !== "");
  const same = (by: number): number => now.reduce((sum, text, y) => sum + Number(inked[y] && text === old[y + by]), 0);
  const unmoved = same(0);
  if (inked.filter(Boolean).length - unmoved < LEAST_SPARED) return null;
  let best = { by: 0, kept: unmoved };
  for (let by = 1; by <= Math.min(FARTHEST, box.height - 1); by++) {
    for (const way of [by, -by]) {
      const kept = same(way);
      if (kept > best.kept) best = { by: way, kept };
    }
  }
  if (best.by === 0 || best.kept - unmoved < LEAST_SPARED) return null;
  return { top: box.y, bottom: box.y + box.height - 1, by: best.by };
}

function sameGlyphs(before: Row | undefined, after: Row | undefined, from: number, to: number): boolean {
  if (!before || !after) return before === after;
  for (let x = from; x < to; x++) if (before.glyphs[x] !== after.glyphs[x]) return false;
  return true;
}

function afterScroll(rows: readonly Row[], { top, bottom, by }: Shift): Row[] {
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
