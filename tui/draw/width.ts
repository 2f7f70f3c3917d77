/** How many columns text takes, by what a person sees as one character. */
import stringWidth from "string-width";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
const ascii = /^[\x20-\x7e]*$/;

/** Plane 16 is left to private use, and here a character of it stands for something longer: see edit/chips.ts. */
const known = new Map<string, number>();
const MOST_KNOWN = 10_000;

/** What a person sees as single characters, in order. */
export function graphemes(text: string): string[] {
  if (ascii.test(text)) return text.split("");
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns of one character as a person sees it: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && grapheme >= " " && grapheme <= "~") return 1;
  const before = known.get(grapheme);
  if (before !== undefined) return before;
  const width = Math.min(2, stringWidth(grapheme));
  if (known.size > MOST_KNOWN) known.clear();
  known.set(grapheme, width);
  return width;
}

export function textWidth(text: string): number {
  if (ascii.test(text)) return text.length;
  let width = 0;
  for (const { segment } of segmenter.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** As much from the start as fits, with `…` where something was left out. */
export function shortened(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns <= 0 ? "" : `${upTo(text, columns - 1)}…`;
}

/** As much from the end as fits, with `…` where something was left out: for paths. */
export function shortenedStart(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  if (columns <= 0) return "";
  const all = graphemes(text);
  let width = 1;
  let at = all.length;
  while (at > 0 && width + graphemeWidth(all[at - 1] ?? "") <= columns) width += graphemeWidth(all[--at] ?? "");
  return `…${all.slice(at).join("")}`;
}

/** As much from the start as takes no more than these columns. */
export function upTo(text: string, columns: number): string {
  if (ascii.test(text)) return text.slice(0, Math.max(0, columns));
  let width = 0;
  let kept = "";
  for (const { segment } of segmenter.segment(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}
