/** The end of a long view, for a screen that shows only so much; older parts are paged. Pure. */
import type { Part } from "./parts.ts";
import type { SessionView } from "./view.ts";

/**
 * The last so many parts, and as many more as it takes to hold every part that may still change. It goes on with `reduce` as the whole
 * does: at every moment its parts are the last ones of the whole view, `earlier` fewer.
 */
export function windowOf(view: SessionView, most: number): SessionView {
  const changing = view.parts.findIndex(mayChange);
  const last = Math.max(0, view.parts.length - most);
  const start = changing < 0 ? last : Math.min(last, changing);
  return start === 0 ? view : { ...view, parts: view.parts.slice(start), earlier: view.earlier + start };
}

const mayChange = (part: Part): boolean =>
  part.type === "call" ? part.endedAt === undefined : "open" in part && part.open;

/** The parts before this one, oldest first, and how many stand before those; null where there is no such part. */
export function partsBefore(
  { parts }: SessionView,
  before: string,
  most: number,
): { parts: readonly Part[]; earlier: number } | null {
  const end = parts.findLastIndex(({ id }) => id === before);
  if (end < 0) return null;
  const start = Math.max(0, end - most);
  return { parts: parts.slice(start, end), earlier: start };
}
