/** Lays out a diff, unified or side by side, with line numbers, syntax highlighting and changed words. */
import { diffWordsWithSpace } from "diff";
import { computeFileStat, type DiffRow, type FileDiff, type Hunk, parseDiff } from "../../client/text/diff.ts";
import { languageOf } from "../../client/text/languages.ts";
import { type Line, line, plainStyle, type Style, span, withBaseStyle } from "../draw/style.ts";
import { textWidth, truncateStart } from "../draw/width.ts";
import { lineWidth, wrapLine } from "../draw/wrap.ts";
import { expandTabs } from "./clean.ts";
import { blankLine, padLine, styleRange, truncateLine } from "./fill.ts";
import type { Highlight } from "./highlight.ts";

export interface DiffOptions {
  columns: number;
  /** Side by side needs `MIN_SPLIT_COLUMNS` columns; with fewer, the diff is unified. */
  style: "unified" | "split";
  highlight?: Highlight | undefined;
}

export const MIN_SPLIT_COLUMNS = 120;

export function renderDiff(text: string, options: DiffOptions): Line[] {
  return parseDiff(text, expandTabs).flatMap((file, index) => {
    const lines = layoutFile(file, options);
    return index === 0 ? lines : [[], ...lines];
  });
}

function layoutFile(file: FileDiff, { columns, style, highlight }: DiffOptions): Line[] {
  const language = languageOf(file.path);
  const digits = String(Math.max(1, ...file.hunks.map(lastNumber))).length;
  const hunks = file.hunks.map((hunk) => {
    const rows = pairRows(highlightHunk(hunk, language, highlight));
    const isSplit = style === "split" && columns >= MIN_SPLIT_COLUMNS;
    return isSplit ? rows.flatMap((pair) => layoutSplit(pair, columns, digits)) : layoutUnified(rows, columns, digits);
  });
  return [
    ...(file.path === "" ? [] : [layoutHeading(file, columns)]),
    ...hunks.flatMap((lines, index) => [...hunkSeparator(file.hunks, index, columns), ...lines]),
  ];
}

const lastNumber = ({ rows }: Hunk): number =>
  rows.reduce((most, { before = 0, after = 0 }) => Math.max(most, before, after), 0);

function layoutHeading(file: FileDiff, columns: number): Line {
  const { added, removed } = computeFileStat(file);
  const counts = [span(` +${added}`, { fg: "diffAdded" }), span(` −${removed}`, { fg: "diffRemoved" })];
  const room = columns - lineWidth(counts);
  return truncateLine([span(truncateStart(file.path, Math.max(1, room)), { bold: true }), ...counts], columns);
}

/** The line above a hunk: its title, or a mark for omitted lines. */
function hunkSeparator(hunks: readonly Hunk[], index: number, columns: number): Line[] {
  const title = hunks[index]?.title ?? "";
  const isFirst = hunks.slice(0, index).every(({ rows }) => rows.every(({ kind }) => kind === "note"));
  if (isFirst && title === "") return [];
  return [truncateLine([span(title === "" ? "…" : `… ${title}`, { fg: "diffHunk" })], columns)];
}

/** A row with its highlighted text. */
interface HighlightedRow {
  row: DiffRow;
  text: Line;
}

/** Highlights each side as in its file, so that a comment over several lines is recognized on both. */
function highlightHunk({ rows }: Hunk, language: string, highlight: Highlight | undefined): HighlightedRow[] {
  const side = (gone: DiffRow["kind"]) => {
    const sideRows = rows.filter(({ kind }) => kind !== gone && kind !== "note");
    const lines = highlight && language !== "" ? highlight(sideRows.map(({ text }) => text).join("\n"), language) : [];
    return new Map(sideRows.map((row, index) => [row, lines[index]]));
  };
  const [before, after] = [side("added"), side("removed")];
  return rows.map((row) => {
    const text = (row.kind === "removed" ? before : after).get(row);
    return { row, text: text ?? line(row.text, rowStyles[row.kind].text) };
  });
}

interface RowStyle {
  sign: string;
  mark: Style;
  text: Style;
  field: Style;
  word: Style;
}

const rowStyles: Readonly<Record<DiffRow["kind"], RowStyle>> = {
  same: { sign: " ", mark: plainStyle, text: plainStyle, field: plainStyle, word: plainStyle },
  note: { sign: " ", mark: plainStyle, text: { fg: "muted" }, field: plainStyle, word: plainStyle },
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

/** Rows to show side by side: both for unchanged and replaced lines, one for added or removed lines. */
interface RowPair {
  before?: HighlightedRow;
  after?: HighlightedRow;
}

/** The maximum number of lines per hunk that are compared word by word. */
const MAX_COMPARED = 200;

/** Pairs removed lines with the added lines that follow them, in order. */
function pairRows(rows: readonly HighlightedRow[]): RowPair[] {
  const all: RowPair[] = [];
  let compared = 0;
  for (let at = 0; at < rows.length; ) {
    const removed = takeRun(rows, at, "removed");
    const added = takeRun(rows, at + removed.length, "added");
    const one = rows[at];
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      const [before, after] = [removed[index], added[index]];
      if (before && after && compared++ < MAX_COMPARED) all.push(markChangedWords(before, after));
      else all.push({ ...(before && { before }), ...(after && { after }) });
    }
    if (removed.length + added.length === 0 && one) all.push({ before: one, after: one });
    at += Math.max(1, removed.length + added.length);
  }
  return all;
}

function takeRun(rows: readonly HighlightedRow[], from: number, kind: DiffRow["kind"]): readonly HighlightedRow[] {
  let end = from;
  while (rows[end]?.row.kind === kind) end++;
  return rows.slice(from, end);
}

function markChangedWords(before: HighlightedRow, after: HighlightedRow): RowPair {
  const words = findChangedWords(before.row.text, after.row.text);
  if (!words) return { before, after };
  return { before: markRanges(before, words.before), after: markRanges(after, words.after) };
}

const markRanges = ({ row, text }: HighlightedRow, ranges: readonly WordRange[]): HighlightedRow => ({
  row,
  text: ranges.reduce((spans, [from, to]) => styleRange(spans, from, to, rowStyles[row.kind].word), text),
});

/** Shows runs of removed lines above the added lines. */
function layoutUnified(all: readonly RowPair[], columns: number, digits: number): Line[] {
  const lines: Line[] = [];
  let pendingAdded: Line[] = [];
  const lay = ({ row, text }: HighlightedRow): Line[] => {
    const numbers =
      columns >= 2 * digits + 12 ? `${formatNumber(row.before, digits)} ${formatNumber(row.after, digits)} ` : "";
    return row.kind === "note" ? wrapLine(text, columns) : layoutRow(row, text, numbers, columns);
  };
  const flush = () => {
    for (const one of pendingAdded) lines.push(one);
    pendingAdded = [];
  };
  for (const { before, after } of all) {
    if (before) {
      if (before === after) flush();
      for (const one of lay(before)) lines.push(one);
    }
    if (after && after !== before) for (const one of lay(after)) pendingAdded.push(one);
  }
  flush();
  return lines;
}

function layoutSplit({ before, after }: RowPair, columns: number, digits: number): Line[] {
  if (before?.row.kind === "note") return wrapLine(before.text, columns);
  const width = (columns - 1) >> 1;
  const left = before ? layoutRow(before.row, before.text, `${formatNumber(before.row.before, digits)} `, width) : [];
  const right = after ? layoutRow(after.row, after.text, `${formatNumber(after.row.after, digits)} `, width) : [];
  return Array.from({ length: Math.max(left.length, right.length) }, (_, at) => [
    ...(left[at] ?? blankLine(width)),
    span("│", { fg: "border" }),
    ...(right[at] ?? blankLine(width)),
  ]);
}

const formatNumber = (value: number | undefined, digits: number): string => String(value ?? "").padStart(digits);

/** Continuation rows repeat the sign, faintly. */
function layoutRow({ kind }: DiffRow, text: Line, numbers: string, columns: number): Line[] {
  const { sign, mark, field } = rowStyles[kind];
  const before = textWidth(numbers) + 2;
  return wrapLine(text, columns - before, { anywhere: true }).map((row, index) => {
    const lead = [
      span(index === 0 ? numbers : " ".repeat(numbers.length), { fg: "faint" }),
      span(`${sign} `, index === 0 ? mark : { fg: "faint" }),
    ];
    return padLine(withBaseStyle([...lead.filter((one) => one.text !== ""), ...row], field), columns, field);
  });
}

/** Start and end offset in the line. */
type WordRange = readonly [number, number];

/** Longer lines are marked as a whole. */
const MAX_WIDTH = 500;
/** Lines that share less than this part of the longer one are not compared. */
const MIN_SIMILARITY = 0.4;

/** Returns `undefined` if the lines are too different. */
function findChangedWords(before: string, after: string): { before: WordRange[]; after: WordRange[] } | undefined {
  const longest = Math.max(before.length, after.length);
  if (longest > MAX_WIDTH) return undefined;
  const ranges: { before: WordRange[]; after: WordRange[] } = { before: [], after: [] };
  let [old, now, same] = [0, 0, 0];
  for (const { value, added, removed } of diffWordsWithSpace(before, after)) {
    if (removed) ranges.before.push([old, old + value.length]);
    else if (added) ranges.after.push([now, now + value.length]);
    else same += value.trim().length;
    if (!added) old += value.length;
    if (!removed) now += value.length;
  }
  return same >= MIN_SIMILARITY * Math.max(before.trim().length, after.trim().length) ? ranges : undefined;
}
