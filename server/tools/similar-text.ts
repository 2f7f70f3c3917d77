/**
 * Finds text as `read` shows it: control characters as escapes, and typographic characters as the plain ones that models write for
 * them. Replacing it keeps the characters of the file wherever the text was not changed. Pure.
 */
import { printable } from "../../protocol/printable.ts";
import { foldLookAlikes } from "../workspace/look-alikes.ts";

const MAX_LENGTH = 2_000_000;

/** Terminal colors, a character with its combining marks, or any other character. */
const UNIT = /\x1b\[[0-9;:]*m|\P{M}\p{M}*|[\s\S]/gu;

interface FoldedText {
  text: string;
  /** For each offset in `text` at which a character of the original begins, and for its end, the offset in the original. */
  origins: Map<number, number>;
}

const foldUnit = (unit: string) => foldLookAlikes(printable(unit, { keepNewlines: true }));

export const foldText = (text: string): string => text.replace(UNIT, foldUnit);

function foldWithOrigins(text: string): FoldedText {
  const pieces: string[] = [];
  const origins = new Map<number, number>();
  let length = 0;
  for (const { 0: unit, index } of text.matchAll(UNIT)) {
    const folded = foldUnit(unit);
    if (folded !== "") origins.set(length, index);
    pieces.push(folded);
    length += folded.length;
  }
  origins.set(length, text.length);
  return { text: pieces.join(""), origins };
}

/** The one part of the text that looks like `wanted`; null if there is none, or more than one. */
export function findSimilar(text: string, wanted: string): { start: number; end: number } | null {
  if (text.length > MAX_LENGTH) return null;
  const folded = foldWithOrigins(text);
  const search = foldText(wanted);
  const at = folded.text.indexOf(search);
  if (search === "" || at < 0 || folded.text.indexOf(search, at + 1) >= 0) return null;
  const [start, end] = [folded.origins.get(at), folded.origins.get(at + search.length)];
  return start === undefined || end === undefined ? null : { start, end };
}

/** The replacement with the characters of the original where both look alike: at its beginning, at its end, and for escapes. */
export function keepOriginal(original: string, replacement: string): string {
  const restored = restoreControls(original, replacement);
  const [old, next] = [foldWithOrigins(original), foldWithOrigins(restored)];
  const bothBegin = (a: number, b: number) => old.origins.has(a) && next.origins.has(b);
  let start = 0;
  const shorter = Math.min(old.text.length, next.text.length);
  for (let at = 1; at <= shorter && old.text[at - 1] === next.text[at - 1]; at += 1) if (bothBegin(at, at)) start = at;
  let end = 0;
  for (let at = 1; at <= shorter - start; at += 1) {
    const [a, b] = [old.text.length - at, next.text.length - at];
    if (old.text[a] !== next.text[b]) break;
    if (bothBegin(a, b)) end = at;
  }
  const origin = (folded: FoldedText, at: number) => folded.origins.get(at) ?? 0;
  return (
    original.slice(0, origin(old, start)) +
    restored.slice(origin(next, start), origin(next, next.text.length - end)) +
    original.slice(origin(old, old.text.length - end))
  );
}

const ESCAPE = /\\x[0-9a-f]{2}|\\u\{[0-9a-f]+\}/g;

/** Writes the escapes of control characters that the original contains as these characters. */
export function restoreControls(original: string, text: string): string {
  return text.replace(ESCAPE, (escaped) => {
    const code = Number.parseInt(escaped.replace(/^\\x|^\\u\{|\}$/g, ""), 16);
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : escaped;
    return original.includes(character) && !original.includes(escaped) ? character : escaped;
  });
}
