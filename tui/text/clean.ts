/** Makes text from elsewhere safe to draw: escapes control characters, expands tabs, and splits lines. */
import { printable } from "../../protocol/printable.ts";
import { textWidth } from "../draw/width.ts";

const TAB = 4;

export const cleanLines = (text: string): string[] => text.replaceAll("\r\n", "\n").split("\n").map(cleanLine);

export const cleanLine = (text: string): string => expandTabs(printable(text));

/** Expands tabs to the next tab stop. */
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
