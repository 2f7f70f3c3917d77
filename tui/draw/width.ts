/** Measures text in terminal columns, by graphemes. */
import stringWidth from "string-width";

/** Created on first use, because that takes longer than the rest of a first frame. */
let segmenter: Intl.Segmenter | null = null;
export const segmentGraphemes = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return segmenter.segment(text);
};

/** Characters that take one column each and never combine with the one before. */
const simple =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u203b\u203d-\u2048\u20ac\u2190-\u22ff\u2315\u2387\u23ce\u2500-\u25fc\u2605\u2610\u2611\u2713\u2717\u276f\u2800-\u28ff]*$/;

/** Memo cache. */
const knownWidths = new Map<string, number>();
const MAX_KNOWN = 10_000;

/** Splits text into graphemes: what a user sees as single characters. */
export function splitGraphemes(text: string): string[] {
  if (simple.test(text)) return text.split("");
  return Array.from(segmentGraphemes(text), ({ segment }) => segment);
}

/** The columns of a grapheme: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && simple.test(grapheme)) return 1;
  const before = knownWidths.get(grapheme);
  if (before !== undefined) return before;
  const width = Math.min(2, stringWidth(grapheme));
  if (knownWidths.size > MAX_KNOWN) knownWidths.clear();
  knownWidths.set(grapheme, width);
  return width;
}

export function textWidth(text: string): number {
  if (simple.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmentGraphemes(text)) width += graphemeWidth(segment);
  return width;
}

/** Shortens text at its end, marked with `…`. */
export function truncateText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns <= 0 ? "" : `${takeColumns(text, columns - 1)}…`;
}

/** Shortens text at its start, marked with `…`. For paths. */
export function truncateStart(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  const all = splitGraphemes(text);
  let width = 1;
  let at = all.length;
  while (at > 0 && width + graphemeWidth(all[at - 1] ?? "") <= columns) width += graphemeWidth(all[--at] ?? "");
  return `…${all.slice(at).join("")}`;
}

/** The longest prefix that fits into these columns. */
export function takeColumns(text: string, columns: number): string {
  if (simple.test(text)) return text.slice(0, Math.max(0, columns));
  let width = 0;
  let result = "";
  for (const { segment } of segmentGraphemes(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    result += segment;
  }
  return result;
}
