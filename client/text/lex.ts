/** Parses Markdown into blocks with the lexer of marked. The inline text of a block is parsed on demand. */
import { Lexer, type Links, type MarkedToken, type Token, type Tokens } from "marked";

/** Without extensions, the lexer produces only these tokens. */
export type MarkdownToken = MarkedToken;

export interface LexResult {
  blocks: readonly MarkdownToken[];
  links: Links;
  inline: Inline;
}

/** Parses the inline text of a paragraph, a heading or a cell. */
export type Inline = (tokens: readonly Token[] | undefined) => readonly MarkdownToken[];

/** Longer inline text is not parsed, because that would be slow. */
const MAX_INLINE = 8_000;
const inlineMarkup = /[\\`*_~[\]<&!:@]|www\./;

/** `known`: link definitions of earlier text. `finish` can replace the last inline text if it reaches to the end. */
export function lexMarkdown(
  text: string,
  known: Links,
  finish: (source: string) => string = (source) => source,
): LexResult {
  const lexer = new Lexer();
  const blocks = lexer.blockTokens(text, lexer.tokens) as MarkdownToken[];
  const pending = new Map<readonly Token[], string>(lexer.inlineQueue.map(({ src, tokens }) => [tokens, src]));
  const last = lexer.inlineQueue.at(-1);
  if (last && endsWithSource(text, last.src)) pending.set(last.tokens, finish(last.src));
  const links = { ...lexer.tokens.links, ...known };
  lexer.tokens.links = links;

  const inline: Inline = (tokens = []) => {
    const source = pending.get(tokens);
    if (source === undefined) return tokens as readonly MarkdownToken[];
    if (!inlineMarkup.test(source) || source.length > MAX_INLINE) return [textToken(source)];
    lexer.state.inRawBlock = false;
    return lexer.inlineTokens(source) as MarkdownToken[];
  };
  return { blocks, links, inline };
}

/** The last cell of a table may be followed by a bar. */
function endsWithSource(text: string, source: string): boolean {
  const end = text.trimEnd();
  const last = source.trimEnd();
  return end.endsWith(last) || (end.endsWith("|") && end.slice(0, -1).trimEnd().endsWith(last));
}

const textToken = (text: string): Tokens.Text => ({ type: "text", raw: text, text, escaped: false });

/** The link definitions in these blocks. The first one of each name wins. */
export function collectLinkDefinitions(blocks: readonly Token[]): Links {
  const found: Links = {};
  for (const block of blocks as readonly MarkdownToken[]) {
    if (block.type === "def") found[block.tag] ??= { href: block.href, title: block.title };
    else if (block.type === "blockquote" || block.type === "list_item")
      addMissing(found, collectLinkDefinitions(block.tokens));
    else if (block.type === "list") addMissing(found, collectLinkDefinitions(block.items));
  }
  return found;
}

function addMissing(to: Links, from: Links): void {
  for (const [tag, link] of Object.entries(from)) to[tag] ??= link;
}
