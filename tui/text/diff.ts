/** A diff as lines: one column of text or two side by side, with numbers, colors, and the words that changed. */

import { type DiffRow, type FileDiff, type Hunk, parseDiff, statOf } from "../../client/text/diff.ts";
import { languageOf } from "../../client/text/languages.ts";
import { type Line, line, plain, type Style, span, under } from "../draw/style.ts";
import { shortenedStart, textWidth } from "../draw/width.ts";
import { lineWidth, wrap } from "../draw/wrap.ts";
import { expandTabs } from "./clean.ts";
import { changedWords, type Range } from "./diff-words.ts";
import { blanks, cut, filled, overRange } from "./fill.ts";
import type { Highlight } from "./highlight.ts";

export interface DiffOptions {
  columns: number;
  /** Two columns need `LEAST_SPLIT` columns; below, it is one. */
  style: "unified" | "split";
  highlight?: Highlight | undefined;
}

export const LEAST_SPLIT = 120;

export function renderDiff(text: string, options: DiffOptions): Line[] {
  return parseDiff(text, expandTabs).flatMap((file, index) => {
    const lines = layFile(file, options);
    return index === 0 ? lines : [[], ...lines];
  });
}

function layFile(file: FileDiff, { columns, style, highlight }: DiffOptions): Line[] {
  const language = languageOf(file.path);
  const digits = String(Math.max(1, ...file.hunks.map(lastNumber))).length;
  const hunks = file.hunks.map((hunk) => {
    const rows = pairs(colored(hunk, language, highlight));
    const isSplit = style === "split" && columns >= LEAST_SPLIT;
    return isSplit ? rows.flatMap((pair) => laySplit(pair, columns, digits)) : layUnified(rows, columns, digits);
  });
  return [
    ...(file.path === "" ? [] : [layHeading(file, columns)]),
    ...hunks.flatMap((lines, index) => [...between(file.hunks, index, columns), ...lines]),
  ];
}

const lastNumber = ({ rows }: Hunk): number =>
  rows.reduce((most, { before = 0, after = 0 }) => Math.max(most, before, after), 0);

function layHeading(file: FileDiff, columns: number): Line {
  const { added, removed } = statOf(file);
  const counts = [span(` +${added}`, { fg: "diffAdded" }), span(` −${removed}`, { fg: "diffRemoved" })];
  const room = columns - lineWidth(counts);
  return cut([span(shortenedStart(file.path, Math.max(1, room)), { bold: true }), ...counts], columns);
}

/** What stands above a hunk: where it is, or that lines were left out. */
function between(hunks: readonly Hunk[], index: number, columns: number): Line[] {
  const title = hunks[index]?.title ?? "";
  const isFirst = hunks.slice(0, index).every(({ rows }) => rows.every(({ kind }) => kind === "note"));
  if (isFirst && title === "") return [];
  return [cut([span(title === "" ? "…" : `… ${title}`, { fg: "diffHunk" })], columns)];
}

/** A row with its text in colors. */
interface Colored {
  row: DiffRow;
  text: Line;
}

/** Both sides are colored as they stand in their files, so that a comment over several lines is one on both. */
function colored({ rows }: Hunk, language: string, highlight: Highlight | undefined): Colored[] {
  const side = (gone: DiffRow["kind"]) => {
    const own = rows.filter(({ kind }) => kind !== gone && kind !== "note");
    const lines = highlight && language !== "" ? highlight(own.map(({ text }) => text).join("\n"), language) : [];
    return new Map(own.map((row, index) => [row, lines[index]]));
  };
  const [before, after] = [side("added"), side("removed")];
  return rows.map((row) => {
    const text = (row.kind === "removed" ? before : after).get(row);
    return { row, text: text ?? line(row.text, looks[row.kind].text) };
  });
}

interface Look {
  sign: string;
  mark: Style;
  text: Style;
  field: Style;
  word: Style;
}

const looks: Readonly<Record<DiffRow["kind"], Look>> = {
  same: { sign: " ", mark: plain, text: plain, field: plain, word: plain },
  note: { sign: " ", mark: plain, text: { fg: "muted" }, field: plain, word: plain },
  added: {
    sign: "+",
    mark: { fg: "diffAdded" },
    text: { fg: "diffAdded" },
    field: { bg: "diffAddedBackground" },
    word: { bg: "diffAddedWord" },
  },
  removed: {
    sign: "-",
    mark: { fg: "diffRemoved" },
    text: { fg: "diffRemoved" },
    field: { bg: "diffRemovedBackground" },
    word: { bg: "diffRemovedWord" },
  },
};

/** What stands side by side: both where a line stayed or became another, one where it came or went. */
interface Pair {
  before?: Colored;
  after?: Colored;
}

/** In one hunk no more lines than these are compared word by word. */
const MOST_COMPARED = 200;

/** Lines that went and the lines that came right after them, first to first. */
function pairs(rows: readonly Colored[]): Pair[] {
  const all: Pair[] = [];
  let compared = 0;
  for (let at = 0; at < rows.length; ) {
    const removed = run(rows, at, "removed");
    const added = run(rows, at + removed.length, "added");
    const one = rows[at];
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      const [before, after] = [removed[index], added[index]];
      if (before && after && compared++ < MOST_COMPARED) all.push(withWords(before, after));
      else all.push({ ...(before && { before }), ...(after && { after }) });
    }
    if (removed.length + added.length === 0 && one) all.push({ before: one, after: one });
    at += Math.max(1, removed.length + added.length);
  }
  return all;
}

function run(rows: readonly Colored[], from: number, kind: DiffRow["kind"]): readonly Colored[] {
  let end = from;
  while (rows[end]?.row.kind === kind) end++;
  return rows.slice(from, end);
}

function withWords(before: Colored, after: Colored): Pair {
  const words = changedWords(before.row.text, after.row.text);
  if (!words) return { before, after };
  return { before: withRanges(before, words.before), after: withRanges(after, words.after) };
}

const withRanges = ({ row, text }: Colored, ranges: readonly Range[]): Colored => ({
  row,
  text: ranges.reduce((spans, [from, to]) => overRange(spans, from, to, looks[row.kind].word), text),
});

/** Runs of lines that went stand above those that came. */
function layUnified(all: readonly Pair[], columns: number, digits: number): Line[] {
  const lines: Line[] = [];
  let waiting: Line[] = [];
  const lay = ({ row, text }: Colored): Line[] => {
    const numbers = columns >= 2 * digits + 12 ? `${number(row.before, digits)} ${number(row.after, digits)} ` : "";
    return row.kind === "note" ? wrap(text, columns) : layRow(row, text, numbers, columns);
  };
  const flush = () => {
    for (const one of waiting) lines.push(one);
    waiting = [];
  };
  for (const { before, after } of all) {
    if (before) {
      if (before === after) flush();
      for (const one of lay(before)) lines.push(one);
    }
    if (after && after !== before) for (const one of lay(after)) waiting.push(one);
  }
  flush();
  return lines;
}

function laySplit({ before, after }: Pair, columns: number, digits: number): Line[] {
  if (before?.row.kind === "note") return wrap(before.text, columns);
  const width = (columns - 1) >> 1;
  const left = before ? layRow(before.row, before.text, `${number(before.row.before, digits)} `, width) : [];
  const right = after ? layRow(after.row, after.text, `${number(after.row.after, digits)} `, width) : [];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [
    ...(left[at] ?? blanks(width)),
    span("│", { fg: "border" }),
    ...(right[at] ?? blanks(width)),
  ]);
}

const number = (value: number | undefined, digits: number): string => String(value ?? "").padStart(digits);

/** The mark stands again, barely there, before what did not fit on the first row. */
function layRow({ kind }: DiffRow, text: Line, numbers: string, columns: number): Line[] {
  const { sign, mark, field } = looks[kind];
  const before = textWidth(numbers) + 2;
  return wrap(text, columns - before, { anywhere: true }).map((row, index) => {
    const lead = [
      span(index === 0 ? numbers : " ".repeat(numbers.length), { fg: "faint" }),
      span(`${sign} `, index === 0 ? mark : { fg: "faint" }),
    ];
    return filled(under([...lead.filter((one) => one.text !== ""), ...row], field), columns, field);
  });
}
