/**
 * Markdown as styled lines. Text that grows at its end is laid out from where it can still change: blocks above an empty line that
 * another block follows are kept.
 */
import type { Links, Token } from "marked";
import { definitions, type Lexed, lex } from "../../client/text/lex.ts";
import { tame } from "../../client/text/tame.ts";
import { decided, finishInline, finishTable } from "../../client/text/unfinished.ts";
import type { Line } from "../draw/style.ts";
import { layBlocks, type Page } from "./blocks.ts";
import { cleanLine, linesOf } from "./clean.ts";
import { createOpenCode } from "./code.ts";
import type { Highlight } from "./highlight.ts";
import { createMemo } from "./memo.ts";

export interface MarkdownOptions {
  columns: number;
  /** Code is plain without it. */
  highlight?: Highlight | undefined;
  /** More text may come: what is half written is shown as what it is about to be. */
  open?: boolean;
}

/** Lines by text and options; the same text and options give the same lines, whatever was asked before. */
export type RenderMarkdown = (text: string, options: MarkdownOptions) => Line[];

export const renderMarkdown: RenderMarkdown = (text, options) => createMarkdown()(text, options);

/** One for each text that grows. */
export function createMarkdown(): RenderMarkdown {
  const cleaned = createCleaner();
  let kept = nothingKept("");
  let layOpenCode = createOpenCode();
  let memo = createMemo();
  let open = false;
  let [columns, highlight]: [number, Highlight | undefined] = [0, undefined];

  return (text, options) => {
    const { clean, grew } = cleaned(text);
    const isOpen = options.open === true;
    if (!grew || columns !== options.columns || highlight !== options.highlight) {
      kept = nothingKept("");
      layOpenCode = createOpenCode();
      columns = options.columns;
      highlight = options.highlight;
      memo = createMemo();
    } else if (open !== isOpen) memo = createMemo();
    open = isOpen;
    const source = open ? decided(clean) : clean;
    let lexed = read(source.slice(kept.length), kept.links, open);
    const linked = JSON.stringify(lexed.links);
    if (linked !== kept.linked) {
      kept = nothingKept(linked);
      memo = createMemo();
      lexed = read(source, kept.links, open);
    }
    const { blocks, inline } = lexed;
    const last = open && { open: { token: blocks.at(-1), lay: layOpenCode } };
    const page: Page = { columns, inline, highlight, recall: memo.recall, ...last };
    const settled = settledBlocks(blocks, source.slice(kept.length));
    if (settled.blocks > 0) {
      const done = blocks.slice(0, settled.blocks);
      join(kept.lines, layBlocks(done, page));
      kept = {
        ...kept,
        length: kept.length + settled.length,
        links: { ...definitions(done), ...kept.links },
      };
    }
    const lines = [...kept.lines];
    join(lines, layBlocks(blocks.slice(settled.blocks), page));
    memo.turn();
    return lines;
  };
}

interface Kept {
  /** How much of the text is laid out for good. */
  length: number;
  lines: Line[];
  /** The definitions in that text, and all that it was laid out with. */
  links: Links;
  linked: string;
}

const nothingKept = (linked: string): Kept => ({ length: 0, lines: [], links: {}, linked });

/** Blocks below others, an empty line between. */
function join(lines: Line[], more: readonly Line[]): void {
  if (lines.length > 0 && more.length > 0) lines.push([]);
  for (const one of more) lines.push(one);
}

/** Lines are cleaned once; only the last one may still change. */
function createCleaner(): (text: string) => { clean: string; grew: boolean } {
  let seen = "";
  let whole = "";
  return (text) => {
    const grew = text.startsWith(seen);
    if (!grew) [seen, whole] = ["", ""];
    const end = text.lastIndexOf("\n") + 1;
    if (end > seen.length) {
      whole += linesOf(text.slice(seen.length, end)).map(tame).join("\n");
      seen = text.slice(0, end);
    }
    return { clean: whole + tame(cleanLine(text.slice(end).replace(/\r$/, ""))), grew };
  };
}

function read(source: string, known: Links, open: boolean): Lexed {
  if (!open) return lex(source, known);
  const lexed = lex(source, known, finishInline);
  const last = lexed.blocks.at(-1);
  const table = last?.type === "paragraph" && source.endsWith(last.raw) ? finishTable(last.raw) : undefined;
  return table === undefined || last === undefined
    ? lexed
    : lex(source.slice(0, source.length - last.raw.length) + table, known, finishInline);
}

/**
 * How many of the blocks no further text can change: those above the last block that begins below an empty line and whose first line is
 * complete. `length` is where that block begins.
 */
function settledBlocks(blocks: readonly Token[], source: string): { blocks: number; length: number } {
  const end = source.lastIndexOf("\n");
  let settled = { blocks: 0, length: 0 };
  let at = 0;
  for (const [index, { type, raw }] of blocks.entries()) {
    if (!source.startsWith(raw, at)) return settled;
    if (
      type !== "space" &&
      at > 0 &&
      at + firstLine(raw) <= end &&
      /\n *\n$/.test(source.slice(Math.max(0, at - 200), at))
    ) {
      settled = { blocks: index, length: at };
    }
    at += raw.length;
  }
  return settled;
}

const firstLine = (raw: string): number => {
  const end = raw.indexOf("\n");
  return end < 0 ? raw.length : end;
};
