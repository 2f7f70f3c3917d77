/** Lays out a diff, unified or side by side, with line numbers, syntax highlighting and changed words. */
import { computeFileStat, type DiffRow, type FileDiff, type Hunk, parseDiff } from "../../client/text/diff.ts";
import { languageOf } from "../../client/text/languages.ts";
import { type PairedRow, pairRows, type RowPair, type WordRange } from "../../client/text/row-pairs.ts";
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
    const texts = highlightHunk(hunk, language, highlight);
    const rows = pairRows(hunk.rows).map((pair) => highlightPair(pair, texts));
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
function highlightHunk({ rows }: Hunk, language: string, highlight: Highlight | undefined): ReadonlyMap<DiffRow, Line> {
  const side = (gone: DiffRow["kind"]) => {
    const sideRows = rows.filter(({ kind }) => kind !== gone && kind !== "note");
    const lines = highlight && language !== "" ? highlight(sideRows.map(({ text }) => text).join("\n"), language) : [];
    return new Map(sideRows.map((row, index) => [row, lines[index]]));
  };
  const [before, after] = [side("added"), side("removed")];
  return new Map(
    rows.map((row) => {
      const text = (row.kind === "removed" ? before : after).get(row);
      return [row, text ?? line(row.text, rowStyles[row.kind].text)];
    }),
  );
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

/** As `RowPair`, with the highlighted text of each row. */
interface HighlightedPair {
  before?: HighlightedRow;
  after?: HighlightedRow;
}

function highlightPair({ before, after }: RowPair, texts: ReadonlyMap<DiffRow, Line>): HighlightedPair {
  const find = ({ row, words }: PairedRow): HighlightedRow => markRanges({ row, text: texts.get(row) ?? [] }, words);
  if (before && before === after) {
    const both = find(before);
    return { before: both, after: both };
  }
  return { ...(before && { before: find(before) }), ...(after && { after: find(after) }) };
}

const markRanges = ({ row, text }: HighlightedRow, ranges: readonly WordRange[]): HighlightedRow => ({
  row,
  text: ranges.reduce((spans, [from, to]) => styleRange(spans, from, to, rowStyles[row.kind].word), text),
});

/** Shows runs of removed lines above the added lines. */
function layoutUnified(all: readonly HighlightedPair[], columns: number, digits: number): Line[] {
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

function layoutSplit({ before, after }: HighlightedPair, columns: number, digits: number): Line[] {
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
