/** Blocks of documents as those of Notion, within its limits. Pure. */
import type { Block, Item, Span } from "../markdown/blocks.ts";

/** Characters of one piece of text, pieces of one text, children of one block. */
const MOST_TEXT = 2_000;
const MOST_PIECES = 100;
const MOST_CHILDREN = 100;
/** Of one request: levels below a block, blocks on all levels, characters (Notion takes 500 kB). */
const MOST_LEVELS = 2;
const MOST_BLOCKS = 1_000;
const MOST_CHARACTERS = 150_000;

interface RichText {
  type: "text";
  text: { content: string; link?: { url: string } };
  annotations?: Record<string, boolean>;
}

export interface NotionBlock {
  type: string;
  /** What stands under the name of the type; with `children` where there are some. */
  content: Record<string, unknown>;
  children: NotionBlock[];
}

export function richOf(spans: Span[]): RichText[] {
  return spans.flatMap(({ text, bold, italic, strike, code, link }) => {
    const annotations = {
      ...(bold && { bold }),
      ...(italic && { italic }),
      ...(strike && { strikethrough: true }),
      ...(code && { code }),
    };
    const url = link !== undefined && URL.canParse(link) && link.length <= MOST_TEXT ? { link: { url: link } } : {};
    return pieces(text).map((content) => ({
      type: "text" as const,
      text: { content, ...url },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    }));
  });
}

/** Characters that take two units are not cut. */
function pieces(text: string): string[] {
  const found: string[] = [];
  for (let at = 0; at < text.length; ) {
    const isCut = /[\ud800-\udbff]/.test(text[at + MOST_TEXT - 1] ?? "");
    const end = at + MOST_TEXT - (isCut ? 1 : 0);
    found.push(text.slice(at, end));
    at = end;
  }
  return found;
}

export const notionBlocks = (blocks: Block[]): NotionBlock[] => blocks.flatMap(notionBlock);

function notionBlock(block: Block): NotionBlock[] {
  switch (block.type) {
    case "paragraph":
      return texts("paragraph", block.spans);
    case "heading":
      return texts(`heading_${Math.min(block.level, 3)}`, block.spans);
    case "list":
      return block.items.flatMap((item) =>
        listItem(item, block.start === null ? "bulleted_list_item" : "numbered_list_item"),
      );
    case "code":
      return texts("code", [{ text: block.text }], { language: languageOf(block.language) });
    case "quote":
      return withOpening("quote", block.blocks, {});
    case "table":
      return table(block.rows);
    case "rule":
      return [{ type: "divider", content: {}, children: [] }];
    default:
      return block satisfies never;
  }
}

/** More pieces than one text may have become blocks of the same kind. */
function texts(type: string, spans: Span[], more: Record<string, unknown> = {}): NotionBlock[] {
  const rich = richOf(spans);
  const count = Math.max(1, Math.ceil(rich.length / MOST_PIECES));
  return Array.from({ length: count }, (_, index) => ({
    type,
    content: { rich_text: rich.slice(index * MOST_PIECES, (index + 1) * MOST_PIECES), ...more },
    children: [],
  }));
}

const listItem = ({ checked, blocks }: Item, type: string): NotionBlock[] =>
  checked === null ? withOpening(type, blocks, {}) : withOpening("to_do", blocks, { checked });

/** A block whose text is the first paragraph, with what follows below it. */
function withOpening(type: string, blocks: Block[], more: Record<string, unknown>): NotionBlock[] {
  const [first, ...rest] = blocks;
  const isText = first?.type === "paragraph";
  const opened = texts(type, isText ? first.spans : [], more);
  opened.at(-1)?.children.push(...notionBlocks(isText ? rest : blocks));
  return opened;
}

function table(rows: Span[][][]): NotionBlock[] {
  const width = Math.max(1, ...rows.map((row) => row.length));
  const children = rows.map((row) => ({
    type: "table_row",
    content: { cells: Array.from({ length: width }, (_, at) => richOf(row[at] ?? []).slice(0, MOST_PIECES)) },
    children: [],
  }));
  return [{ type: "table", content: { table_width: width, has_column_header: true, has_row_header: false }, children }];
}

// ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Sent {
  /** As the API takes it. */
  block: Record<string, unknown>;
  /** What is too much or too deep for the same request: appended below the block when it has an id. */
  later: NotionBlock[];
}

/** Blocks by requests that Notion takes. */
export function requestsOf(blocks: NotionBlock[]): Sent[][] {
  const requests: Sent[][] = [];
  let room = { blocks: 0, characters: 0 };
  for (const sent of blocks.map(sentOf)) {
    const size = { blocks: sizeOf(sent.block), characters: JSON.stringify(sent.block).length };
    const open = requests.at(-1);
    const fits =
      open && open.length < MOST_CHILDREN && size.blocks <= room.blocks && size.characters <= room.characters;
    if (fits) open.push(sent);
    else {
      requests.push([sent]);
      room = { blocks: MOST_BLOCKS, characters: MOST_CHARACTERS };
    }
    room = { blocks: room.blocks - size.blocks, characters: room.characters - size.characters };
  }
  return requests;
}

function sentOf(block: NotionBlock): Sent {
  const { type, content, children } = block;
  const whole = written(block);
  const fits =
    depthOf(block) <= MOST_LEVELS &&
    isNarrow([block]) &&
    sizeOf(whole) <= MOST_BLOCKS &&
    JSON.stringify(whole).length <= MOST_CHARACTERS;
  if (fits) return { block: whole, later: [] };
  // A table cannot be without rows.
  const now = type === "table" ? children.slice(0, 1) : [];
  return { block: written({ type, content, children: now }), later: children.slice(now.length) };
}

function written({ type, content, children }: NotionBlock): Record<string, unknown> {
  const below = children.length > 0 ? { children: children.map(written) } : {};
  return { object: "block", type, [type]: { ...content, ...below } };
}

function sizeOf(block: Record<string, unknown>): number {
  const { children = [] } = block[String(block.type)] as { children?: Record<string, unknown>[] };
  return children.reduce((sum, child) => sum + sizeOf(child), 1);
}

const depthOf = ({ children }: NotionBlock): number =>
  children.length === 0 ? 0 : 1 + Math.max(...children.map(depthOf));

const isNarrow = (blocks: NotionBlock[]): boolean =>
  blocks.every(({ children }) => children.length <= MOST_CHILDREN && isNarrow(children));

/** What people write behind a fence, where Notion calls it otherwise. */
const languages: Record<string, string> = {
  js: "javascript",
  jsx: "javascript",
  ts: "typescript",
  tsx: "typescript",
  py: "python",
  rb: "ruby",
  rs: "rust",
  sh: "shell",
  zsh: "shell",
  console: "shell",
  yml: "yaml",
  md: "markdown",
  golang: "go",
  cs: "c#",
  csharp: "c#",
  cpp: "c++",
  kt: "kotlin",
  jsonc: "json",
  dockerfile: "docker",
  tex: "latex",
  ps1: "powershell",
};
const known =
  `bash c c# c++ clojure css dart diff docker elixir elm erlang f# fortran go graphql groovy haskell html java javascript json
  julia kotlin latex less lisp lua makefile markdown matlab mermaid nix objective-c ocaml pascal perl php powershell prolog protobuf python r
  reason ruby rust sass scala scheme scss shell solidity sql swift toml typescript verilog vhdl xml yaml`.split(/\s+/);

function languageOf(name: string | null): string {
  const lower = name?.toLowerCase() ?? "";
  const found = languages[lower] ?? lower;
  return known.includes(found) ? found : "plain text";
}
