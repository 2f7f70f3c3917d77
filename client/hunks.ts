/**
 * What lies between a file as it was and as it is, change by change, and each change kept or undone by itself. Pure; a change that is
 * kept is gone from the differences, and so is one that is undone, so that looking through a file ends whatever the order.
 */
import { diffArrays } from "diff";

/** Lines with their ends. `start` counts from 0: where the lines stand, or would stand where there are none. */
export interface Side {
  start: number;
  lines: readonly string[];
}

export interface Hunk {
  base: Side;
  now: Side;
}

/** Beyond so many changed lines a file is looked through as one change. */
const MOST_CHANGED = 2_000;

/** Null is no file, which an empty one is not: a file that is new or gone is one change. */
export function hunksOf(base: string | null, now: string | null): Hunk[] {
  if (base === now) return [];
  const [before, after] = [linesOf(base), linesOf(now)];
  const changes =
    base === null || now === null ? undefined : diffArrays(before, after, { maxEditLength: MOST_CHANGED });
  if (!changes) return [{ base: { start: 0, lines: before }, now: { start: 0, lines: after } }];
  const hunks: Hunk[] = [];
  let [baseAt, nowAt] = [0, 0];
  let open: { base: Side & { lines: string[] }; now: Side & { lines: string[] } } | null = null;
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

/** The old text with this change in it: what the file is compared with from here on. `hunk` is one of `hunksOf(base, now)`. */
export const keepHunk = (base: string | null, now: string | null, hunk: Hunk): string | null =>
  base === null || now === null ? now : replaced(base, hunk.base, hunk.now);

/** The present text without this change. */
export const undoHunk = (base: string | null, now: string | null, hunk: Hunk): string | null =>
  base === null || now === null ? base : replaced(now, hunk.now, hunk.base);

/** Whether two are the same change, of the same place in the present text: what a person saw, found again in what is there by now. */
export const sameHunk = (one: Hunk, other: Hunk): boolean =>
  one.now.start === other.now.start && sameLines(one.now, other.now) && sameLines(one.base, other.base);

const sameLines = (one: Side, other: Side): boolean =>
  one.lines.length === other.lines.length && one.lines.every((line, index) => line === other.lines[index]);

const replaced = (text: string, { start, lines }: Side, by: Side): string =>
  linesOf(text)
    .toSpliced(start, lines.length, ...by.lines)
    .join("");

function linesOf(text: string | null): string[] {
  if (text === null || text === "") return [];
  const lines = text.split("\n");
  const last = lines.pop();
  return [...lines.map((line) => `${line}\n`), ...(last === "" || last === undefined ? [] : [last])];
}
