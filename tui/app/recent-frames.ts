/**
 * The frames of the last moment, for clicks. A click counts only if its target was the same in all of them: a row that appeared under
 * the pointer just now was not what the user aimed at. For the same reason the second half of a double click does not act on what the
 * first half opened.
 */
import { type Frame, type Hit, hitAt } from "../draw/frame.ts";
import type { Click } from "./state.ts";

export interface RecentFrames {
  add(frame: Frame<Click>): void;
  latest(): Frame<Click> | null;
  /** The target at this cell; null if there is none, or if it changed within the last moment. */
  stableHitAt(x: number, y: number): Hit<Click> | null;
}

/** Shorter than anyone needs to read a row and click it, longer than the time between the clicks of a double click. */
const AIM_MS = 250;

/** `now` returns milliseconds. */
export function createRecentFrames(now: () => number): RecentFrames {
  let frames: { hits: Frame<Click>["hits"]; at: number }[] = [];
  let latest: Frame<Click> | null = null;
  /** The frames of the last moment, and the one that was visible when it began. */
  const recent = () => {
    const visible = frames.findLastIndex(({ at }) => now() - at >= AIM_MS);
    return frames.slice(Math.max(0, visible));
  };
  return {
    add(frame) {
      latest = frame;
      frames = [...recent(), { hits: frame.hits, at: now() }];
    },
    latest: () => latest,
    stableHitAt(x, y) {
      const [first, ...later] = recent();
      const hit = latest && hitAt(latest, x, y);
      if (!first || !hit || now() - first.at < AIM_MS) return null;
      const target = JSON.stringify(hit.click);
      const isStable = [first, ...later].every(({ hits }) => JSON.stringify(hitAt({ hits }, x, y)?.click) === target);
      return isStable ? hit : null;
    },
  };
}
