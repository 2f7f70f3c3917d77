/** Comments that tell the agent something: `tutti! do this` and `tutti? explain this`. Never what stands in a string. Pure. */
import type { CommentSyntax } from "./comment-syntax.ts";

export interface CommentCommand {
  kind: "do" | "ask";
  text: string;
  /** In UTF-16 units: what goes when the comment goes, its line too where nothing else is on it. */
  start: number;
  end: number;
  /** Counts from 0. */
  line: number;
}

/** What is said beyond that is no instruction. */
const MOST_WORDS = 4_000;
const shape = /^[\s*#/;%-]*tutti([!?])\s+(\S[\s\S]*)$/i;

export function commandsIn(text: string, syntax: CommentSyntax): CommentCommand[] {
  if (!/tutti[!?]/i.test(text)) return [];
  const found: CommentCommand[] = [];
  for (const { start, end, from, to } of commentsOf(text, syntax)) {
    const said = shape.exec(text.slice(from, to).trimEnd());
    if (!said?.[2]) continue;
    const words = said[2]
      .slice(0, MOST_WORDS)
      .replace(/\s*\n\s*\*?\s*/g, " ")
      .trim();
    const line = text.slice(0, start).split("\n").length - 1;
    found.push({ kind: said[1] === "!" ? "do" : "ask", text: words, line, ...widened(text, start, end) });
  }
  return found;
}

/** What is left without them. */
export function withoutCommands(text: string, commands: readonly CommentCommand[]): string {
  let rest = text;
  for (const { start, end } of commands.toSorted((one, other) => other.start - one.start))
    rest = rest.slice(0, start) + rest.slice(end);
  return rest;
}

interface Comment {
  start: number;
  end: number;
  /** What is said in it. */
  from: number;
  to: number;
}

function* commentsOf(text: string, { line, block, strings }: CommentSyntax): Generator<Comment> {
  const firsts = new Set(
    [...line, ...block.map(([open]) => open), ...strings.map(({ open }) => open)].map((one) => one[0]),
  );
  const at = (index: number, word: string): boolean => text.startsWith(word, index);
  for (let index = 0; index < text.length; index++) {
    if (!firsts.has(text[index])) continue;
    const opened = block.find(([open]) => at(index, open));
    if (opened) {
      const [open, close] = opened;
      const to = text.indexOf(close, index + open.length);
      if (to < 0) return;
      yield { start: index, end: to + close.length, from: index + open.length, to };
      index = to + close.length - 1;
      continue;
    }
    const begun = line.find((one) => at(index, one));
    if (begun) {
      const to = endOfLine(text, index);
      yield { start: index, end: to, from: index + begun.length, to };
      index = to;
      continue;
    }
    const string = strings.find(({ open }) => at(index, open));
    if (string) index = endOfString(text, index + string.open.length, string) - 1;
  }
}

function endOfString(text: string, from: number, { close, lines }: CommentSyntax["strings"][number]): number {
  for (let index = from; index < text.length; index++) {
    if (text[index] === "\\") index++;
    else if (text.startsWith(close, index)) return index + close.length;
    else if (text[index] === "\n" && !lines) return index;
  }
  return text.length;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  if (end < 0) return text.length;
  return text[end - 1] === "\r" ? end - 1 : end;
}

function widened(text: string, start: number, end: number): { start: number; end: number } {
  let first = start;
  while (first > 0 && (text[first - 1] === " " || text[first - 1] === "\t")) first--;
  const rest = /^[ \t]*(\r?\n|$)/.exec(text.slice(end, end + 200));
  const alone = first === 0 || text[first - 1] === "\n";
  if (alone && rest) return { start: first, end: end + rest[0].length };
  return rest ? { start: first, end } : { start, end };
}
