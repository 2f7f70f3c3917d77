/** List virtualization: finds the rows near the viewport. Heights are estimated until a row has been rendered. Pure. */
import type { Part } from "../protocol/parts.ts";

export interface Rows {
  start: number;
  end: number;
  /** The height in pixels of the rows before and after. */
  before: number;
  after: number;
}

export function findVisibleRows(
  heights: readonly number[],
  { top, height }: { top: number; height: number },
  margin: number,
): Rows {
  let at = 0;
  let start = 0;
  while (start < heights.length && at + (heights[start] ?? 0) < top - margin) at += heights[start++] ?? 0;
  const before = at;
  let end = start;
  while (end < heights.length && at < top + height + margin) at += heights[end++] ?? 0;
  let after = 0;
  for (let index = end; index < heights.length; index++) after += heights[index] ?? 0;
  return { start, end, before, after };
}

const LINE = 20;

export function estimateHeight(part: Part, columns: number): number {
  const lines = (text: string): number => Math.ceil(text.length / Math.max(20, columns)) + 1;
  switch (part.type) {
    case "prompt":
    case "text":
      return (lines(part.text) + 1) * LINE;
    case "reasoning":
    case "notice":
    case "compaction":
      return LINE * 1.5;
    case "call":
      return LINE * (part.diff ? 12 : 2);
    default:
      return part satisfies never;
  }
}
