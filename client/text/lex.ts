/** Markdown into blocks, by the lexer of marked. What stands inside of a block is taken apart when it is asked for. */
import { Lexer, type Links, type MarkedToken, type Token, type Tokens } from "marked";

/** The lexer is given no extensions: what it makes is of these kinds. */
export type MarkdownToken = MarkedToken;

export interface Lexed {
  blocks: readonly MarkdownToken[];
  links: Links;
  inline: Inline;
}

/** The pieces of a paragraph, a heading or a cell, in order. */
export type Inline = (tokens: readonly Token[] | undefined) => readonly MarkdownToken[];

/** Longer runs are shown as they are written: what is inside of them costs more than it tells. */
const MOST_INLINE = 8_000;
const marked = /[\\`*_~[\]<&!:@]|www\./;

/**
 * `known`: link definitions that stand in earlier text. `finish` is told the last run of inline text, where it reaches to the end, and
 * may put another in its place.
 */
export function lex(text: string, known: Links, finish: (source: string) => string = (source) => source): Lexed {
  const lexer = new Lexer();
  const blocks = lexer.blockTokens(text, lexer.tokens) as MarkdownToken[];
  const pending = new Map<readonly Token[], string>(lexer.inlineQueue.map(({ src, tokens }) => [tokens, src]));
  const last = lexer.inlineQueue.at(-1);
  if (last && endsWith(text, last.src)) pending.set(last.tokens, finish(last.src));
  const links = { ...lexer.tokens.links, ...known };
  lexer.tokens.links = links;

  const inline: Inline = (tokens = []) => {
    const source = pending.get(tokens);
    if (source === undefined) return tokens as readonly MarkdownToken[];
    if (!marked.test(source) || source.length > MOST_INLINE) return [textToken(source)];
    lexer.state.inRawBlock = false;
    return lexer.inlineTokens(source) as MarkdownToken[];
  };
  return { blocks, links, inline };
}

/** Behind the last cell of a table a bar may stand. */
function endsWith(text: string, source: string): boolean {
  const end = text.trimEnd();
  const last = source.trimEnd();
  return end.endsWith(last) || (end.endsWith("|") && end.slice(0, -1).trimEnd().endsWith(last));
}

const textToken = (text: string): Tokens.Text => ({ type: "text", raw: text, text, escaped: false });

/** The link definitions in these blocks, the first of each name. */
export function definitions(blocks: readonly Token[]): Links {
  const found: Links = {};
  for (const block of blocks as readonly MarkdownToken[]) {
    if (block.type === "def") found[block.tag] ??= { href: block.href, title: block.title };
    else if (block.type === "blockquote" || block.type === "list_item") addMissing(found, definitions(block.tokens));
    else if (block.type === "list") addMissing(found, definitions(block.items));
  }
  return found;
}

function addMissing(to: Links, from: Links): void {
  for (const [tag, link] of Object.entries(from)) to[tag] ??= link;
}
