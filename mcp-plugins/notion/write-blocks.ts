/** Converts blocks to Notion's, within its limits. Pure. */
import type { Block, Item, Span } from "../markdown/blocks.ts";

/** Characters per text object, text objects per block, children per block. */
const MAX_TEXT = 2_000;
const MAX_PIECES = 100;
const MAX_CHILDREN = 100;
/** Per request: levels below a block, blocks on all levels, characters (the limit is 500 kB). */
const MAX_LEVELS = 2;
const MAX_BLOCKS = 1_000;
const MAX_CHARACTERS = 150_000;

interface RichText {
  type: "text";
  text: { content: string; link?: { url: string } };
  annotations?: Record<string, boolean>;
}

export interface NotionBlock {
  type: string;
  /** The content under the name of the type, without children. */
  content: Record<string, unknown>;
  children: NotionBlock[];
}

export function toRichText(spans: Span[]): RichText[] {
  return spans.flatMap(({ text, bold, italic, strike, code, link }) => {
    const annotations = {
      ...(bold && { bold }),
      ...(italic && { italic }),
      ...(strike && { strikethrough: true }),
      ...(code && { code }),
    };
    const url = link !== undefined && URL.canParse(link) && link.length <= MAX_TEXT ? { link: { url: link } } : {};
    return splitText(text).map((content) => ({
      type: "text" as const,
      text: { content, ...url },
      ...(Object.keys(annotations).length > 0 && { annotations }),
    }));
  });
}

/** Does not split surrogate pairs. */
function splitText(text: string): string[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length; ) {
    const isCut = /[\ud800-\udbff]/.test(text[at + MAX_TEXT - 1] ?? "");
    const end = at + MAX_TEXT - (isCut ? 1 : 0);
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts;
}

export const toNotionBlocks = (blocks: Block[]): NotionBlock[] => blocks.flatMap(toNotionBlock);

function toNotionBlock(block: Block): NotionBlock[] {
  switch (block.type) {
    case "paragraph":
      return createTextBlocks("paragraph", block.spans);
    case "heading":
      return createTextBlocks(`heading_${Math.min(block.level, 3)}`, block.spans);
    case "list":
      return block.items.flatMap((item) =>
        createListItem(item, block.start === null ? "bulleted_list_item" : "numbered_list_item"),
      );
    case "code":
      return createTextBlocks("code", [{ text: block.text }], { language: toNotionLanguage(block.language) });
    case "quote":
      return createNestedBlocks("quote", block.blocks, {});
    case "table":
      return createTable(block.rows);
    case "rule":
      return [{ type: "divider", content: {}, children: [] }];
    default:
      return block satisfies never;
  }
}

/** Text with too many text objects becomes several blocks. */
function createTextBlocks(type: string, spans: Span[], more: Record<string, unknown> = {}): NotionBlock[] {
  const rich = toRichText(spans);
  const count = Math.max(1, Math.ceil(rich.length / MAX_PIECES));
  return Array.from({ length: count }, (_, index) => ({
    type,
    content: { rich_text: rich.slice(index * MAX_PIECES, (index + 1) * MAX_PIECES), ...more },
    children: [],
  }));
}

const createListItem = ({ checked, blocks }: Item, type: string): NotionBlock[] =>
  checked === null ? createNestedBlocks(type, blocks, {}) : createNestedBlocks("to_do", blocks, { checked });

/** Creates a block with the first paragraph as its text and the other blocks as its children. */
function createNestedBlocks(type: string, blocks: Block[], more: Record<string, unknown>): NotionBlock[] {
  const [first, ...rest] = blocks;
  const isText = first?.type === "paragraph";
  const created = createTextBlocks(type, isText ? first.spans : [], more);
  created.at(-1)?.children.push(...toNotionBlocks(isText ? rest : blocks));
  return created;
}

function createTable(rows: Span[][][]): NotionBlock[] {
  const width = Math.max(1, ...rows.map((row) => row.length));
  const children = rows.map((row) => ({
    type: "table_row",
    content: { cells: Array.from({ length: width }, (_, at) => toRichText(row[at] ?? []).slice(0, MAX_PIECES)) },
    children: [],
  }));
  return [{ type: "table", content: { table_width: width, has_column_header: true, has_row_header: false }, children }];
}

// ── requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────

export interface RequestBlock {
  /** In the form of the API. */
  block: Record<string, unknown>;
  /** Children that do not fit in the same request; appended when the block has an ID. */
  deferred: NotionBlock[];
}

/** Splits blocks into requests within Notion's limits. */
export function splitRequests(blocks: NotionBlock[]): RequestBlock[][] {
  const requests: RequestBlock[][] = [];
  let remaining = { blocks: 0, characters: 0 };
  for (const sent of blocks.map(toRequestBlock)) {
    const size = { blocks: countBlocks(sent.block), characters: JSON.stringify(sent.block).length };
    const open = requests.at(-1);
    const fits =
      open && open.length < MAX_CHILDREN && size.blocks <= remaining.blocks && size.characters <= remaining.characters;
    if (fits) open.push(sent);
    else {
      requests.push([sent]);
      remaining = { blocks: MAX_BLOCKS, characters: MAX_CHARACTERS };
    }
    remaining = { blocks: remaining.blocks - size.blocks, characters: remaining.characters - size.characters };
  }
  return requests;
}

function toRequestBlock(block: NotionBlock): RequestBlock {
  const { type, content, children } = block;
  const whole = toApiBlock(block);
  const fits =
    getDepth(block) <= MAX_LEVELS &&
    isNarrow([block]) &&
    countBlocks(whole) <= MAX_BLOCKS &&
    JSON.stringify(whole).length <= MAX_CHARACTERS;
  if (fits) return { block: whole, deferred: [] };
  // A table needs at least one row.
  const now = type === "table" ? children.slice(0, 1) : [];
  return { block: toApiBlock({ type, content, children: now }), deferred: children.slice(now.length) };
}

function toApiBlock({ type, content, children }: NotionBlock): Record<string, unknown> {
  const below = children.length > 0 ? { children: children.map(toApiBlock) } : {};
  return { object: "block", type, [type]: { ...content, ...below } };
}

function countBlocks(block: Record<string, unknown>): number {
  const { children = [] } = block[String(block.type)] as { children?: Record<string, unknown>[] };
  return children.reduce((sum, child) => sum + countBlocks(child), 1);
}

const getDepth = ({ children }: NotionBlock): number =>
  children.length === 0 ? 0 : 1 + Math.max(...children.map(getDepth));

const isNarrow = (blocks: NotionBlock[]): boolean =>
  blocks.every(({ children }) => children.length <= MAX_CHILDREN && isNarrow(children));

/** Names of languages in code fences that differ from Notion's. */
const aliases: Record<string, string> = {
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
const notionLanguages =
  `bash c c# c++ clojure css dart diff docker elixir elm erlang f# fortran go graphql groovy haskell html java javascript json
  julia kotlin latex less lisp lua makefile markdown matlab mermaid nix objective-c ocaml pascal perl php powershell prolog protobuf python r
  reason ruby rust sass scala scheme scss shell solidity sql swift toml typescript verilog vhdl xml yaml`.split(/\s+/);

function toNotionLanguage(name: string | null): string {
  const lower = name?.toLowerCase() ?? "";
  const found = aliases[lower] ?? lower;
  return notionLanguages.includes(found) ? found : "plain text";
}
