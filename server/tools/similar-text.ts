/**
 * Finds text as `read` shows it: control characters as escapes, and typographic characters as the plain ones that models write for
 * them. Replacing it keeps the characters of the file wherever the text was not changed. Pure.
 */
import { printable } from "../../protocol/printable.ts";
import { foldLookAlikes } from "../workspace/look-alikes.ts";

const MAX_LENGTH = 500_000;

/** Plain text, terminal colors, a character with its combining marks, or any other character. */
const UNIT = /[\t\n\x20-\x7e]+(?!\p{M})|\x1b\[[0-9;:]*m|\P{M}\p{M}*|[\s\S]/gu;

interface FoldedText {
  text: string;
  /** The offset in the original of the character that begins at this offset in `text`, or of the end; undefined within a character. */
  origin(offset: number): number | undefined;
}

/** Text that is shown as it is. */
const PLAIN = /^[\t\n\x20-\x7e]*$/;

const foldUnit = (unit: string) => (PLAIN.test(unit) ? unit : foldLookAlikes(printable(unit, { keepNewlines: true })));

export const foldText = (text: string): string => (PLAIN.test(text) ? text : text.replace(UNIT, foldUnit));

function foldWithOrigins(text: string): FoldedText {
  const pieces: string[] = [];
  const units: FoldedUnit[] = [];
  let length = 0;
  for (const { 0: unit, index } of text.matchAll(UNIT)) {
    const folded = foldUnit(unit);
    if (folded === "") continue;
    units.push({ at: length, origin: index, isPlain: folded === unit });
    pieces.push(folded);
    length += folded.length;
  }
  units.push({ at: length, origin: text.length, isPlain: false });
  return { text: pieces.join(""), origin: (offset) => findOrigin(units, offset) };
}

interface FoldedUnit {
  /** Where it begins in the folded text, and in the original. */
  at: number;
  origin: number;
  /** It is the same in both. */
  isPlain: boolean;
}

function findOrigin(units: readonly FoldedUnit[], offset: number): number | undefined {
  let low = 0;
  let high = units.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((units[middle]?.at ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const unit = units[low - 1];
  if (unit === undefined || (unit.at !== offset && !unit.isPlain)) return undefined;
  return unit.origin + (offset - unit.at);
}

/** The one part of the text that looks like `wanted`; null if there is none, or more than one. */
export function findSimilar(text: string, wanted: string): { start: number; end: number } | null {
  // Folding at once is much faster than with offsets, and most searches end here.
  if (text.length > MAX_LENGTH || !foldUnit(text).includes(foldUnit(wanted))) return null;
  const folded = foldWithOrigins(text);
  const search = foldText(wanted);
  const at = folded.text.indexOf(search);
  if (search === "" || at < 0 || folded.text.indexOf(search, at + 1) >= 0) return null;
  const [start, end] = [folded.origin(at), folded.origin(at + search.length)];
  return start === undefined || end === undefined ? null : { start, end };
}

/** The replacement with the characters of the original where both look alike: at its beginning, at its end, and for escapes. */
export function keepOriginal(original: string, replacement: string): string {
  const restored = restoreControls(original, replacement);
  const [old, next] = [foldWithOrigins(original), foldWithOrigins(restored)];
  const bothBegin = (a: number, b: number) => old.origin(a) !== undefined && next.origin(b) !== undefined;
  let start = 0;
  const shorter = Math.min(old.text.length, next.text.length);
  for (let at = 1; at <= shorter && old.text[at - 1] === next.text[at - 1]; at += 1) if (bothBegin(at, at)) start = at;
  let end = 0;
  for (let at = 1; at <= shorter - start; at += 1) {
    const [a, b] = [old.text.length - at, next.text.length - at];
    if (old.text[a] !== next.text[b]) break;
    if (bothBegin(a, b)) end = at;
  }
  return (
    original.slice(0, old.origin(start)) +
    restored.slice(next.origin(start), next.origin(next.text.length - end)) +
    original.slice(old.origin(old.text.length - end))
  );
}

const ESCAPE = /\\x[0-9a-f]{2}|\\u\{[0-9a-f]+\}/g;

/**
 * Writes the escapes with which `read` shows control characters as these characters, if the original contains them. Other escapes are
 * source code, which stays.
 */
export function restoreControls(original: string, text: string): string {
  return text.replace(ESCAPE, (escaped) => {
    const code = Number.parseInt(escaped.replace(/^\\x|^\\u\{|\}$/g, ""), 16);
    const character = code <= 0x10ffff ? String.fromCodePoint(code) : escaped;
    const isShown = printable(character, { keepNewlines: true }) === escaped;
    return isShown && original.includes(character) && !original.includes(escaped) ? character : escaped;
  });
}
