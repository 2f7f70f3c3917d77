/** How text is laid before a model: numbered lines, bounded in lines, width and bytes, nothing hidden in it. */
import { printable } from "../../protocol/printable.ts";

export const mostLines = 2000;
const mostWidth = 2000;
export const mostBytes = 50_000;

/** Text for a model with everything visible that a terminal would act on. */
export const visible = (text: string): string => printable(text, { keepNewlines: true });

export interface Shown {
  text: string;
  /** How many of the lines are in `text`. */
  lines: number;
}

/** `first`: the number of the first line. */
export function numbered(lines: readonly string[], first: number, limit = mostLines): Shown {
  const shown: string[] = [];
  let size = 0;
  for (const line of lines.slice(0, limit)) {
    const text = `${first + shown.length}\t${narrow(line)}`;
    size += byteLength(text) + 1;
    if (size > mostBytes && shown.length > 0) break;
    shown.push(text);
  }
  return { text: shown.join("\n"), lines: shown.length };
}

export function narrow(line: string, width = mostWidth): string {
  const cut = line.length > width ? `${line.slice(0, width)}… (${line.length - width} more characters)` : line;
  return printable(cut);
}

export const byteLength = (text: string): number => new TextEncoder().encode(text).length;

export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
