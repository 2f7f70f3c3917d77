/** Where Vim's motions lead. A motion that leads nowhere is null, and cancels what waits for it. */
import { type Cells, isEmptyLine, kindOf, lastOf, lineBelow, lineEndOf, lineStartOf, lineTextOf } from "./cells.ts";
import type { Named } from "./commands.ts";
import type { Find } from "./state.ts";

export interface Target {
  to: number;
  /** What an operator takes: up to there, that character, too, or all lines between. */
  takes: "before" | "through" | "lines";
  /** The column to keep to from here on. */
  wanted?: number;
}

export interface MotionInput {
  count: number | null;
  character: string;
  wanted: number | null;
  find: Find | null;
  /** For an operator: the cursor may go behind the last character. */
  operating: boolean;
}

type Motion = (cells: Cells, at: number, input: MotionInput) => Target | null;

const before = (to: number): Target => ({ to, takes: "before" });
const through = (to: number): Target => ({ to, takes: "through" });
const times = (count: number | null): number => count ?? 1;

const repeat =
  (takes: Target["takes"], once: (cells: Cells, at: number, big: boolean) => number, big = false): Motion =>
  (cells, at, { count }) => {
    let to = at;
    for (let time = 0; time < times(count); time++) to = once(cells, to, big);
    return to === at ? null : { to, takes };
  };

const wordOn =
  (big: boolean): Motion =>
  (cells, at, { count, operating }) => {
    let to = at;
    let last = at;
    for (let time = 0; time < times(count); time++) {
      last = to;
      to = nextWord(cells, to, big);
    }
    // An operator does not reach into the next line for a word's sake.
    const end = lineEndOf(cells, last);
    if (operating && to > end) return before(Math.max(end, at));
    return to === at ? null : before(operating ? to : Math.min(to, Math.max(0, cells.length - 1)));
  };

const vertical =
  (way: 1 | -1): Motion =>
  (cells, at, { count, wanted }) => {
    const start = lineBelow(cells, at, way * times(count));
    if (start === null) return null;
    const column = wanted ?? at - lineStartOf(cells, at);
    return { to: Math.min(start + column, lastOf(cells, start)), takes: "lines", wanted: column };
  };

const toLine =
  (whole: "first" | "last"): Motion =>
  (cells, _, { count }) => {
    const last = lineStartOf(cells, cells.length);
    const start = count === null ? (whole === "first" ? 0 : last) : (lineBelow(cells, 0, count - 1) ?? last);
    return { to: lineTextOf(cells, start), takes: "lines" };
  };

const finding =
  (command: Find["command"]): Motion =>
  (cells, at, { count, character }) =>
    found(cells, at, { command, character }, times(count), false);

const reversed = {
  "vim.find": "vim.findBack",
  "vim.findBack": "vim.find",
  "vim.till": "vim.tillBack",
  "vim.tillBack": "vim.till",
} as const;

export const motions: Readonly<Record<Named<"motion">, Motion>> = {
  "vim.left": (cells, at, { count }) => {
    const to = Math.max(lineStartOf(cells, at), at - times(count));
    return to === at ? null : before(to);
  },
  "vim.right": (cells, at, { count, operating }) => {
    const to = Math.min(operating ? lineEndOf(cells, at) : lastOf(cells, at), at + times(count));
    return to === at ? null : before(to);
  },
  "vim.up": vertical(-1),
  "vim.down": vertical(1),
  "vim.word": wordOn(false),
  "vim.bigWord": wordOn(true),
  "vim.wordBack": repeat("before", previousWord),
  "vim.bigWordBack": repeat("before", previousWord, true),
  "vim.wordEnd": repeat("through", wordEnd),
  "vim.bigWordEnd": repeat("through", wordEnd, true),
  "vim.wordEndBack": repeat("through", previousWordEnd),
  "vim.bigWordEndBack": repeat("through", previousWordEnd, true),
  "vim.lineStart": (cells, at) => before(lineStartOf(cells, at)),
  "vim.lineText": (cells, at) => before(lineTextOf(cells, at)),
  "vim.lineEnd": (cells, at, { count, operating }) => {
    const line = lineBelow(cells, at, times(count) - 1);
    if (line === null) return null;
    const to = operating ? lineEndOf(cells, line) : lastOf(cells, line);
    return { ...before(to), wanted: Number.POSITIVE_INFINITY };
  },
  "vim.textStart": toLine("first"),
  "vim.textEnd": toLine("last"),
  "vim.find": finding("vim.find"),
  "vim.findBack": finding("vim.findBack"),
  "vim.till": finding("vim.till"),
  "vim.tillBack": finding("vim.tillBack"),
  "vim.findAgain": (cells, at, { count, find }) => find && found(cells, at, find, times(count), true),
  "vim.findReverse": (cells, at, { count, find }) =>
    find && found(cells, at, { ...find, command: reversed[find.command] }, times(count), true),
  "vim.match": matching,
  "vim.paragraph": repeat("before", (cells, at) => {
    let to = at;
    while (to < cells.length && isEmptyLine(cells, to)) to++;
    while (to < cells.length && !isEmptyLine(cells, to)) to++;
    return to;
  }),
  "vim.paragraphBack": repeat("before", (cells, at) => {
    let to = at;
    while (to > 0 && isEmptyLine(cells, to)) to--;
    while (to > 0 && !isEmptyLine(cells, to)) to--;
    return to;
  }),
  "vim.sentence": repeat("before", (cells, at) => sentences(cells).find((start) => start > at) ?? cells.length),
  "vim.sentenceBack": repeat("before", (cells, at) => sentences(cells).findLast((start) => start < at) ?? 0),
};

/** `cw` changes to the end of the word that the cursor is in, and no blanks, unless it is on one. */
export function changedWord(cells: Cells, at: number, count: number | null, big: boolean): Target | null {
  if (kindOf(cells[at], big) === "blank") return null;
  let to = runEnd(cells, at, big);
  for (let time = 1; time < times(count); time++) to = wordEnd(cells, to, big);
  return through(to);
}

/** The last character of the same kind from here on. */
function runEnd(cells: Cells, at: number, big: boolean): number {
  const kind = kindOf(cells[at], big);
  let to = at;
  while (to + 1 < cells.length && kindOf(cells[to + 1], big) === kind) to++;
  return to;
}

function nextWord(cells: Cells, at: number, big: boolean): number {
  let to = kindOf(cells[at], big) === "blank" ? at : runEnd(cells, at, big) + 1;
  while (to < cells.length && kindOf(cells[to], big) === "blank") {
    if (to > at && isEmptyLine(cells, to)) return to;
    to++;
  }
  return to;
}

function previousWord(cells: Cells, at: number, big: boolean): number {
  let to = at - 1;
  while (to > 0 && kindOf(cells[to], big) === "blank" && !isEmptyLine(cells, to)) to--;
  const kind = kindOf(cells[to], big);
  if (kind === "blank") return Math.max(0, to);
  while (to > 0 && kindOf(cells[to - 1], big) === kind) to--;
  return Math.max(0, to);
}

function wordEnd(cells: Cells, at: number, big: boolean): number {
  let to = at + 1;
  while (to < cells.length && kindOf(cells[to], big) === "blank") to++;
  return to >= cells.length ? Math.max(at, cells.length - 1) : runEnd(cells, to, big);
}

function previousWordEnd(cells: Cells, at: number, big: boolean): number {
  const kind = kindOf(cells[at], big);
  let to = at;
  if (kind !== "blank") while (to >= 0 && kindOf(cells[to], big) === kind) to--;
  else to--;
  while (to > 0 && kindOf(cells[to], big) === "blank" && !isEmptyLine(cells, to)) to--;
  return Math.max(0, to);
}

function found(cells: Cells, at: number, { command, character }: Find, count: number, again: boolean): Target | null {
  const way = command === "vim.find" || command === "vim.till" ? 1 : -1;
  const isTill = command === "vim.till" || command === "vim.tillBack";
  const from = lineStartOf(cells, at);
  const end = lineEndOf(cells, at);
  let left = count;
  for (let to = at + way * (again && isTill ? 2 : 1); to >= from && to < end; to += way) {
    if (cells[to] !== character || --left > 0) continue;
    const place = isTill ? to - way : to;
    return way === 1 ? through(place) : before(place);
  }
  return null;
}

const pairs: Readonly<Record<string, { other: string; way: 1 | -1 }>> = {
  "(": { other: ")", way: 1 },
  "[": { other: "]", way: 1 },
  "{": { other: "}", way: 1 },
  ")": { other: "(", way: -1 },
  "]": { other: "[", way: -1 },
  "}": { other: "{", way: -1 },
};

function matching(cells: Cells, at: number): Target | null {
  const end = lineEndOf(cells, at);
  for (let start = at; start < end; start++) {
    const cell = cells[start] ?? "";
    const pair = Object.hasOwn(pairs, cell) ? pairs[cell] : undefined;
    if (!pair) continue;
    let depth = 0;
    for (let to = start; to >= 0 && to < cells.length; to += pair.way) {
      if (cells[to] === cell) depth++;
      else if (cells[to] === pair.other && --depth === 0) return through(to);
    }
    return null;
  }
  return null;
}

/** Where sentences begin: behind a full stop and blanks, and at paragraphs. */
function sentences(cells: Cells): number[] {
  const starts: number[] = [];
  let isNew = true;
  let isEnding = false;
  for (const [at, cell] of cells.entries()) {
    if (kindOf(cell) === "blank") {
      if (isEnding) isNew = true;
      isEnding = false;
      if (isEmptyLine(cells, at)) {
        if (!isEmptyLine(cells, at - 1) || at === 0) starts.push(at);
        isNew = true;
      }
      continue;
    }
    if (isNew) starts.push(at);
    isNew = false;
    isEnding = /^[.!?]/.test(cell) || (isEnding && /^[)\]"']/.test(cell));
  }
  return starts;
}
