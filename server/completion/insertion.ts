/** Turns a model's response into an insertion: without text that is already there, and up to a sensible end. Pure. */
import type { CursorContext } from "./fim.ts";

export interface Insertion {
  text: string;
  /** The insertion is complete; further output would be dropped. */
  ended: boolean;
}

const MAX_LINES = 12;
const closers: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** `isChat`: the response of a chat model, which may add a fence or repeat the line. */
export function parseInsertion(response: string, context: CursorContext, isChat: boolean): Insertion {
  const plain = (isChat ? stripFence(response, context) : response).replaceAll("\r\n", "\n");
  const lines = plain.split("\n");
  const rest = firstLine(context.after);
  const count = rest.trim() === "" ? findBlockEnd(lines, indentOf(lastLine(context.before))) : 1;
  const ended = count < lines.length;
  const block = lines.slice(0, count);
  const text = dropRepeatedSuffix(block.join("\n"), context.after, rest).trimEnd();
  return { text: text.trim() === "" ? "" : text, ended };
}

/** The number of lines in the block: up to a blank line, or a line indented less than the first. */
function findBlockEnd(lines: readonly string[], indent: number): number {
  let hasText = lines[0]?.trim() !== "";
  for (let at = 1; at < lines.length; at++) {
    const line = lines[at] ?? "";
    if (line.trim() === "") {
      // The last line may be incomplete.
      if (hasText && at < lines.length - 1) return at;
      continue;
    }
    if (at >= MAX_LINES || indentOf(line) < indent) return at;
    hasText = true;
  }
  return lines.length;
}

function dropRepeatedSuffix(text: string, after: string, rest: string): string {
  const line = rest.trimEnd();
  // Keep closers that the text itself opened: foo(bar(x)|).
  if (line.trim().length > 0 && /^[\s)\]}>;,"'`]*$/.test(line)) return dropClosers(text, line.trim());
  if (line.trim().length > 2 && text.endsWith(line)) return text.slice(0, -line.length);
  const next = after
    .slice(rest.length)
    .split("\n")
    .find((one) => one.trim() !== "");
  const cut = text.lastIndexOf("\n");
  return next !== undefined && cut > 0 && text.slice(cut + 1).trimEnd() === next.trimEnd() ? text.slice(0, cut) : text;
}

function dropClosers(text: string, closing: string): string {
  for (let size = Math.min(closing.length, text.length); size > 0; size--) {
    const end = closing.slice(0, size);
    if (text.endsWith(end) && [...end].every((mark) => isUnopened(text, mark))) return text.slice(0, -size);
  }
  return text;
}

const isUnopened = (text: string, mark: string): boolean => {
  const opener = closers[mark];
  return opener === undefined ? true : count(text, opener) < count(text, mark);
};

const count = (text: string, mark: string): number => text.split(mark).length - 1;

/** Removes a fence, and the start of the line if the response repeats it. */
function stripFence(response: string, { before }: CursorContext): string {
  const inner = /^\s*```[^\n]*\n([\s\S]*?)(?:\n?```[\s\S]*)?$/.exec(response)?.[1] ?? response;
  const line = lastLine(before).trimStart();
  const begins = inner.trimStart();
  return line.trim().length > 1 && begins.startsWith(line) ? begins.slice(line.length) : inner;
}

const firstLine = (text: string): string => /^[^\n]*/.exec(text)?.[0] ?? "";
const lastLine = (text: string): string => text.slice(text.lastIndexOf("\n") + 1);
const indentOf = (line: string): number => line.length - line.trimStart().length;
