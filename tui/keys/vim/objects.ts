/** Vim's text objects. */
import { type Cells, isEmptyLine, kindOf, lineEndOf, lineStartOf } from "./cells.ts";
import type { Named } from "./commands.ts";

/** From `from` to `to`, exclusive. */
export interface Span {
  from: number;
  to: number;
  lines: boolean;
}

type TextObject = (cells: Cells, at: number, count: number) => Span | null;

const span = (from: number, to: number): Span => ({ from, to, lines: false });

export const objects: Readonly<Record<Named<"object">, TextObject>> = {
  "vim.innerWord": (cells, at, count) => innerWordSpan(cells, at, count, false),
  "vim.aWord": (cells, at, count) => wordSpan(cells, at, count, false),
  "vim.innerBigWord": (cells, at, count) => innerWordSpan(cells, at, count, true),
  "vim.aBigWord": (cells, at, count) => wordSpan(cells, at, count, true),
  "vim.innerDoubleQuotes": (cells, at) => quotedSpan(cells, at, '"', false),
  "vim.aDoubleQuotes": (cells, at) => quotedSpan(cells, at, '"', true),
  "vim.innerSingleQuotes": (cells, at) => quotedSpan(cells, at, "'", false),
  "vim.aSingleQuotes": (cells, at) => quotedSpan(cells, at, "'", true),
  "vim.innerBackticks": (cells, at) => quotedSpan(cells, at, "`", false),
  "vim.aBackticks": (cells, at) => quotedSpan(cells, at, "`", true),
  "vim.innerParentheses": (cells, at, count) => bracketedSpan(cells, at, "(", ")", count, false),
  "vim.aParentheses": (cells, at, count) => bracketedSpan(cells, at, "(", ")", count, true),
  "vim.innerBraces": (cells, at, count) => bracketedSpan(cells, at, "{", "}", count, false),
  "vim.aBraces": (cells, at, count) => bracketedSpan(cells, at, "{", "}", count, true),
  "vim.innerBrackets": (cells, at, count) => bracketedSpan(cells, at, "[", "]", count, false),
  "vim.aBrackets": (cells, at, count) => bracketedSpan(cells, at, "[", "]", count, true),
  "vim.innerAngles": (cells, at, count) => bracketedSpan(cells, at, "<", ">", count, false),
  "vim.anAngles": (cells, at, count) => bracketedSpan(cells, at, "<", ">", count, true),
  "vim.innerParagraph": (cells, at, count) => paragraphSpan(cells, at, count, false),
  "vim.aParagraph": (cells, at, count) => paragraphSpan(cells, at, count, true),
};

/** The end of the run of the same kind, in this line. */
function runTo(cells: Cells, at: number, big: boolean): number {
  const end = lineEndOf(cells, at);
  const kind = kindOf(cells[at], big);
  let to = at;
  while (to < end && kindOf(cells[to], big) === kind) to++;
  return to;
}

function runFrom(cells: Cells, at: number, big: boolean): number {
  const start = lineStartOf(cells, at);
  const kind = kindOf(cells[at], big);
  let from = at;
  while (from > start && kindOf(cells[from - 1], big) === kind) from--;
  return from;
}

function innerWordSpan(cells: Cells, at: number, count: number, big: boolean): Span | null {
  const end = lineEndOf(cells, at);
  if (at >= end) return null;
  let to = at;
  for (let time = 0; time < count && to < end; time++) to = runTo(cells, to, big);
  return span(runFrom(cells, at, big), to);
}

/** Includes the blanks after the word, or those before it if there are none after it. */
function wordSpan(cells: Cells, at: number, count: number, big: boolean): Span | null {
  const end = lineEndOf(cells, at);
  if (at >= end) return null;
  const from = runFrom(cells, at, big);
  const isBlank = kindOf(cells[at], big) === "blank";
  let to = at;
  for (let time = 0; time < 2 * count && to < end; time++) to = runTo(cells, to, big);
  if (isBlank || (to > 0 && kindOf(cells[to - 1]) === "blank")) return span(from, to);
  const start = lineStartOf(cells, at);
  let blanks = from;
  while (blanks > start && kindOf(cells[blanks - 1]) === "blank") blanks--;
  return span(blanks === start ? from : blanks, to);
}

/** Quotes are paired from the start of the line. The first pair that ends at or after the cursor is used. */
function quotedSpan(cells: Cells, at: number, quote: string, whole: boolean): Span | null {
  const end = lineEndOf(cells, at);
  const places: number[] = [];
  for (let place = lineStartOf(cells, at); place < end; place++) {
    if (cells[place] === "\\") place++;
    else if (cells[place] === quote) places.push(place);
  }
  for (let index = 0; index + 1 < places.length; index += 2) {
    const from = places[index] ?? 0;
    const to = places[index + 1] ?? 0;
    if (to < at) continue;
    if (!whole) return span(from + 1, to);
    let behind = to + 1;
    while (behind < end && kindOf(cells[behind]) === "blank") behind++;
    if (behind > to + 1) return span(from, behind);
    let before = from;
    while (before > lineStartOf(cells, at) && kindOf(cells[before - 1]) === "blank") before--;
    return span(before, to + 1);
  }
  return null;
}

function bracketedSpan(
  cells: Cells,
  at: number,
  open: string,
  close: string,
  count: number,
  whole: boolean,
): Span | null {
  const from = findEnclosing(cells, at, { mark: open, other: close, direction: -1 }, count);
  const to = findEnclosing(cells, at, { mark: close, other: open, direction: 1 }, count);
  if (from === null || to === null) return null;
  if (whole) return span(from, to + 1);
  // If the content has lines of its own, those are taken as whole lines.
  if (cells[from + 1] !== "\n") return span(from + 1, to);
  const lastLine = lineStartOf(cells, to);
  const isAlone = lastLine > from + 1 && cells.slice(lastLine, to).every((cell) => kindOf(cell) === "blank");
  return isAlone && lastLine > from + 2 ? { from: from + 2, to: lastLine, lines: true } : span(from + 1, to);
}

/** The enclosing bracket this many levels out; the one under the cursor counts. */
function findEnclosing(
  cells: Cells,
  at: number,
  { mark, other, direction }: { mark: string; other: string; direction: 1 | -1 },
  count: number,
): number | null {
  let level = count;
  for (let place = at; place >= 0 && place < cells.length; place += direction) {
    if (cells[place] === mark && --level === 0) return place;
    if (cells[place] === other && place !== at) level++;
  }
  return null;
}

/** Lines up to the next empty one. `whole` includes the empty lines after it, or those before if there are none. */
function paragraphSpan(cells: Cells, at: number, count: number, whole: boolean): Span {
  let from = lineStartOf(cells, at);
  const kind = isEmptyLine(cells, from);
  while (from > 0 && isEmptyLine(cells, lineStartOf(cells, from - 1)) === kind) from = lineStartOf(cells, from - 1);
  let to = from;
  const runs = whole ? 2 * count : count;
  let done = 0;
  for (; done < runs && to < cells.length; done++) to = linesTo(cells, to);
  if (whole && done < runs && !kind)
    while (from > 0 && isEmptyLine(cells, lineStartOf(cells, from - 1))) from = lineStartOf(cells, from - 1);
  return { from, to, lines: true };
}

/** The end of the run of lines that are all empty, or all not. */
function linesTo(cells: Cells, at: number): number {
  const kind = isEmptyLine(cells, at);
  let to = at;
  while (to < cells.length && isEmptyLine(cells, to) === kind) to = Math.min(lineEndOf(cells, to) + 1, cells.length);
  return to;
}
