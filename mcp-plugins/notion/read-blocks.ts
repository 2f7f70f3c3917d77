/** Reads the blocks of a page with all nested blocks, and converts them. */
import { z } from "zod";
import { type Block, createParagraph, type Span } from "../markdown/blocks.ts";
import { listShape, notion, type Rich, richShape } from "./api.ts";
import { toSpans } from "./properties.ts";

/** Limits of requests and nesting for one page; the result says if it is incomplete. */
const MAX_REQUESTS = 60;
const MAX_DEPTH = 8;

const blockShape = z.looseObject({ id: z.string(), type: z.string(), has_children: z.boolean().optional() });
type RawBlock = z.output<typeof blockShape>;

interface BlockTree extends RawBlock {
  children: BlockTree[];
}

export async function readBlocks(id: string, signal: AbortSignal): Promise<{ blocks: Block[]; isWhole: boolean }> {
  let remaining = MAX_REQUESTS;
  let isWhole = true;
  const readChildren = async (parent: string, depth: number): Promise<BlockTree[]> => {
    const found: RawBlock[] = [];
    for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
      if (remaining === 0 || depth > MAX_DEPTH) {
        isWhole = false;
        break;
      }
      remaining -= 1;
      const query = { page_size: 100, start_cursor: cursor };
      const page = await notion.get(listShape(blockShape), { path: `/blocks/${parent}/children`, query, signal });
      found.push(...page.results);
      cursor = page.has_more ? (page.next_cursor ?? undefined) : undefined;
    }
    const nested: BlockTree[] = [];
    for (const block of found) {
      // A page or database inside a page is only a link.
      const isOwn = block.type === "child_page" || block.type === "child_database";
      nested.push({ ...block, children: block.has_children && !isOwn ? await readChildren(block.id, depth + 1) : [] });
    }
    return nested;
  };
  return { blocks: toBlocks(await readChildren(id, 0)), isWhole };
}

/** The possible content under the name of a block's type. */
const contentShape = z
  .object({
    rich_text: richShape,
    caption: richShape,
    cells: z.array(richShape),
    checked: z.boolean(),
    language: z.string(),
    url: z.string(),
    title: z.string(),
    expression: z.string(),
    external: z.object({ url: z.string() }),
    file: z.object({ url: z.string() }),
  })
  .partial();

const lists: Record<string, "bullet" | "number"> = {
  bulleted_list_item: "bullet",
  to_do: "bullet",
  toggle: "bullet",
  numbered_list_item: "number",
};

/** Consecutive items form one list. */
function toBlocks(raw: BlockTree[]): Block[] {
  const blocks: Block[] = [];
  let open: "bullet" | "number" | null = null;
  for (const block of raw) {
    const kind = lists[block.type] ?? null;
    if (kind === null) {
      blocks.push(...toBlock(block));
    } else {
      const last = blocks.at(-1);
      const list = kind === open && last?.type === "list" ? last : addList(blocks, kind);
      const { rich_text = [], checked } = parseContent(block);
      const opening: Block = { type: "paragraph", spans: toSpans(rich_text) };
      list.items.push({
        checked: block.type === "to_do" ? checked === true : null,
        blocks: [opening, ...toBlocks(block.children)],
      });
    }
    open = kind;
  }
  return blocks;
}

function addList(blocks: Block[], kind: "bullet" | "number"): Extract<Block, { type: "list" }> {
  const list = { type: "list" as const, start: kind === "number" ? 1 : null, items: [] };
  blocks.push(list);
  return list;
}

const parseContent = (block: RawBlock): z.output<typeof contentShape> =>
  contentShape.safeParse(block[block.type]).data ?? {};

function toBlock(block: BlockTree): Block[] {
  const { type, children } = block;
  const { rich_text, cells, caption = [], language, url, title, expression, external, file } = parseContent(block);
  const spans = toSpans(rich_text ?? []);
  const target = url ?? external?.url ?? file?.url;
  switch (type) {
    case "heading_1":
    case "heading_2":
    case "heading_3":
      return [{ type: "heading", level: Number(type.at(-1)), spans }, ...toBlocks(children)];
    case "code":
      return [
        { type: "code", language: language === "plain text" ? null : (language ?? null), text: toPlainText(rich_text) },
      ];
    case "quote":
    case "callout":
      return [{ type: "quote", blocks: [{ type: "paragraph", spans }, ...toBlocks(children)] }];
    case "divider":
      return [{ type: "rule" }];
    case "equation":
      return [createParagraph(`$$${expression ?? ""}$$`)];
    case "table":
      return [{ type: "table", rows: children.map((row) => (parseContent(row).cells ?? []).map(toSpans)) }];
    case "table_row":
      return [createParagraph((cells ?? []).map((cell) => toPlainText(cell)).join(" | "))];
    case "child_page":
    case "child_database":
      return [createParagraph(`[${type === "child_page" ? "page" : "database"} ${title ?? ""}, id ${block.id}]`)];
    default:
      if (rich_text !== undefined) return [{ type: "paragraph", spans }, ...toBlocks(children)];
      return target === undefined ? toBlocks(children) : [createLink(type, toPlainText(caption), target)];
  }
}

const toPlainText = (rich: Rich = []): string => rich.map(({ plain_text }) => plain_text).join("");

function createLink(type: string, caption: string, target: string): Block {
  // URLs of Notion's own files are signed for an hour: long, and useless later.
  const isSigned = target.includes("X-Amz-Signature");
  const span: Span = { text: caption || type, ...(!isSigned && { link: target }) };
  return { type: "paragraph", spans: [{ text: `${type}: ` }, span] };
}
