/**
 * What stood where over the last moment. A click means what could be read where it was made: a row that came under the pointer just
 * before, or since, was not meant. For the same reason the second half of a double click does nothing to what the first half opened.
 */
import { type Frame, type Hit, hitAt } from "../draw/frame.ts";
import type { Click } from "./state.ts";

export interface Seen {
  drawn(frame: Frame<Click>): void;
  /** The last picture. */
  frame(): Frame<Click> | null;
  /** What a click on this cell means; null where that changed within the last moment, and where it means nothing. */
  hitAt(x: number, y: number): Hit<Click> | null;
}

/** Shorter than anybody takes to read a row and to aim at it, longer than the clicks of a double click are apart. */
const AIM_MS = 250;

/** `now` in milliseconds. */
export function createSeen(now: () => number): Seen {
  let pictures: { hits: Frame<Click>["hits"]; at: number }[] = [];
  let last: Frame<Click> | null = null;
  /** Those of the last moment, and the one that was there when it began. */
  const recent = () =>
    pictures.slice(
      Math.max(
        0,
        pictures.findLastIndex(({ at }) => now() - at >= AIM_MS),
      ),
    );
  return {
    drawn(frame) {
      last = frame;
      pictures = [...recent(), { hits: frame.hits, at: now() }];
    },
    frame: () => last,
    hitAt(x, y) {
      const [first, ...later] = recent();
      const hit = last && hitAt(last, x, y);
      if (!first || !hit || now() - first.at < AIM_MS) return null;
      const meant = JSON.stringify(hit.does);
      const same = [first, ...later].every(({ hits }) => JSON.stringify(hitAt({ hits }, x, y)?.does) === meant);
      return same ? hit : null;
    },
  };
}
