/**
 * How well a path fits what was typed: its characters in order, better where they stand together, begin words, and lie in the name of
 * the file. Pure; a whole list is gone through in slices, so that whoever calls can do other things between them.
 */

export interface Scored {
  name: string;
  score: number;
}

const SLICE = 2_000;

const isEdge = (code: number): boolean => code === 47 || code === 45 || code === 95 || code === 46 || code === 32;
const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isLower = (code: number): boolean => code >= 97 && code <= 122;

/** Null where it does not fit. `small` is the path and `text` what was typed, both in small letters. */
export function score(name: string, small: string, text: string): number | null {
  if (text === "") return 0;
  const end = name.endsWith("/") ? name.length - 2 : name.length - 1;
  const base = name.lastIndexOf("/", end) + 1;
  // In the name of the file, where it fits there; else anywhere.
  const inBase = fitFrom(name, small, text, base);
  const found = inBase ?? fitFrom(name, small, text, 0);
  if (found === null) return null;
  return found + (inBase === null ? 0 : 12) - name.length / 40;
}

function fitFrom(name: string, small: string, text: string, from: number): number | null {
  const whole = small.indexOf(text, from);
  if (whole >= 0) return text.length * 8 + edge(name, whole) + (whole === from ? 6 : 0);
  let at = from;
  let last = -2;
  let sum = 0;
  for (let index = 0; index < text.length; index++) {
    const found = small.indexOf(text[index] as string, at);
    if (found < 0) return null;
    sum += found === last + 1 ? 4 : edge(name, found) - Math.min(3, found - at);
    last = found;
    at = found + 1;
  }
  return sum;
}

function edge(name: string, at: number): number {
  if (at === 0) return 4;
  const [before, here] = [name.charCodeAt(at - 1), name.charCodeAt(at)];
  return isEdge(before) || (isLower(before) && isUpper(here)) ? 4 : 0;
}

/** A path, and the same in small letters, made once. */
export interface Entry {
  name: string;
  small: string;
}

export const entryOf = (name: string): Entry => ({ name, small: name.toLowerCase() });

/** Yields after each slice; returns the best, and how many fitted. */
export function* search(
  entries: readonly Entry[],
  text: string,
  limit: number,
): Generator<void, { best: Scored[]; count: number }> {
  const wanted = text.toLowerCase();
  let best: Scored[] = [];
  let count = 0;
  for (let from = 0; from < entries.length; from += SLICE) {
    for (let index = from; index < Math.min(entries.length, from + SLICE); index++) {
      const { name, small } = entries[index] as Entry;
      const points = score(name, small, wanted);
      if (points === null) continue;
      count++;
      best.push({ name, score: points });
    }
    if (best.length > 4 * limit) best = top(best, limit);
    yield;
  }
  return { best: top(best, limit), count };
}

const top = (all: Scored[], limit: number): Scored[] =>
  all
    .sort(
      (one, other) =>
        other.score - one.score || one.name.length - other.name.length || (one.name < other.name ? -1 : 1),
    )
    .slice(0, limit);
