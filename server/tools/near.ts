/** Where a text was meant to be that is not there to the letter: the closest lines, and what differs. */

const mostCandidates = 40;
const mostLinesCompared = 20_000;
const worthShowing = 0.4;
const around = 1;

export function describeNearMiss(text: string, wanted: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const old = wanted.replace(/\n$/, "").split("\n");
  const found = closest(lines, old);
  const hint = old.every((line) => /^\s*\d+\t/.test(line))
    ? " Leave out the line numbers that read puts before each line."
    : "";
  if (found === null || found.score < worthShowing)
    return `the old text is not in the file, nor anything like it.${hint} Read the file again.`;
  const first = Math.max(0, found.start - around);
  const shown = lines
    .slice(first, found.start + old.length + around)
    .map((line, index) => `${first + index + 1}\t${line.slice(0, 500)}`);
  const actual = lines.slice(found.start, found.start + old.length).join("\n");
  const why =
    withoutSpace(actual) === withoutSpace(old.join("\n"))
      ? "It differs only in white space."
      : firstDifference(lines, old, found.start);
  return `the old text is not in the file as it was given.${hint} ${why} The closest place:\n${shown.join("\n")}`;
}

const withoutSpace = (text: string) => text.replace(/\s+/g, "");

function firstDifference(lines: string[], old: string[], start: number): string {
  const index = old.findIndex((line, offset) => line !== lines[start + offset]);
  return `Line ${start + index + 1} differs.`;
}

interface Found {
  start: number;
  score: number;
}

function closest(lines: string[], old: string[]): Found | null {
  const scored = candidates(lines, old).map((start) => ({ start, score: similarWindow(lines, old, start) }));
  return scored.reduce<Found | null>((best, next) => (best === null || next.score > best.score ? next : best), null);
}

/** Starts of windows in which most lines are the same but for white space; where there are none, those of the most similar lines. */
function candidates(lines: string[], old: string[]): number[] {
  const votes = new Map<number, number>();
  const vote = (start: number, weight: number) => {
    if (start > -old.length && start < lines.length)
      votes.set(Math.max(0, start), (votes.get(Math.max(0, start)) ?? 0) + weight);
  };
  const wanted = new Map<string, number[]>();
  for (const [offset, line] of old.entries()) {
    const key = withoutSpace(line);
    if (key !== "") wanted.set(key, [...(wanted.get(key) ?? []), offset].slice(0, 4));
  }
  const compared = lines.slice(0, mostLinesCompared);
  for (const [at, line] of compared.entries())
    for (const offset of wanted.get(withoutSpace(line)) ?? []) vote(at - offset, 1);
  if (votes.size === 0) {
    const offset = longestLine(old);
    const sample = pairs(old[offset] ?? "");
    for (const [at, line] of compared.entries()) {
      const score = similarPairs(sample, pairs(line.slice(0, 300)));
      if (score > worthShowing / 2) vote(at - offset, score);
    }
  }
  return [...votes]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, mostCandidates)
    .map(([start]) => start);
}

const longestLine = (lines: string[]) =>
  lines.reduce((best, line, index) => (line.trim().length > (lines[best] ?? "").trim().length ? index : best), 0);

function similarWindow(lines: string[], old: string[], start: number): number {
  const sum = old.slice(0, 400).reduce((total, line, offset) => total + similar(line, lines[start + offset] ?? ""), 0);
  return sum / Math.min(400, old.length);
}

function similar(a: string, b: string): number {
  if (a === b) return 1;
  if (withoutSpace(a) === withoutSpace(b)) return 0.95;
  return 0.9 * similarPairs(pairs(a.slice(0, 300)), pairs(b.slice(0, 300)));
}

/** How often each pair of neighbouring letters occurs, white space apart. */
function pairs(line: string): Map<string, number> {
  const text = withoutSpace(line);
  const counts = new Map<string, number>();
  for (let index = 0; index + 1 < text.length; index += 1) {
    const pair = text.slice(index, index + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

function similarPairs(a: Map<string, number>, b: Map<string, number>): number {
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const both = [...a].reduce((sum, [pair, count]) => sum + Math.min(count, b.get(pair) ?? 0), 0);
  const all = total(a) + total(b);
  return all === 0 ? 0 : (2 * both) / all;
}
