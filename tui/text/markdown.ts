/**
 * Renders Markdown as styled lines. For growing text, only the part that can still change is laid out again: blocks above an empty line
 * that is followed by another block are settled.
 */
import type { Links, Token } from "marked";
import { collectLinkDefinitions, type LexResult, lexMarkdown } from "../../client/text/lex.ts";
import { limitNesting } from "../../client/text/limit-nesting.ts";
import { completeInline, completeTable, dropUndecidedLine } from "../../client/text/partial-markdown.ts";
import type { Line } from "../draw/style.ts";
import { type BlockContext, layoutBlocks } from "./blocks.ts";
import { cleanLine, cleanLines } from "./clean.ts";
import { createGrowingCodeLayout } from "./code.ts";
import type { Highlight } from "./highlight.ts";
import { createMemo } from "./memo.ts";

export interface MarkdownOptions {
  columns: number;
  /** Without it, code is plain. */
  highlight?: Highlight | undefined;
  /** More text may follow: incomplete marks are completed. */
  open?: boolean;
}

/** The result depends only on the text and options, not on earlier calls. */
export type RenderMarkdown = (text: string, options: MarkdownOptions) => Line[];

export const renderMarkdown: RenderMarkdown = (text, options) => createMarkdownRenderer()(text, options);

/** Creates a renderer for one growing text. */
export function createMarkdownRenderer(): RenderMarkdown {
  const cleaned = createCleaner();
  let settledText = nothingSettled("");
  let layOpenCode = createGrowingCodeLayout();
  let memo = createMemo();
  let open = false;
  let [columns, highlight]: [number, Highlight | undefined] = [0, undefined];

  return (text, options) => {
    const { clean, grew } = cleaned(text);
    const isOpen = options.open === true;
    if (!grew || columns !== options.columns || highlight !== options.highlight) {
      settledText = nothingSettled("");
      layOpenCode = createGrowingCodeLayout();
      columns = options.columns;
      highlight = options.highlight;
      memo = createMemo();
    } else if (open !== isOpen) memo = createMemo();
    open = isOpen;
    const source = open ? dropUndecidedLine(clean) : clean;
    let lexed = lexPartial(source.slice(settledText.length), settledText.links, open);
    const linked = JSON.stringify(lexed.links);
    if (linked !== settledText.linked) {
      settledText = nothingSettled(linked);
      memo = createMemo();
      lexed = lexPartial(source, settledText.links, open);
    }
    const { blocks, inline } = lexed;
    const last = open && { open: { token: blocks.at(-1), lay: layOpenCode } };
    const context: BlockContext = { columns, inline, highlight, memoize: memo.memoize, ...last };
    const settled = countSettledBlocks(blocks, source.slice(settledText.length));
    if (settled.blocks > 0) {
      const done = blocks.slice(0, settled.blocks);
      appendBlocks(settledText.lines, layoutBlocks(done, context));
      settledText = {
        ...settledText,
        length: settledText.length + settled.length,
        links: { ...collectLinkDefinitions(done), ...settledText.links },
      };
    }
    const lines = [...settledText.lines];
    appendBlocks(lines, layoutBlocks(blocks.slice(settled.blocks), context));
    memo.endRound();
    return lines;
  };
}

interface SettledText {
  /** The length of the settled text. */
  length: number;
  lines: Line[];
  /** The link definitions in that text, and all that it was laid out with. */
  links: Links;
  linked: string;
}

const nothingSettled = (linked: string): SettledText => ({ length: 0, lines: [], links: {}, linked });

/** Appends blocks after an empty line. */
function appendBlocks(lines: Line[], more: readonly Line[]): void {
  if (lines.length > 0 && more.length > 0) lines.push([]);
  for (const one of more) lines.push(one);
}

/** Cleans complete lines once; only the last line can still change. */
function createCleaner(): (text: string) => { clean: string; grew: boolean } {
  let seen = "";
  let whole = "";
  return (text) => {
    const grew = text.startsWith(seen);
    if (!grew) [seen, whole] = ["", ""];
    const end = text.lastIndexOf("\n") + 1;
    if (end > seen.length) {
      whole += cleanLines(text.slice(seen.length, end)).map(limitNesting).join("\n");
      seen = text.slice(0, end);
    }
    return { clean: whole + limitNesting(cleanLine(text.slice(end).replace(/\r$/, ""))), grew };
  };
}

function lexPartial(source: string, known: Links, open: boolean): LexResult {
  if (!open) return lexMarkdown(source, known);
  const lexed = lexMarkdown(source, known, completeInline);
  const last = lexed.blocks.at(-1);
  const table = last?.type === "paragraph" && source.endsWith(last.raw) ? completeTable(last.raw) : undefined;
  return table === undefined || last === undefined
    ? lexed
    : lexMarkdown(source.slice(0, source.length - last.raw.length) + table, known, completeInline);
}

/**
 * The number of blocks that no further text can change: those above the last block that starts after an empty line and whose first line is
 * complete. `length` is the offset of that block.
 */
function countSettledBlocks(blocks: readonly Token[], source: string): { blocks: number; length: number } {
  const end = source.lastIndexOf("\n");
  let settled = { blocks: 0, length: 0 };
  let at = 0;
  for (const [index, { type, raw }] of blocks.entries()) {
    if (!source.startsWith(raw, at)) return settled;
    if (
      type !== "space" &&
      at > 0 &&
      at + firstLineLength(raw) <= end &&
      /\n *\n$/.test(source.slice(Math.max(0, at - 200), at))
    ) {
      settled = { blocks: index, length: at };
    }
    at += raw.length;
  }
  return settled;
}

const firstLineLength = (raw: string): number => {
  const end = raw.indexOf("\n");
  return end < 0 ? raw.length : end;
};
