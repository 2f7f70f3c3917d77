/**
 * The visible part of the conversation. Only parts near the window are rendered, and few of them are cached, so that a long session
 * costs no more than a short one.
 */
import type { Part } from "../../protocol/parts.ts";
import type { Comment } from "../../protocol/together.ts";
import type { Folds, Scroll } from "../app/state.ts";
import { type Line, line, textOf } from "../draw/style.ts";
import { groupComments, renderComment } from "./comments.ts";
import { findMatchingRows } from "./find-matching-rows.ts";
import { hasGapBefore, isFoldable, renderPart } from "./parts.ts";
import type { RenderOptions } from "./render-options.ts";

/** A visible row: the part it belongs to, and its index among the rows of the part. */
export interface TranscriptRow {
  line: Line;
  part: Part;
  row: number;
}

export interface Transcript {
  /** The rows to show, at most `rows`, from top to bottom. */
  visibleRows(parts: readonly Part[], scroll: Scroll, folds: Folds, rows: number): TranscriptRow[];
  /** The position after scrolling by this many rows; negative scrolls up. */
  scrollBy(parts: readonly Part[], scroll: Scroll, folds: Folds, rows: number, by: number): Scroll;
  /** The position with the first row of this part at the top, or with this row of it in the upper half. */
  scrollToPart(parts: readonly Part[], part: string, folds: Folds, rows: number, row?: number): Scroll;
  /** The rows of this part, as it is drawn, in which a match of the text begins. */
  findRows(parts: readonly Part[], part: string, folds: Folds, text: string): number[];
  /** The lines from this position (null: the first line) to the top of a window that follows the end, and that top. */
  scrolledOut(
    parts: readonly Part[],
    from: TranscriptPosition | null,
    folds: Folds,
    rows: number,
  ): { lines: Line[]; top: TranscriptPosition | null };
  /** The comments to show below their parts from now on. */
  setComments(comments: readonly Comment[]): void;
  /** Drops all cached lines, for other columns or after the highlighter was loaded. */
  reset(options: Omit<RenderOptions, "open">): void;
}

/** A row of a part. It stays valid when parts are added before it. */
export interface TranscriptPosition {
  part: string;
  row: number;
}

interface CachedRows {
  part: Part;
  open: boolean;
  gap: boolean;
  about: readonly Comment[];
  rows: readonly Line[];
}

const none: readonly Comment[] = [];

const isEqual = (some: readonly Comment[], others: readonly Comment[]): boolean =>
  some.length === others.length && some.every((comment, index) => comment === others[index]);

/** The number of parts whose lines are cached. */
const MAX_CACHED = 400;
const FOLLOWS: Scroll = { follows: true };

export function createTranscript(first: Omit<RenderOptions, "open">): Transcript {
  let options = first;
  const cache = new Map<string, CachedRows>();
  let comments: readonly Comment[] = [];
  let commentsOf = groupComments([]);

  const rowsOf = (parts: readonly Part[], index: number, folds: Folds): readonly Line[] => {
    const part = parts[index] as Part;
    const open = isUnfolded(part, folds);
    const gap = hasGapBefore(part, parts[index - 1]);
    const known = cache.get(part.id);
    const about = commentsOf.get(part.id) ?? none;
    const isSame = known?.part === part && known.open === open && known.gap === gap && isEqual(known.about, about);
    if (known && isSame) return known.rows;
    const lines = [
      ...renderPart(part, { ...options, open }),
      ...about.flatMap((comment) => renderComment(comment, options.columns)),
    ];
    const rows = gap ? [[], ...lines] : lines;
    cache.delete(part.id);
    cache.set(part.id, { part, open, gap, about, rows });
    if (cache.size > MAX_CACHED)
      for (const [oldest] of cache) {
        cache.delete(oldest);
        break;
      }
    return rows;
  };

  /** The top row of a window that ends with the last row. */
  const lastTop = (parts: readonly Part[], folds: Folds, rows: number): RowPosition => {
    let left = rows;
    for (let index = parts.length - 1; index >= 0; index--) {
      const count = rowsOf(parts, index, folds).length;
      if (count >= left) return { index, row: count - left };
      left -= count;
    }
    return { index: 0, row: 0 };
  };
  const positionOf = (parts: readonly Part[], scroll: Scroll, folds: Folds, rows: number): RowPosition => {
    const last = lastTop(parts, folds, rows);
    if (scroll.follows) return last;
    const index = parts.findLastIndex(({ id }) => id === scroll.part);
    if (index < 0) return last;
    const position = { index, row: Math.min(scroll.row, Math.max(0, rowsOf(parts, index, folds).length - 1)) };
    return isAfter(position, last) ? last : position;
  };
  const scrollOf = (parts: readonly Part[], position: RowPosition, folds: Folds, rows: number): Scroll => {
    const last = lastTop(parts, folds, rows);
    const part = parts[position.index];
    if (!part || !isAfter(last, position)) return FOLLOWS;
    return { follows: false, part: part.id, row: position.row };
  };

  return {
    setComments(next) {
      if (next === comments) return;
      comments = next;
      commentsOf = groupComments(next);
    },
    visibleRows(parts, scroll, folds, rows) {
      if (parts.length === 0 || rows <= 0) return [];
      const { index: from, row: first } = positionOf(parts, scroll, folds, rows);
      const shown: TranscriptRow[] = [];
      for (let index = from; index < parts.length && shown.length < rows; index++) {
        const lines = rowsOf(parts, index, folds);
        for (let row = index === from ? first : 0; row < lines.length && shown.length < rows; row++)
          shown.push({ line: lines[row] ?? line(""), part: parts[index] as Part, row });
      }
      return shown;
    },
    scrollBy(parts, scroll, folds, rows, by) {
      if (parts.length === 0) return FOLLOWS;
      const position = positionOf(parts, scroll, folds, rows);
      let { index } = position;
      let row = position.row + by;
      while (row < 0 && index > 0) row += rowsOf(parts, --index, folds).length;
      while (index < parts.length - 1 && row >= rowsOf(parts, index, folds).length)
        row -= rowsOf(parts, index++, folds).length;
      return scrollOf(parts, { index, row: Math.max(0, row) }, folds, rows);
    },
    scrollToPart(parts, part, folds, rows, row = 0) {
      const index = parts.findLastIndex(({ id }) => id === part);
      const top = row < rows / 2 ? 0 : row - Math.floor(rows / 3);
      return index < 0 ? FOLLOWS : scrollOf(parts, { index, row: top }, folds, rows);
    },
    findRows(parts, part, folds, text) {
      const index = parts.findLastIndex(({ id }) => id === part);
      return index < 0 ? [] : findMatchingRows(rowsOf(parts, index, folds).map(textOf), text);
    },
    scrolledOut(parts, from, folds, rows) {
      const top = lastTop(parts, folds, rows);
      const known = from === null ? 0 : parts.findLastIndex(({ id }) => id === from.part);
      const start = { index: known < 0 ? top.index : known, row: known < 0 ? top.row : (from?.row ?? 0) };
      // A part became shorter, or a question takes rows away. Lines that have left do not leave again.
      if (isAfter(start, top)) return { lines: [], top: from };
      const lines: Line[] = [];
      for (let index = start.index; index <= top.index && index < parts.length; index++) {
        const first = index === start.index ? start.row : 0;
        lines.push(...rowsOf(parts, index, folds).slice(first, index === top.index ? top.row : undefined));
      }
      const part = parts[top.index]?.id;
      return { lines, top: part === undefined ? null : { part, row: top.row } };
    },
    reset(next) {
      options = next;
      cache.clear();
    },
  };
}

interface RowPosition {
  index: number;
  row: number;
}

const isAfter = (one: RowPosition, other: RowPosition): boolean =>
  one.index > other.index || (one.index === other.index && one.row > other.row);

export const isUnfolded = (part: Part, { all, reasoning, toggled }: Folds): boolean =>
  isFoldable(part) && (all || (reasoning && part.type === "reasoning")) !== toggled.has(part.id);
