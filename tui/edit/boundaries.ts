/** Finds boundaries of characters, words and lines in a text. Offsets count UTF-16 code units. */
import { segmentGraphemes } from "../draw/width.ts";

/** Created on first use, because that takes long. */
let wordSegmenter: Intl.Segmenter | null = null;
const segmentWords = (line: string): Intl.Segments => {
  wordSegmenter ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return wordSegmenter.segment(line);
};

const isPlain = (character: string | undefined): boolean =>
  character === undefined || (character >= " " && character <= "~");

/** The start of the line at this offset. */
export const lineStart = (text: string, at: number): number => (at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1);

/** The end of the line at this offset, before its `\n`. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** The grapheme at this offset. A line end is always a boundary, so only the line has to be segmented. */
function characterAt(text: string, at: number): { from: number; to: number } {
  if (text[at] === "\n" || (isPlain(text[at]) && isPlain(text[at + 1]))) return { from: at, to: at + 1 };
  const start = lineStart(text, at);
  const found = segmentGraphemes(text.slice(start, lineEnd(text, at))).containing(at - start);
  return found ? { from: start + found.index, to: start + found.index + found.segment.length } : { from: at, to: at };
}

/** The end of the character that starts here. */
export const nextCharacter = (text: string, at: number): number =>
  at >= text.length ? text.length : characterAt(text, at).to;

/** The start of the character that ends here. */
export const previousCharacter = (text: string, at: number): number => (at <= 0 ? 0 : characterAt(text, at - 1).from);

/** The nearest valid cursor position at or after this offset. */
export function nearestBoundary(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return Math.max(0, Math.min(at, text.length));
  const { from, to } = characterAt(text, at);
  return from === at ? at : to;
}

interface Word {
  from: number;
  to: number;
}

/** The words of the line at this offset. A chip is a word too. */
function findWords(text: string, at: number): Word[] {
  const start = lineStart(text, at);
  return Array.from(segmentWords(text.slice(start, lineEnd(text, at))))
    .filter(({ isWordLike, segment }) => isWordLike || (segment.codePointAt(0) ?? 0) >= 0x100000)
    .map(({ index, segment }) => ({ from: start + index, to: start + index + segment.length }));
}

/** The start of the previous word, searching earlier lines too. */
export function previousWord(text: string, at: number): number {
  for (let end = at; ; end = lineStart(text, end) - 1) {
    const word = findWords(text, end).findLast(({ from }) => from < at);
    if (word) return word.from;
    if (lineStart(text, end) === 0) return 0;
  }
}

/** The word that ends after this offset, searching later lines too. */
export function nextWord(text: string, at: number): Word {
  for (let start = at; ; start = lineEnd(text, start) + 1) {
    const word = findWords(text, start).find(({ to }) => to > at);
    if (word) return { from: Math.max(word.from, at), to: word.to };
    if (lineEnd(text, start) === text.length) return { from: text.length, to: text.length };
  }
}
