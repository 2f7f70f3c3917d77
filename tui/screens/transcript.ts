/**
 * The conversation in the room there is for it. Only parts near the window are laid out, and few of them are kept, so that a session
 * of ten thousand parts costs what a short one does.
 */
import type { Part } from "../../protocol/parts.ts";
import type { Folds, Scroll } from "../app/state.ts";
import { type Line, line } from "../draw/style.ts";
import { folds, gapBefore, partLines } from "./parts.ts";
import type { Pen } from "./pen.ts";

/** A row of the window: the part it is from, and which of its rows. */
export interface Shown {
  line: Line;
  part: Part;
  row: number;
}

export interface Transcript {
  /** The rows to show, at most `rows` of them, top first. */
  window(parts: readonly Part[], scroll: Scroll, folds: Folds, rows: number): Shown[];
  /** Where one stands after going by so many rows, up where negative. */
  moved(parts: readonly Part[], scroll: Scroll, folds: Folds, rows: number, by: number): Scroll;
  /** The same, with the part's first row at the top. */
  at(parts: readonly Part[], part: string, folds: Folds, rows: number): Scroll;
  /** The lines from here (null: from the first) to the top of a window that follows, and that top. */
  left(parts: readonly Part[], from: Mark | null, folds: Folds, rows: number): { lines: Line[]; top: Mark | null };
  /** Lays everything out anew, with other columns or a highlighter that is there now. */
  restart(pen: Omit<Pen, "open">): void;
}

/** A row of a part, whatever came before it since. */
export interface Mark {
  part: string;
  row: number;
}

/** Parts whose lines are kept. */
const MOST_KEPT = 400;
const FOLLOWS: Scroll = { follows: true };

export function createTranscript(first: Omit<Pen, "open">): Transcript {
  let pen = first;
  const kept = new Map<string, { part: Part; open: boolean; gap: boolean; rows: readonly Line[] }>();

  const rowsOf = (parts: readonly Part[], index: number, how: Folds): readonly Line[] => {
    const part = parts[index] as Part;
    const open = isOpen(part, how);
    const gap = gapBefore(part, parts[index - 1]);
    const known = kept.get(part.id);
    if (known && known.part === part && known.open === open && known.gap === gap) return known.rows;
    const lines = partLines(part, { ...pen, open });
    const rows = gap ? [[], ...lines] : lines;
    kept.delete(part.id);
    kept.set(part.id, { part, open, gap, rows });
    if (kept.size > MOST_KEPT)
      for (const [oldest] of kept) {
        kept.delete(oldest);
        break;
      }
    return rows;
  };

  /** The top of a window that ends with the last row. */
  const lastTop = (parts: readonly Part[], how: Folds, rows: number): Place => {
    let left = rows;
    for (let index = parts.length - 1; index >= 0; index--) {
      const count = rowsOf(parts, index, how).length;
      if (count >= left) return { index, row: count - left };
      left -= count;
    }
    return { index: 0, row: 0 };
  };
  const placeOf = (parts: readonly Part[], scroll: Scroll, how: Folds, rows: number): Place => {
    const last = lastTop(parts, how, rows);
    if (scroll.follows) return last;
    const index = parts.findLastIndex(({ id }) => id === scroll.part);
    if (index < 0) return last;
    const place = { index, row: Math.min(scroll.row, Math.max(0, rowsOf(parts, index, how).length - 1)) };
    return isAfter(place, last) ? last : place;
  };
  const scrollOf = (parts: readonly Part[], place: Place, how: Folds, rows: number): Scroll => {
    const last = lastTop(parts, how, rows);
    const part = parts[place.index];
    if (!part || !isAfter(last, place)) return FOLLOWS;
    return { follows: false, part: part.id, row: place.row };
  };

  return {
    window(parts, scroll, how, rows) {
      if (parts.length === 0 || rows <= 0) return [];
      const { index: from, row: first } = placeOf(parts, scroll, how, rows);
      const shown: Shown[] = [];
      for (let index = from; index < parts.length && shown.length < rows; index++) {
        const lines = rowsOf(parts, index, how);
        for (let row = index === from ? first : 0; row < lines.length && shown.length < rows; row++)
          shown.push({ line: lines[row] ?? line(""), part: parts[index] as Part, row });
      }
      return shown;
    },
    moved(parts, scroll, how, rows, by) {
      if (parts.length === 0) return FOLLOWS;
      const place = placeOf(parts, scroll, how, rows);
      let { index } = place;
      let row = place.row + by;
      while (row < 0 && index > 0) row += rowsOf(parts, --index, how).length;
      while (index < parts.length - 1 && row >= rowsOf(parts, index, how).length)
        row -= rowsOf(parts, index++, how).length;
      return scrollOf(parts, { index, row: Math.max(0, row) }, how, rows);
    },
    at(parts, part, how, rows) {
      const index = parts.findLastIndex(({ id }) => id === part);
      return index < 0 ? FOLLOWS : scrollOf(parts, { index, row: 0 }, how, rows);
    },
    left(parts, from, how, rows) {
      const top = lastTop(parts, how, rows);
      const known = from === null ? 0 : parts.findLastIndex(({ id }) => id === from.part);
      const start = { index: known < 0 ? top.index : known, row: known < 0 ? top.row : (from?.row ?? 0) };
      // Where a part became shorter, or a question takes rows away: what was left once is not left again.
      if (isAfter(start, top)) return { lines: [], top: from };
      const lines: Line[] = [];
      for (let index = start.index; index <= top.index && index < parts.length; index++) {
        const first = index === start.index ? start.row : 0;
        lines.push(...rowsOf(parts, index, how).slice(first, index === top.index ? top.row : undefined));
      }
      const part = parts[top.index]?.id;
      return { lines, top: part === undefined ? null : { part, row: top.row } };
    },
    restart(next) {
      pen = next;
      kept.clear();
    },
  };
}

interface Place {
  index: number;
  row: number;
}

const isAfter = (one: Place, other: Place): boolean =>
  one.index > other.index || (one.index === other.index && one.row > other.row);

const isOpen = (part: Part, { all, reasoning, turned }: Folds): boolean =>
  folds(part) && (all || (reasoning && part.type === "reasoning")) !== turned.has(part.id);
