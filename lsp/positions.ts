/** Places in a text as an editor counts them, in bytes, UTF-16 units or characters, and as strings here count them. Pure. */
import type { Range } from "vscode-languageserver/node";

export const encodings = ["utf-8", "utf-32", "utf-16"] as const;
export type Encoding = (typeof encodings)[number];

/** The last line of a range, from 0: a selection of whole lines ends before the first character of the next. */
export const lastLineOf = ({ start, end }: Range): number =>
  end.character === 0 && end.line > start.line ? end.line - 1 : end.line;

/** The place in UTF-16 units of what is given in units of the encoding; beyond the end of the line is its end. */
export function unitsBefore(line: string, count: number, encoding: Encoding): number {
  if (encoding === "utf-16") return count;
  let at = 0;
  let counted = 0;
  for (const character of line) {
    if (counted >= count) break;
    counted += sizeOf(character, encoding);
    at += character.length;
  }
  return at;
}

/** How many units of the encoding stand before a place in UTF-16 units. */
export function countBefore(line: string, at: number, encoding: Encoding): number {
  if (encoding === "utf-16") return at;
  let counted = 0;
  for (const character of line.slice(0, at)) counted += sizeOf(character, encoding);
  return counted;
}

function sizeOf(character: string, encoding: Encoding): number {
  if (encoding === "utf-32") return 1;
  const code = character.codePointAt(0) ?? 0;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}
