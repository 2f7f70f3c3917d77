/** How many columns text takes, by what a person sees as one character. */
import stringWidth from "string-width";

/** Made when there is text that needs it: making it takes longer than the rest of a first picture. */
let made: Intl.Segmenter | null = null;
export const characters = (text: string): Intl.Segments => {
  made ??= new Intl.Segmenter(undefined, { granularity: "grapheme" });
  return made.segment(text);
};

/** Letters, signs, lines, blocks and dots that join with nothing before them and take one column each. */
const simple =
  /^[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u203b\u203d-\u2048\u2190-\u2193\u2500-\u25a9\u25cb-\u25d5\u2800-\u28ff]*$/;

const known = new Map<string, number>();
const MOST_KNOWN = 10_000;

/** What a person sees as single characters, in order. */
export function graphemes(text: string): string[] {
  if (simple.test(text)) return text.split("");
  return Array.from(characters(text), ({ segment }) => segment);
}

/** Columns of one character as a person sees it: 0, 1 or 2. */
export function graphemeWidth(grapheme: string): number {
  if (grapheme.length === 1 && simple.test(grapheme)) return 1;
  const before = known.get(grapheme);
  if (before !== undefined) return before;
  const width = Math.min(2, stringWidth(grapheme));
  if (known.size > MOST_KNOWN) known.clear();
  known.set(grapheme, width);
  return width;
}

export function textWidth(text: string): number {
  if (simple.test(text)) return text.length;
  let width = 0;
  for (const { segment } of characters(text)) width += graphemeWidth(segment);
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
  if (simple.test(text)) return text.slice(0, Math.max(0, columns));
  let width = 0;
  let kept = "";
  for (const { segment } of characters(text)) {
    width += graphemeWidth(segment);
    if (width > columns) break;
    kept += segment;
  }
  return kept;
}
