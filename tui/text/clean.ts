/** Text from outside as it may be drawn: nothing that steers a terminal, tabs as blanks, one string a line. */
import { printable } from "../../protocol/printable.ts";
import { textWidth } from "../draw/width.ts";

const TAB = 4;

export const linesOf = (text: string): string[] => text.replaceAll("\r\n", "\n").split("\n").map(cleanLine);

export const cleanLine = (text: string): string => expandTabs(printable(text));

/** Blanks up to the next stop. */
export function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  const [first = "", ...rest] = text.split("\t");
  let width = textWidth(first);
  let expanded = first;
  for (const piece of rest) {
    const blanks = TAB - (width % TAB);
    expanded += " ".repeat(blanks) + piece;
    width += blanks + textWidth(piece);
  }
  return expanded;
}
