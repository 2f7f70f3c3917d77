/** Where characters, words and lines begin and end in a text. Offsets count UTF-16 units, as strings do. */
import { characters } from "../draw/width.ts";

let made: Intl.Segmenter | null = null;
const words = (line: string): Intl.Segments => {
  made ??= new Intl.Segmenter(undefined, { granularity: "word" });
  return made.segment(line);
};

const isPlain = (character: string | undefined): boolean =>
  character === undefined || (character >= " " && character <= "~");

/** Where the line of this offset begins. */
export const lineStart = (text: string, at: number): number => (at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1);

/** Where the line of this offset ends, before its `\n`. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** A line end is always a boundary of its own, so that a line is all that has to be looked at. */
function characterAt(text: string, at: number): { from: number; to: number } {
  if (text[at] === "\n" || (isPlain(text[at]) && isPlain(text[at + 1]))) return { from: at, to: at + 1 };
  const start = lineStart(text, at);
  const found = characters(text.slice(start, lineEnd(text, at))).containing(at - start);
  return found ? { from: start + found.index, to: start + found.index + found.segment.length } : { from: at, to: at };
}

/** The end of the character that begins here. */
export const nextCharacter = (text: string, at: number): number =>
  at >= text.length ? text.length : characterAt(text, at).to;

/** The beginning of the character that ends here. */
export const previousCharacter = (text: string, at: number): number => (at <= 0 ? 0 : characterAt(text, at - 1).from);

/** The nearest place at or after this one where a cursor may stand. */
export function boundary(text: string, at: number): number {
  if (at <= 0 || at >= text.length) return Math.max(0, Math.min(at, text.length));
  const { from, to } = characterAt(text, at);
  return from === at ? at : to;
}

interface Word {
  from: number;
  to: number;
}

/** The words of one line, as its language has them; a chip is a word, too. */
function wordsOf(text: string, at: number): Word[] {
  const start = lineStart(text, at);
  return Array.from(words(text.slice(start, lineEnd(text, at))))
    .filter(({ isWordLike, segment }) => isWordLike || (segment.codePointAt(0) ?? 0) >= 0x100000)
    .map(({ index, segment }) => ({ from: start + index, to: start + index + segment.length }));
}

/** The beginning of the word before; in an earlier line where this one has none. */
export function previousWord(text: string, at: number): number {
  for (let end = at; ; end = lineStart(text, end) - 1) {
    const word = wordsOf(text, end).findLast(({ from }) => from < at);
    if (word) return word.from;
    if (lineStart(text, end) === 0) return 0;
  }
}

/** The word that ends next; in a later line where this one has none. */
export function nextWord(text: string, at: number): Word {
  for (let start = at; ; start = lineEnd(text, start) + 1) {
    const word = wordsOf(text, start).find(({ to }) => to > at);
    if (word) return { from: Math.max(word.from, at), to: word.to };
    if (lineEnd(text, start) === text.length) return { from: text.length, to: text.length };
  }
}
