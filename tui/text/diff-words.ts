/** Which words changed inside of a line that has a counterpart. */
import { diffWordsWithSpace } from "diff";

/** From an offset in the line to another. */
export type Range = readonly [number, number];

/** Longer lines are shown as changed whole. */
const MOST_WIDTH = 500;
/** Below this part of the longer line in common, two lines are no change of each other. */
const LEAST_ALIKE = 0.4;

/** `undefined` where the lines are not alike. */
export function changedWords(before: string, after: string): { before: Range[]; after: Range[] } | undefined {
  const longest = Math.max(before.length, after.length);
  if (longest > MOST_WIDTH) return undefined;
  const ranges: { before: Range[]; after: Range[] } = { before: [], after: [] };
  let [old, now, same] = [0, 0, 0];
  for (const { value, added, removed } of diffWordsWithSpace(before, after)) {
    if (removed) ranges.before.push([old, old + value.length]);
    else if (added) ranges.after.push([now, now + value.length]);
    else same += value.trim().length;
    if (!added) old += value.length;
    if (!removed) now += value.length;
  }
  return same >= LEAST_ALIKE * Math.max(before.trim().length, after.trim().length) ? ranges : undefined;
}
