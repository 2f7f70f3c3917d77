/** Explains why an exact text was not found: the most similar lines and how they differ. */

const MAX_CANDIDATES = 40;
const MAX_LINES_COMPARED = 20_000;
const MIN_SCORE = 0.4;
const CONTEXT_LINES = 1;

export function describeNearMiss(text: string, oldText: string): string {
  const lines = text.replace(/\n$/, "").split("\n");
  const old = oldText.replace(/\n$/, "").split("\n");
  const found = findBestMatch(lines, old);
  const hint = old.every((line) => /^\s*\d+\t/.test(line)) ? " Omit the line numbers that read adds to each line." : "";
  if (found === null || found.score < MIN_SCORE)
    return `the old text is not in the file, and nothing similar is.${hint} Read the file again.`;
  const first = Math.max(0, found.start - CONTEXT_LINES);
  const shown = lines
    .slice(first, found.start + old.length + CONTEXT_LINES)
    .map((line, index) => `${first + index + 1}\t${line.slice(0, 500)}`);
  const actual = lines.slice(found.start, found.start + old.length).join("\n");
  const reason =
    removeWhitespace(actual) === removeWhitespace(old.join("\n"))
      ? "It differs only in whitespace."
      : describeFirstDifference(lines, old, found.start);
  return `the old text is not in the file exactly.${hint} ${reason} The closest match:\n${shown.join("\n")}`;
}

const removeWhitespace = (text: string) => text.replace(/\s+/g, "");

function describeFirstDifference(lines: string[], old: string[], start: number): string {
  const index = old.findIndex((line, offset) => line !== lines[start + offset]);
  return `Line ${start + index + 1} differs.`;
}

interface BestMatch {
  start: number;
  score: number;
}

function findBestMatch(lines: string[], old: string[]): BestMatch | null {
  const scored = findCandidates(lines, old).map((start) => ({ start, score: scoreWindow(lines, old, start) }));
  return scored.reduce<BestMatch | null>(
    (best, next) => (best === null || next.score > best.score ? next : best),
    null,
  );
}

/** Starts of the windows in which most lines match except for whitespace; if there are none, those of the most similar lines. */
function findCandidates(lines: string[], old: string[]): number[] {
  const votes = new Map<number, number>();
  const vote = (start: number, weight: number) => {
    if (start > -old.length && start < lines.length)
      votes.set(Math.max(0, start), (votes.get(Math.max(0, start)) ?? 0) + weight);
  };
  const offsetsByLine = new Map<string, number[]>();
  for (const [offset, line] of old.entries()) {
    const key = removeWhitespace(line);
    if (key !== "") offsetsByLine.set(key, [...(offsetsByLine.get(key) ?? []), offset].slice(0, 4));
  }
  const compared = lines.slice(0, MAX_LINES_COMPARED);
  for (const [at, line] of compared.entries())
    for (const offset of offsetsByLine.get(removeWhitespace(line)) ?? []) vote(at - offset, 1);
  if (votes.size === 0) {
    const offset = findLongestLine(old);
    const sample = countPairs(old[offset] ?? "");
    for (const [at, line] of compared.entries()) {
      const score = scorePairs(sample, countPairs(line.slice(0, 300)));
      if (score > MIN_SCORE / 2) vote(at - offset, score);
    }
  }
  return [...votes]
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, MAX_CANDIDATES)
    .map(([start]) => start);
}

const findLongestLine = (lines: string[]) =>
  lines.reduce((best, line, index) => (line.trim().length > (lines[best] ?? "").trim().length ? index : best), 0);

function scoreWindow(lines: string[], old: string[], start: number): number {
  const sum = old
    .slice(0, 400)
    .reduce((total, line, offset) => total + scoreLine(line, lines[start + offset] ?? ""), 0);
  return sum / Math.min(400, old.length);
}

function scoreLine(a: string, b: string): number {
  if (a === b) return 1;
  if (removeWhitespace(a) === removeWhitespace(b)) return 0.95;
  return 0.9 * scorePairs(countPairs(a.slice(0, 300)), countPairs(b.slice(0, 300)));
}

/** How often each pair of adjacent characters occurs, ignoring whitespace. */
function countPairs(line: string): Map<string, number> {
  const text = removeWhitespace(line);
  const counts = new Map<string, number>();
  for (let index = 0; index + 1 < text.length; index += 1) {
    const pair = text.slice(index, index + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

function scorePairs(a: Map<string, number>, b: Map<string, number>): number {
  const total = (counts: Map<string, number>) => [...counts.values()].reduce((sum, count) => sum + count, 0);
  const both = [...a].reduce((sum, [pair, count]) => sum + Math.min(count, b.get(pair) ?? 0), 0);
  const all = total(a) + total(b);
  return all === 0 ? 0 : (2 * both) / all;
}
