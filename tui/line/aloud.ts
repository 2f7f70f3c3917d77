/**
 * Markdown as it is read aloud: as it was written, minus what is only noise to the ear. It comes in pieces, and what is heard of
 * them is whole lines and whole sentences. Pure.
 */

type Block =
  | { in: "prose" }
  | { in: "code"; fence: string }
  /** A line that is the head of a table if the next one says so. */
  | { in: "head"; line: string }
  | { in: "table"; columns: readonly string[] };

export interface Heard {
  /** Came, but is not said yet. */
  rest: string;
  /** The beginning of this line has been said. */
  middle: boolean;
  block: Block;
}

export const silence: Heard = { rest: "", middle: false, block: { in: "prose" } };

/** A line longer than this is said in pieces, wherever they end. */
const MOST_HELD = 4_000;

export function hear(before: Heard, text: string): { heard: Heard; said: string } {
  const lines = (before.rest + text).split("\n");
  const rest = lines.pop() ?? "";
  const { heard, said } = hearLines({ ...before, rest: "" }, lines);
  const cut = cutAt(rest, heard, rest.length > MOST_HELD ? anywhere : sentence);
  return { heard: { ...heard, ...after(heard, rest, cut) }, said: said + begun(heard, rest.slice(0, cut)) };
}

/** What can be said of a line that has not been going on for a while. */
export function hearWords(heard: Heard): { heard: Heard; said: string } {
  const cut = cutAt(heard.rest, heard, word);
  return { heard: { ...heard, ...after(heard, heard.rest, cut) }, said: begun(heard, heard.rest.slice(0, cut)) };
}

const begun = ({ middle }: Heard, text: string): string => spoken(middle ? text : heading(text));

/** All that is left, when no more comes. */
export function hearEnd(before: Heard): string {
  const { heard, said } = hearLines({ ...before, rest: "" }, before.rest === "" && !before.middle ? [] : [before.rest]);
  if (heard.block.in === "head") return `${said}${spoken(heard.block.line)}\n`;
  return heard.block.in === "code" ? `${said}end of code\n` : said;
}

const after = (heard: Heard, rest: string, cut: number): Pick<Heard, "rest" | "middle"> => ({
  rest: rest.slice(cut),
  middle: heard.middle || cut > 0,
});

function hearLines(before: Heard, lines: readonly string[]): { heard: Heard; said: string } {
  let heard = before;
  let said = "";
  for (const line of lines) {
    const next = hearLine(heard, line);
    said += next.said;
    heard = { rest: "", middle: false, block: next.block };
  }
  return { heard, said };
}

const fence = /^[\s>]*(?:[-*+]\s+)?(`{3,}|~{3,})\s*([\w+#./-]*)[^`]*$/;
const rowLike = /^\s*\|.*\|\s*$/;
const underHead = /^\s*\|(?:\s*:?-+:?\s*\|)+\s*$/;

function hearLine({ middle, block }: Heard, line: string): { block: Block; said: string } {
  const prose: Block = { in: "prose" };
  if (middle) return { block, said: `${spoken(line)}\n` };
  switch (block.in) {
    case "code": {
      const ends = line.trim().startsWith(block.fence) && line.trim().replaceAll(block.fence[0] ?? "`", "") === "";
      return ends ? { block: prose, said: "end of code\n" } : { block, said: `${line}\n` };
    }
    case "head": {
      if (underHead.test(line)) return { block: { in: "table", columns: cellsOf(block.line) }, said: "" };
      const next = hearLine({ rest: "", middle, block: prose }, line);
      return { block: next.block, said: `${spoken(block.line)}\n${next.said}` };
    }
    case "table":
      return rowLike.test(line)
        ? { block, said: `${rowOf(block.columns, line)}\n` }
        : hearLine({ rest: "", middle, block: prose }, line);
    case "prose": {
      const [, mark, language = ""] = fence.exec(line) ?? [];
      if (mark) return { block: { in: "code", fence: mark }, said: language ? `code, ${language}:\n` : "code:\n" };
      if (rowLike.test(line)) return { block: { in: "head", line }, said: "" };
      const text = spoken(heading(line));
      return { block, said: text.trim() === "" ? "" : `${text}\n` };
    }
    default:
      return block satisfies never;
  }
}

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => spoken(cell.trim().replaceAll("\\|", "|")));

const rowOf = (columns: readonly string[], line: string): string =>
  cellsOf(line)
    .map((cell, index) => (columns[index] ? `${columns[index]}: ${cell}` : cell))
    .join("; ");

/** Headings say that they are; rules and underlines say nothing. */
function heading(line: string): string {
  if (/^\s*(?:([-*_])(?:\s*\1){2,}|=+)\s*$/.test(line)) return "";
  return line
    .replace(/^\s{0,3}#{1,6}\s+(.*?)(?:\s+#+)?\s*$/, "heading: $1")
    .replace(/^(\s*[-*+]\s+)\[ \]\s/, "$1to do: ")
    .replace(/^(\s*[-*+]\s+)\[[xX]\]\s/, "$1done: ");
}

/** Links with their targets, no signs of weight; what is code stays as it is. */
function spoken(text: string): string {
  if (!/[[*_]/.test(text)) return text;
  return text
    .split(/(`[^`]*`)/)
    .map((piece, index) => (index % 2 === 1 ? piece : plain(piece)))
    .join("");
}

const link = /(!?)\[([^[\]]{0,500})\]\(\s*<?([^\s()<>]{0,2000})>?(?:\s+"[^"]{0,500}")?\s*\)/g;

const plain = (text: string): string =>
  text
    .replace(link, (_, image: string, label: string, target: string) => {
      const name = image ? `image: ${label}` : label;
      return label === target ? target : `${name} (${target})`;
    })
    .replace(/(\*\*|__)(?=\S)(.{1,500}?)(?<=\S)\1/g, "$2");

const sentence = /[.!?…]["')\]*_]*(?=\s)|[。！？]/g;
const word = /\S(?=\s)/g;
const anywhere = /\S/gu;
const LOOKS = 20;

/** Where the beginning of a line that still grows may be cut off; 0 where it has to be waited for. */
function cutAt(line: string, { block, middle }: Heard, where: RegExp): number {
  if (block.in !== "prose" || (!middle && /^\s*(?:[|#]|`{2}|~{2}|[-*_=\s]*$)/.test(line))) return 0;
  const ends = [...line.matchAll(where)].map(({ index, 0: found }) => index + found.length).slice(-LOOKS);
  const end = ends.findLast((at) => {
    const start = line.slice(0, at);
    return (middle || !/^[\s>]*(?:[-*+]|\d+[.)])?$/.test(start)) && (where === anywhere || isWhole(start));
  });
  return end ?? 0;
}

/** Nothing in it is open that a later sign would end. */
function isWhole(text: string): boolean {
  const even = ["`", "**", "__"].every((sign) => text.split(sign).length % 2 === 1);
  const inLink = text.lastIndexOf("[") > text.lastIndexOf("]") || text.lastIndexOf("](") > text.lastIndexOf(")");
  return even && !inLink;
}
