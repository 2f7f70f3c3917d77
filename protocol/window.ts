/** The end of a long view, for clients that load older parts page by page. Pure. */
import type { Part } from "./parts.ts";
import type { SessionView } from "./view.ts";

/**
 * The last `most` parts, and more where earlier ones may still change. Later events are folded into it with `reduce`, as into the whole
 * view: its parts are always the last ones of the whole, without the first `earlier`.
 */
export function lastParts(view: SessionView, most: number): SessionView {
  const changing = view.parts.findIndex(mayChange);
  const last = Math.max(0, view.parts.length - most);
  const start = changing < 0 ? last : Math.min(last, changing);
  return start === 0 ? view : { ...view, parts: view.parts.slice(start), earlier: view.earlier + start };
}

const mayChange = (part: Part): boolean =>
  part.type === "call" ? part.endedAt === undefined : "open" in part && part.open;

/** The parts before this one, oldest first, and the number of parts before those; null where there is no such part. */
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
