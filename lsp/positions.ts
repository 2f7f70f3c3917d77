/** Converts positions between the editor's encoding (UTF-8, UTF-16 or UTF-32) and UTF-16 offsets. Pure. */
import type { Range } from "vscode-languageserver/node";

export const encodings = ["utf-8", "utf-32", "utf-16"] as const;
export type Encoding = (typeof encodings)[number];

/** The last line of a range, from 0: a selection of whole lines ends before the first character of the next. */
export const lastLineOf = ({ start, end }: Range): number =>
  end.character === 0 && end.line > start.line ? end.line - 1 : end.line;

/** Converts an offset in units of the encoding to UTF-16. Clamps to the end of the line. */
export function toUtf16Offset(line: string, count: number, encoding: Encoding): number {
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

/** Converts a UTF-16 offset to units of the encoding. */
export function fromUtf16Offset(line: string, at: number, encoding: Encoding): number {
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
