/** Blocks, the common form of Markdown and the document formats of vendors; and the parser of Markdown. Pure. */
import { type MarkedToken, marked, type Token, type Tokens } from "marked";

export interface Span {
  text: string;
  bold?: boolean;
  italic?: boolean;
  strike?: boolean;
  code?: boolean;
  link?: string;
}

export interface Item {
  /** Null without a checkbox. */
  checked: boolean | null;
  /** Usually a paragraph and nested blocks. */
  blocks: Block[];
}

export type Block =
  | { type: "paragraph"; spans: Span[] }
  | { type: "heading"; level: number; spans: Span[] }
  | { type: "list"; start: number | null; items: Item[] }
  | { type: "code"; language: string | null; text: string }
  | { type: "quote"; blocks: Block[] }
  /** Rows of cells; the first row has the headings. */
  | { type: "table"; rows: Span[][][] }
  | { type: "rule" };

export const createParagraph = (text: string): Block => ({ type: "paragraph", spans: text === "" ? [] : [{ text }] });

/** Parses Markdown; plain text works, too: empty lines separate paragraphs. */
export const parseMarkdown = (markdown: string): Block[] => marked.lexer(markdown).flatMap(toBlocks);

function toBlocks(input: Token): Block[] {
  const token = input as MarkedToken;
  switch (token.type) {
    case "heading":
      return [{ type: "heading", level: token.depth, spans: toSpans(token.tokens) }];
    case "paragraph":
      return [{ type: "paragraph", spans: toSpans(token.tokens) }];
    case "text":
      return [{ type: "paragraph", spans: toSpans(token.tokens ?? [token]) }];
    case "code":
      return [{ type: "code", language: token.lang?.split(/\s/)[0] || null, text: token.text }];
    case "blockquote":
      return [{ type: "quote", blocks: token.tokens.flatMap(toBlocks) }];
    case "list":
      return [{ type: "list", start: token.ordered ? Number(token.start) : null, items: token.items.map(toItem) }];
    case "table":
      return [{ type: "table", rows: [token.header, ...token.rows].map(toRow) }];
    case "hr":
      return [{ type: "rule" }];
    case "html":
      return [createParagraph(token.text.trim())];
    default:
      return [];
  }
}

const toItem = ({ task, checked, tokens }: Tokens.ListItem): Item => ({
  checked: task ? checked === true : null,
  blocks: tokens.flatMap(toBlocks),
});

const toRow = (cells: Tokens.TableCell[]): Span[][] => cells.map(({ tokens }) => toSpans(tokens));

type Style = Omit<Span, "text">;

function toSpans(tokens: Token[], style: Style = {}): Span[] {
  return tokens.flatMap((input): Span[] => {
    const token = input as MarkedToken;
    switch (token.type) {
      case "strong":
        return toSpans(token.tokens, { ...style, bold: true });
      case "em":
        return toSpans(token.tokens, { ...style, italic: true });
      case "del":
        return toSpans(token.tokens, { ...style, strike: true });
      case "link":
        return toSpans(token.tokens, { ...style, link: token.href });
      case "image":
        return [{ ...style, text: token.text || token.href, link: token.href }];
      case "codespan":
        return [{ ...style, text: token.text, code: true }];
      case "br":
        return [{ ...style, text: "\n" }];
      case "text":
        return token.tokens ? toSpans(token.tokens, style) : [{ ...style, text: unescapeEntities(token.text) }];
      case "escape":
      case "html":
        return [{ ...style, text: token.text }];
      default:
        return [];
    }
  });
}

const entities: Record<string, string> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" };
const unescapeEntities = (text: string): string =>
  text.replace(/&(?:amp|lt|gt|quot|#39);/g, (found) => entities[found] ?? found);
