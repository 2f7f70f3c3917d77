/** Suggests the closest known name for a mistyped one. */
import { distance } from "fastest-levenshtein";

/** Longer input is cut off: no name is longer. */
const MAX_LENGTH = 64;

/** The most similar name, ignoring case; null if none is similar enough. */
export function findNearest(name: string, names: readonly string[]): string | null {
  const typed = name.slice(0, MAX_LENGTH).toLowerCase();
  // Two letters that changed places count as two changes, so short names need that much, too.
  let limit = typed.length < 4 ? 1 : Math.max(2, Math.floor(typed.length / 3));
  let nearest: string | null = null;
  for (const candidate of names) {
    const changes = distance(typed, candidate.toLowerCase());
    if (changes > limit) continue;
    nearest = candidate;
    limit = changes - 1;
  }
  return nearest;
}
