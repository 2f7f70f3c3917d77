/**
 * Markdown as text for speech synthesis: as it was written, without marks that only disturb listeners. Text arrives in pieces, and is
 * passed on in whole lines and sentences. Pure.
 */

type Block =
  | { in: "prose" }
  | { in: "code"; fence: string }
  /** A line that is a table header if the next line is a delimiter row. */
  | { in: "head"; line: string }
  | { in: "table"; columns: readonly string[] };

export interface SpeechState {
  /** Received, but not passed on yet. */
  rest: string;
  /** The start of this line has been passed on. */
  isMidLine: boolean;
  block: Block;
}

export interface SpeechStep {
  state: SpeechState;
  text: string;
}

export const initialSpeech: SpeechState = { rest: "", isMidLine: false, block: { in: "prose" } };

/** A longer line is passed on without waiting for the end of a sentence. */
const MAX_PENDING = 4_000;

export function feedText(before: SpeechState, received: string): SpeechStep {
  const lines = (before.rest + received).split("\n");
  const rest = lines.pop() ?? "";
  const { state, text } = feedLines({ ...before, rest: "" }, lines);
  const cut = findCut(rest, state, rest.length > MAX_PENDING ? anywhere : sentence);
  return { state: advance(state, rest, cut), text: text + renderStart(state, rest.slice(0, cut)) };
}

/** Passes on whole words of a line that has stalled. */
export function flushWords(state: SpeechState): SpeechStep {
  const cut = findCut(state.rest, state, word);
  return { state: advance(state, state.rest, cut), text: renderStart(state, state.rest.slice(0, cut)) };
}

const renderStart = ({ isMidLine }: SpeechState, text: string): string =>
  stripMarkup(isMidLine ? text : formatHeading(text));

/** The remaining text, when no more will come. */
export function flushRest(before: SpeechState): string {
  const isEmpty = before.rest === "" && !before.isMidLine;
  const { state, text } = feedLines({ ...before, rest: "" }, isEmpty ? [] : [before.rest]);
  if (state.block.in === "head") return `${text}${stripMarkup(state.block.line)}\n`;
  return state.block.in === "code" ? `${text}end of code\n` : text;
}

const advance = (state: SpeechState, rest: string, cut: number): SpeechState => ({
  ...state,
  rest: rest.slice(cut),
  isMidLine: state.isMidLine || cut > 0,
});

function feedLines(before: SpeechState, lines: readonly string[]): SpeechStep {
  let state = before;
  let text = "";
  for (const line of lines) {
    const next = feedLine(state, line);
    text += next.text;
    state = { rest: "", isMidLine: false, block: next.block };
  }
  return { state, text };
}

const fence = /^[\s>]*(?:[-*+]\s+)?(`{3,}|~{3,})\s*([\w+#./-]*)[^`]*$/;
const tableRowPattern = /^\s*\|.*\|\s*$/;
const tableDelimiter = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

function feedLine({ isMidLine, block }: SpeechState, line: string): { block: Block; text: string } {
  const prose: Block = { in: "prose" };
  if (isMidLine) return { block, text: `${stripMarkup(line)}\n` };
  switch (block.in) {
    case "code": {
      const ends = line.trim().startsWith(block.fence) && line.trim().replaceAll(block.fence[0] ?? "`", "") === "";
      return ends ? { block: prose, text: "end of code\n" } : { block, text: `${line}\n` };
    }
    case "head": {
      if (tableDelimiter.test(line)) return { block: { in: "table", columns: parseCells(block.line) }, text: "" };
      const next = feedLine({ rest: "", isMidLine, block: prose }, line);
      return { block: next.block, text: `${stripMarkup(block.line)}\n${next.text}` };
    }
    case "table":
      return tableRowPattern.test(line)
        ? { block, text: `${formatRow(block.columns, line)}\n` }
        : feedLine({ rest: "", isMidLine, block: prose }, line);
    case "prose": {
      const [, mark, language = ""] = fence.exec(line) ?? [];
      if (mark) return { block: { in: "code", fence: mark }, text: language ? `code, ${language}:\n` : "code:\n" };
      if (tableRowPattern.test(line)) return { block: { in: "head", line }, text: "" };
      const content = stripMarkup(formatHeading(line));
      return { block, text: content.trim() === "" ? "" : `${content}\n` };
    }
    default:
      return block satisfies never;
  }
}

const parseCells = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => stripMarkup(cell.trim().replaceAll("\\|", "|")));

const formatRow = (columns: readonly string[], line: string): string =>
  parseCells(line)
    .map((cell, index) => (columns[index] ? `${columns[index]}: ${cell}` : cell))
    .join("; ");

/** Names headings and tasks; drops rules and underlines. */
function formatHeading(line: string): string {
  if (/^\s*(?:([-*_])(?:\s*\1){2,}|=+)\s*$/.test(line)) return "";
  return line
    .replace(/^\s{0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$/, "heading: $1")
    .replace(/^(\s*[-*+]\s+)\[ \]\s/, "$1to do: ")
    .replace(/^(\s*[-*+]\s+)\[[xX]\]\s/, "$1done: ");
}

/** Writes out link targets and drops emphasis; code spans stay as they are. */
function stripMarkup(text: string): string {
  if (!/[[*_]/.test(text)) return text;
  return text
    .split(/(`[^`]*`)/)
    .map((piece, index) => (index % 2 === 1 ? piece : stripProseMarkup(piece)))
    .join("");
}

const link = /(!?)\[([^[\]]{0,500})\]\(\s*<?([^\s()<>]{0,2000})>?(?:\s+"[^"]{0,500}")?\s*\)/g;

const stripProseMarkup = (text: string): string =>
  text
    .replace(link, (_, image: string, label: string, target: string) => {
      const name = image ? `image: ${label}` : label;
      return label === target ? target : `${name} (${target})`;
    })
    .replace(/(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1/g, "$2");

const sentence = /[.!?…]["')\]*_]*(?=\s)|[。！？]/g;
const word = /\S(?=\s)/g;
const anywhere = /\S/gu;
const MAX_CANDIDATES = 20;

/** Where the start of a growing line can be cut off; 0 if more text is needed. */
function findCut(line: string, { block, isMidLine }: SpeechState, where: RegExp): number {
  if (block.in !== "prose" || (!isMidLine && /^\s*(?:[|#]|`{2}|~{2}|[-*_=\s]*$)/.test(line))) return 0;
  const ends = [...line.matchAll(where)].map(({ index, 0: found }) => index + found.length).slice(-MAX_CANDIDATES);
  const end = ends.findLast((at) => {
    const start = line.slice(0, at);
    return (isMidLine || !/^[\s>]*(?:[-*+]|\d+[.)])?$/.test(start)) && (where === anywhere || isBalanced(start));
  });
  return end ?? 0;
}

/** No mark or link is open that later text could close. */
function isBalanced(text: string): boolean {
  const even = ["`", "**", "__"].every((sign) => text.split(sign).length % 2 === 1);
  const inLink = text.lastIndexOf("[") > text.lastIndexOf("]") || text.lastIndexOf("](") > text.lastIndexOf(")");
  return even && !inLink;
}
