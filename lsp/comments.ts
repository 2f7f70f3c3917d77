/** Finds comment commands: `tutti! do this` and `tutti? explain this`. Ignores strings. Pure. */
import type { CommentSyntax } from "./comment-syntax.ts";

export interface CommentCommand {
  kind: "do" | "ask";
  text: string;
  /** The range to remove in UTF-16 units: the comment, with its whole line if nothing else is on it. */
  start: number;
  end: number;
  /** Counts from 0. */
  line: number;
}

/** Longer instructions are cut off. */
const MAX_INSTRUCTION = 4_000;
const shape = /^[\s*#/;%-]*tutti([!?])\s+(\S[\s\S]*)$/i;

export function findCommands(text: string, syntax: CommentSyntax): CommentCommand[] {
  if (!/tutti[!?]/i.test(text)) return [];
  const found: CommentCommand[] = [];
  for (const { start, end, from, to } of findComments(text, syntax)) {
    const match = shape.exec(text.slice(from, to).trimEnd());
    if (!match?.[2]) continue;
    const instruction = match[2]
      .slice(0, MAX_INSTRUCTION)
      .replace(/\s*\n\s*\*?\s*/g, " ")
      .trim();
    const line = text.slice(0, start).split("\n").length - 1;
    found.push({ kind: match[1] === "!" ? "do" : "ask", text: instruction, line, ...expandToLine(text, start, end) });
  }
  return found;
}

/** The text without these comments. */
export function removeCommands(text: string, commands: readonly CommentCommand[]): string {
  let rest = text;
  for (const { start, end } of commands.toSorted((one, other) => other.start - one.start))
    rest = rest.slice(0, start) + rest.slice(end);
  return rest;
}

interface Comment {
  start: number;
  end: number;
  /** The range of its text, without delimiters. */
  from: number;
  to: number;
}

function* findComments(text: string, { line, block, strings }: CommentSyntax): Generator<Comment> {
  const firstCharacters = new Set(
    [...line, ...block.map(([open]) => open), ...strings.map(({ open }) => open)].map((one) => one[0]),
  );
  const startsWith = (index: number, word: string): boolean => text.startsWith(word, index);
  for (let index = 0; index < text.length; index++) {
    if (!firstCharacters.has(text[index])) continue;
    const blockStart = block.find(([open]) => startsWith(index, open));
    if (blockStart) {
      const [open, close] = blockStart;
      const to = text.indexOf(close, index + open.length);
      if (to < 0) return;
      yield { start: index, end: to + close.length, from: index + open.length, to };
      index = to + close.length - 1;
      continue;
    }
    const lineStart = line.find((one) => startsWith(index, one));
    if (lineStart) {
      const to = findLineEnd(text, index);
      yield { start: index, end: to, from: index + lineStart.length, to };
      index = to;
      continue;
    }
    const string = strings.find(({ open }) => startsWith(index, open));
    if (string) index = findStringEnd(text, index + string.open.length, string) - 1;
  }
}

function findStringEnd(text: string, from: number, { close, lines }: CommentSyntax["strings"][number]): number {
  for (let index = from; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text.startsWith(close, index)) return index + close.length;
    else if (text[index] === "\n" && !lines) return index;
  }
  return text.length;
}

function findLineEnd(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function expandToLine(text: string, start: number, end: number): { start: number; end: number } {
  let first = start;
  while (first > 0 && (text[first - 1] === " " || text[first - 1] === "\t")) first--;
  const rest = /^[ \t]*(\r?\n|$)/.exec(text.slice(end, end + 200));
  const startsLine = first === 0 || text[first - 1] === "\n";
  if (startsLine && rest) return { start: first, end: end + rest[0].length };
  return rest ? { start: first, end } : { start, end };
}
