/** Pairs the rows of a diff to be shown side by side, and finds the words that differ in a replaced line. Pure. */
import { diffWordsWithSpace } from "diff";
import type { DiffRow } from "./diff.ts";

/** Start and end offset in the line. */
export type WordRange = readonly [number, number];

export interface PairedRow {
  row: DiffRow;
  /** The changed words, if the line replaces a similar one. */
  words: readonly WordRange[];
}

/** Both for unchanged and replaced lines, one for added or removed lines. */
export interface RowPair {
  before?: PairedRow;
  after?: PairedRow;
}

/** The maximum number of lines per hunk that are compared word by word. */
const MAX_COMPARED = 200;

/** Pairs removed lines with the added lines that follow them, in order. */
export function pairRows(rows: readonly DiffRow[]): RowPair[] {
  const all: RowPair[] = [];
  let compared = 0;
  for (let at = 0; at < rows.length; ) {
    const removed = takeRun(rows, at, "removed");
    const added = takeRun(rows, at + removed.length, "added");
    const one = rows[at];
    for (let index = 0; index < Math.max(removed.length, added.length); index++) {
      const [before, after] = [removed[index], added[index]];
      const words =
        before && after && compared++ < MAX_COMPARED ? findChangedWords(before.text, after.text) : undefined;
      all.push({
        ...(before && { before: { row: before, words: words?.before ?? [] } }),
        ...(after && { after: { row: after, words: words?.after ?? [] } }),
      });
    }
    if (removed.length + added.length === 0 && one) {
      const both = { row: one, words: [] };
      all.push({ before: both, after: both });
    }
    at += Math.max(1, removed.length + added.length);
  }
  return all;
}

function takeRun(rows: readonly DiffRow[], from: number, kind: DiffRow["kind"]): readonly DiffRow[] {
  let end = from;
  while (rows[end]?.kind === kind) end++;
  return rows.slice(from, end);
}

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
