/** Formats text for the model: numbered lines, limited in count, width and bytes, with control characters escaped. */
import { printable } from "../../protocol/printable.ts";

export const MAX_LINES = 2000;
const MAX_LINE_WIDTH = 2000;
export const MAX_OUTPUT_BYTES = 50_000;

/** Makes characters visible that a terminal would interpret. */
export const escapeControls = (text: string): string => printable(text, { keepNewlines: true });

export interface NumberedLines {
  text: string;
  /** The number of lines in `text`. */
  lines: number;
}

/** `first`: the number of the first line. */
export function numberLines(lines: readonly string[], first: number, limit = MAX_LINES): NumberedLines {
  const shown: string[] = [];
  let size = 0;
  for (const line of lines.slice(0, limit)) {
    const text = `${first + shown.length}\t${truncateLine(line)}`;
    size += countBytes(text) + 1;
    if (size > MAX_OUTPUT_BYTES && shown.length > 0) break;
    shown.push(text);
  }
  return { text: shown.join("\n"), lines: shown.length };
}

export function truncateLine(line: string, width = MAX_LINE_WIDTH): string {
  const cut = line.length > width ? `${line.slice(0, width)}… (${line.length - width} more characters)` : line;
  return printable(cut);
}

export const countBytes = (text: string): number => new TextEncoder().encode(text).length;

export const formatCount = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
