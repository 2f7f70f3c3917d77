/** Lays out Markdown blocks: headings, paragraphs, lists, quotes and rules. Tables and code have their own modules. */
import type { Token, Tokens } from "marked";
import type { Inline, MarkdownToken } from "../../client/text/lex.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, type Style, span, withBaseStyle } from "../draw/style.ts";
import { lineWidth, wrapLine } from "../draw/wrap.ts";
import { type LayoutCode, layoutCode } from "./code.ts";
import type { Highlight } from "./highlight.ts";
import { parseInlineLines } from "./inline.ts";
import type { Memoize } from "./memo.ts";
import { createTableRow, layoutTable, type Table } from "./table.ts";

export interface BlockContext {
  columns: number;
  inline: Inline;
  highlight: Highlight | undefined;
  /** The layout for the last code block, if it still grows. */
  open?: { token: Token | undefined; lay: LayoutCode };
  /** Reuses the layout of items and rows by their content, except for the last one, which may still grow. */
  memoize: Memoize;
}

/** Lays out blocks, separated by empty lines unless `close` is set. */
export function layoutBlocks(tokens: readonly Token[], context: BlockContext, close = false): Line[] {
  const lines: Line[] = [];
  for (const token of tokens as readonly MarkdownToken[]) {
    const laid = layoutBlock(token, context);
    if (laid.length === 0) continue;
    if (lines.length > 0 && !close) lines.push([]);
    for (const one of laid) lines.push(one);
  }
  return lines;
}

function layoutBlock(token: MarkdownToken, context: BlockContext): Line[] {
  switch (token.type) {
    case "heading":
      return layoutHeading(token, context);
    case "paragraph":
    case "text":
      return layoutInline(token.type === "text" && token.tokens === undefined ? [token] : token.tokens, context);
    case "code": {
      const code = { text: token.text, language: printable(token.lang?.trim().split(/\s/, 1)[0] ?? "") };
      const lay = context.open && token === context.open.token ? context.open.lay : layoutCode;
      return lay(code, context.columns, context.highlight);
    }
    case "blockquote":
      return layoutQuote(token, context);
    case "list":
      return layoutList(token, context);
    case "table":
      return layoutTable(toTable(token, context), context.columns);
    case "hr":
      return [ruleLine(context.columns)];
    case "space":
    case "def":
    case "checkbox":
      return [];
    default:
      return layoutPlainText(token.raw, context.columns, { fg: "muted" });
  }
}

function toTable({ header, rows, align }: Tokens.Table, { inline, memoize }: BlockContext): Table {
  const rowOf = (cells: readonly Tokens.TableCell[]) =>
    createTableRow(cells.map((cell) => parseInlineLines(cell.tokens, inline)));
  return {
    header: rowOf(header),
    rows: rows.map((row, index) => {
      if (index === rows.length - 1) return rowOf(row);
      return memoize(`row ${JSON.stringify(row.map(({ text }) => text))}`, () => rowOf(row));
    }),
    align,
  };
}

const ruleLine = (columns: number): Line => line("─".repeat(columns), { fg: "border" });

const layoutPlainText = (text: string, columns: number, style: Style): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .flatMap((one) => wrapLine(line(one, style), columns));

function layoutInline(tokens: readonly Token[] | undefined, { columns, inline }: BlockContext): Line[] {
  const lines = parseInlineLines(tokens, inline);
  return lines.length === 1 && lines[0]?.length === 0 ? [] : lines.flatMap((one) => wrapLine(one, columns));
}

const headingStyle: Style = { bold: true, fg: "heading" };

function layoutHeading({ depth, tokens }: Tokens.Heading, context: BlockContext): Line[] {
  const marks = depth > 3 ? line(`${"#".repeat(depth)} `, { fg: "faint" }) : [];
  const lines = parseInlineLines(tokens, context.inline).flatMap((one) =>
    wrapLine(
      [...marks, ...withBaseStyle(one, headingStyle).map(({ text, style }) => span(text, { ...style, bold: true }))],
      context.columns,
    ),
  );
  return depth === 1 ? [...lines, ruleLine(context.columns)] : lines;
}

/** The minimum number of columns next to a bar or list mark. With less, the text goes below, or the bar is left out. */
const MIN_COLUMNS = 6;
const bar: Line = [span("│ ", { fg: "quote" })];

function layoutQuote({ tokens }: Tokens.Blockquote, context: BlockContext): Line[] {
  const columns = context.columns - lineWidth(bar);
  if (columns < MIN_COLUMNS) return layoutBlocks(tokens, context).map(quoteLine);
  return layoutBlocks(tokens, { ...context, columns }).map((row) => [...bar, ...quoteLine(row)]);
}

const quoteLine = (row: Line): Line => withBaseStyle(row, { fg: "quote" });

function layoutList(list: Tokens.List, context: BlockContext): Line[] {
  const first = Number(list.start);
  const widest = list.ordered ? `${first + list.items.length - 1}. `.length : 2;
  const lines: Line[] = [];
  list.items.forEach((item, index) => {
    if (index > 0 && list.loose) lines.push([]);
    const mark = list.ordered ? `${first + index}. `.padStart(widest) : "• ";
    const lay = () => layoutItem(item, itemMark(item, mark), context);
    const key = `item ${context.columns} ${mark}${item.loose} ${item.raw}`;
    for (const row of index === list.items.length - 1 ? lay() : context.memoize(key, lay)) lines.push(row);
  });
  return lines;
}

function itemMark(item: Tokens.ListItem, mark: string): Line {
  if (!item.task) return line(mark, { fg: "listMark" });
  return line(item.checked ? "☑ " : "☐ ", { fg: item.checked ? "success" : "listMark" });
}

function layoutItem(item: Tokens.ListItem, mark: Line, context: BlockContext): Line[] {
  const width = lineWidth(mark);
  const columns = context.columns - width;
  if (columns < MIN_COLUMNS)
    return [...wrapLine(mark, context.columns), ...layoutBlocks(item.tokens, context, !item.loose)];
  const [first = [], ...rest] = layoutBlocks(item.tokens, { ...context, columns }, !item.loose);
  const indent = line(" ".repeat(width));
  return [[...mark, ...first], ...rest.map((row) => (row.length > 0 ? [...indent, ...row] : row))];
}
