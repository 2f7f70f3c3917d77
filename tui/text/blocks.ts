/** The blocks of Markdown as lines: headings, paragraphs, lists, quotes, rules; tables and code lie beside. */
import type { Token, Tokens } from "marked";
import type { Inline, MarkdownToken } from "../../client/text/lex.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, line, type Style, span, under } from "../draw/style.ts";
import { lineWidth, wrap } from "../draw/wrap.ts";
import { type LayCode, layCode } from "./code.ts";
import type { Highlight } from "./highlight.ts";
import { inlineLines } from "./inline.ts";
import type { Recall } from "./memo.ts";
import { layTable, type Table, tableRow } from "./table.ts";

export interface Page {
  columns: number;
  inline: Inline;
  highlight: Highlight | undefined;
  /** How the code that is last in the text is laid, where it still grows. */
  open?: { token: Token | undefined; lay: LayCode };
  /** Items and cells that were laid before are found again by what they are made of, but the last, which is being written. */
  recall: Recall;
}

/** Blocks one below the other, an empty line between them unless they stand close. */
export function layBlocks(tokens: readonly Token[], page: Page, close = false): Line[] {
  const lines: Line[] = [];
  for (const token of tokens as readonly MarkdownToken[]) {
    const laid = layBlock(token, page);
    if (laid.length === 0) continue;
    if (lines.length > 0 && !close) lines.push([]);
    for (const one of laid) lines.push(one);
  }
  return lines;
}

function layBlock(token: MarkdownToken, page: Page): Line[] {
  switch (token.type) {
    case "heading":
      return layHeading(token, page);
    case "paragraph":
    case "text":
      return layInline(token.type === "text" && token.tokens === undefined ? [token] : token.tokens, page);
    case "code": {
      const code = { text: token.text, language: printable(token.lang?.trim().split(/\s/, 1)[0] ?? "") };
      const lay = page.open && token === page.open.token ? page.open.lay : layCode;
      return lay(code, page.columns, page.highlight);
    }
    case "blockquote":
      return layQuote(token, page);
    case "list":
      return layList(token, page);
    case "table":
      return layTable(tableOf(token, page), page.columns);
    case "hr":
      return [rule(page.columns)];
    case "space":
    case "def":
    case "checkbox":
      return [];
    default:
      return plainLines(token.raw, page.columns, { fg: "muted" });
  }
}

function tableOf({ header, rows, align }: Tokens.Table, { inline, recall }: Page): Table {
  const rowOf = (cells: readonly Tokens.TableCell[]) => tableRow(cells.map((cell) => inlineLines(cell.tokens, inline)));
  return {
    header: rowOf(header),
    rows: rows.map((row, index) => {
      if (index === rows.length - 1) return rowOf(row);
      return recall(`row ${JSON.stringify(row.map(({ text }) => text))}`, () => rowOf(row));
    }),
    align,
  };
}

const rule = (columns: number): Line => line("─".repeat(columns), { fg: "border" });

const plainLines = (text: string, columns: number, style: Style): Line[] =>
  text
    .trimEnd()
    .split("\n")
    .flatMap((one) => wrap(line(one, style), columns));

function layInline(tokens: readonly Token[] | undefined, { columns, inline }: Page): Line[] {
  const lines = inlineLines(tokens, inline);
  return lines.length === 1 && lines[0]?.length === 0 ? [] : lines.flatMap((one) => wrap(one, columns));
}

const headingStyle: Style = { bold: true, fg: "heading" };

function layHeading({ depth, tokens }: Tokens.Heading, page: Page): Line[] {
  const marks = depth > 3 ? line(`${"#".repeat(depth)} `, { fg: "faint" }) : [];
  const lines = inlineLines(tokens, page.inline).flatMap((one) =>
    wrap(
      [...marks, ...under(one, headingStyle).map(({ text, style }) => span(text, { ...style, bold: true }))],
      page.columns,
    ),
  );
  return depth === 1 ? [...lines, rule(page.columns)] : lines;
}

/** Beside a bar or a mark at least this stays for the text; without it, the text goes below or the bar is left out. */
const LEAST = 6;
const bar: Line = [span("│ ", { fg: "quote" })];

function layQuote({ tokens }: Tokens.Blockquote, page: Page): Line[] {
  const columns = page.columns - lineWidth(bar);
  if (columns < LEAST) return layBlocks(tokens, page).map(quoted);
  return layBlocks(tokens, { ...page, columns }).map((row) => [...bar, ...quoted(row)]);
}

const quoted = (row: Line): Line => under(row, { fg: "quote" });

function layList(list: Tokens.List, page: Page): Line[] {
  const first = Number(list.start);
  const widest = list.ordered ? `${first + list.items.length - 1}. `.length : 2;
  const lines: Line[] = [];
  list.items.forEach((item, index) => {
    if (index > 0 && list.loose) lines.push([]);
    const mark = list.ordered ? `${first + index}. `.padStart(widest) : "• ";
    const lay = () => layItem(item, markOf(item, mark), page);
    const key = `item ${page.columns} ${mark}${item.loose} ${item.raw}`;
    for (const row of index === list.items.length - 1 ? lay() : page.recall(key, lay)) lines.push(row);
  });
  return lines;
}

function markOf(item: Tokens.ListItem, mark: string): Line {
  if (!item.task) return line(mark, { fg: "listMark" });
  return line(item.checked ? "☑ " : "☐ ", { fg: item.checked ? "success" : "listMark" });
}

function layItem(item: Tokens.ListItem, mark: Line, page: Page): Line[] {
  const width = lineWidth(mark);
  const columns = page.columns - width;
  if (columns < LEAST) return [...wrap(mark, page.columns), ...layBlocks(item.tokens, page, !item.loose)];
  const [first = [], ...rest] = layBlocks(item.tokens, { ...page, columns }, !item.loose);
  const indent = line(" ".repeat(width));
  return [[...mark, ...first], ...rest.map((row) => (row.length > 0 ? [...indent, ...row] : row))];
}
