/** What somebody who mistyped a name may have meant. */

/** No name is longer than that. */
const MOST = 64;

/** The name that differs least, where it differs little; null where none is near. */
export function nearest(name: string, names: readonly string[]): string | null {
  const typed = name.slice(0, MOST).toLowerCase();
  const [best] = names
    .map((candidate) => ({ candidate, off: changes(typed, candidate.toLowerCase()) }))
    .toSorted((one, other) => one.off - other.off);
  return best && best.off <= Math.max(1, Math.floor(typed.length / 3)) ? best.candidate : null;
}

/** How many letters must be put in, left out or replaced. */
export function changes(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [above, letter] of from.split("").entries()) {
    const next = [above + 1];
    for (let at = 1; at <= to.length; at++) {
      const replaced = (row[at - 1] ?? 0) + (to[at - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
