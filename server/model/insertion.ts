/** From what a model said to what is offered: without what is there already, and up to a sensible end. Pure. */
import type { Around } from "./fim.ts";

export interface Insertion {
  text: string;
  /** It has its end: nothing that the model says now would be offered. */
  ended: boolean;
}

const MOST_LINES = 12;
const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** `spoken`: from a model that was asked in words, which may put a fence around it or repeat the line. */
export function insertionOf(said: string, around: Around, spoken: boolean): Insertion {
  const plain = (spoken ? bare(said, around) : said).replaceAll("\r\n", "\n");
  const lines = plain.split("\n");
  const rest = firstLine(around.after);
  const most = rest.trim() === "" ? endOfBlock(lines, indentOf(lastLine(around.before))) : 1;
  const ended = most < lines.length;
  const kept = lines.slice(0, most);
  const text = withoutWhatFollows(kept.join("\n"), around.after, rest).trimEnd();
  return { text: text.trim() === "" ? "" : text, ended };
}

/** How many lines belong to it: up to a blank one, or one that stands further out than the line it begins in. */
function endOfBlock(lines: readonly string[], indent: number): number {
  let said = lines[0]?.trim() !== "";
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      // The last line may only be unfinished.
      if (said && at < lines.length - 1) return at;
      continue;
    }
    if (at >= MOST_LINES || indentOf(line) < indent) return at;
    said = true;
  }
  return lines.length;
}

function withoutWhatFollows(text: string, after: string, rest: string): string {
  const line = rest.trimEnd();
  // Closing marks stay where the text itself opened them: foo(bar(x)|).
  if (line.trim().length > 0 && /^[\s)\]}>;,"'`]*$/.test(line)) return withoutClosers(text, line.trim());
  if (line.trim().length > 2 && text.endsWith(line)) return text.slice(0, -line.length);
  const next = after
    .slice(rest.length)
    .split("\n")
    .find((one) => one.trim() !== "");
  const cut = text.lastIndexOf("\n");
  return next !== undefined && cut > 0 && text.slice(cut + 1).trimEnd() === next.trimEnd() ? text.slice(0, cut) : text;
}

function withoutClosers(text: string, closing: string): string {
  for (let size = Math.min(closing.length, text.length); size > 0; size--) {
    const end = closing.slice(0, size);
    if (text.endsWith(end) && [...end].every((mark) => opensTooFew(text, mark))) return text.slice(0, -size);
  }
  return text;
}

const opensTooFew = (text: string, mark: string): boolean => {
  const opener = closers[mark];
  return opener === undefined ? true : count(text, opener) < count(text, mark);
};

const count = (text: string, mark: string): number => text.split(mark).length - 1;

/** Without a fence around it, and without the beginning of the line where the model repeats that. */
function bare(said: string, { before }: Around): string {
  const inner = /^\s*```[^\n]*\n([\s\S]*?)(?:\n?```[\s\S]*)?$/.exec(said)?.[1] ?? said;
  const line = lastLine(before).trimStart();
  const begins = inner.trimStart();
  return line.trim().length > 1 && begins.startsWith(line) ? begins.slice(line.length) : inner;
}

const firstLine = (text: string): string => /^[^\n]*/.exec(text)?.[0] ?? "";
const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1);
const indentOf = (line: string): number => line.length - line.trimStart().length;
