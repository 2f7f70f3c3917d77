/**
 * The changes between a file's reviewed text (the base) and its current text, each of which can be kept or undone on its own. A change
 * that was kept or undone is no longer a difference, so a review ends in whatever order it is done. Pure.
 */
import { diffArrays } from "diff";

/** Lines with their line ends. `start` counts from 0: where the lines are, or where they would be inserted if there are none. */
export interface HunkSide {
  start: number;
  lines: readonly string[];
}

export interface Hunk {
  base: HunkSide;
  now: HunkSide;
}

/** A file with more changed lines is reviewed as one change. */
const MAX_CHANGED_LINES = 2_000;

/** Null means that the file does not exist, unlike an empty file. A created or deleted file is one change. */
export function diffHunks(base: string | null, now: string | null): Hunk[] {
  if (base === now) return [];
  const [before, after] = [linesOf(base), linesOf(now)];
  const changes =
    base === null || now === null ? undefined : diffArrays(before, after, { maxEditLength: MAX_CHANGED_LINES });
  if (!changes) return [{ base: { start: 0, lines: before }, now: { start: 0, lines: after } }];
  const hunks: Hunk[] = [];
  let [baseAt, nowAt] = [0, 0];
  let open: { base: HunkSide & { lines: string[] }; now: HunkSide & { lines: string[] } } | null = null;
  for (const { added, removed, value } of changes) {
    if (!added && !removed) {
      open = null;
      baseAt += value.length;
      nowAt += value.length;
      continue;
    }
    if (!open) {
      open = { base: { start: baseAt, lines: [] }, now: { start: nowAt, lines: [] } };
      hunks.push(open);
    }
    const side: { lines: string[] } = removed ? open.base : open.now;
    for (const line of value) side.lines.push(line);
    if (removed) baseAt += value.length;
    else nowAt += value.length;
  }
  return hunks;
}

/** The base with this change applied: the new base of the review. `hunk` is one of `diffHunks(base, now)`. */
export const keepHunk = (base: string | null, now: string | null, hunk: Hunk): string | null =>
  base === null || now === null ? now : replaceLines(base, hunk.base, hunk.now);

/** The current text without this change. */
export const undoHunk = (base: string | null, now: string | null, hunk: Hunk): string | null =>
  base === null || now === null ? base : replaceLines(now, hunk.now, hunk.base);

/** True for the same change at the same place: finds the change that the user saw in the current differences. */
export const isSameHunk = (one: Hunk, other: Hunk): boolean =>
  one.now.start === other.now.start && hasSameLines(one.now, other.now) && hasSameLines(one.base, other.base);

const hasSameLines = (one: HunkSide, other: HunkSide): boolean =>
  one.lines.length === other.lines.length && one.lines.every((line, index) => line === other.lines[index]);

const replaceLines = (text: string, { start, lines }: HunkSide, by: HunkSide): string =>
  linesOf(text)
    .toSpliced(start, lines.length, ...by.lines)
    .join("");

function linesOf(text: string | null): string[] {
  if (text === null || text === "") return [];
  const lines = text.split("\n");
  const last = lines.pop();
  return [...lines.map((line) => `${line}\n`), ...(last === "" || last === undefined ? [] : [last])];
}
