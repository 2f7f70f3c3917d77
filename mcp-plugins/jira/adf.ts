/** The Atlassian document format: made of blocks, and read into them. Pure. */
import { z } from "zod";
import { type Block, type Item, plain, type Span } from "../markdown/blocks.ts";
import { spansText } from "../markdown/write.ts";

export interface Node {
  type: string;
  text?: string | undefined;
  attrs?: Record<string, unknown> | undefined;
  marks?: { type: string; attrs?: Record<string, unknown> | undefined }[] | undefined;
  content?: Node[] | undefined;
}

const attributes = z.record(z.string(), z.unknown()).optional();
export const nodeShape: z.ZodType<Node> = z.object({
  type: z.string(),
  text: z.string().optional(),
  attrs: attributes,
  marks: z.array(z.object({ type: z.string(), attrs: attributes })).optional(),
  get content() {
    return z.array(nodeShape).optional();
  },
});

// ── blocks to nodes ──────────────────────────────────────────────────────────────────────────────────────────────────

export const documentOf = (blocks: Block[]): Node & { version: 1 } => ({
  version: 1,
  type: "doc",
  content: blocks.flatMap(nodesOf),
});

function nodesOf(block: Block): Node[] {
  switch (block.type) {
    case "paragraph":
      return [{ type: "paragraph", content: inline(block.spans) }];
    case "heading":
      return [{ type: "heading", attrs: { level: block.level }, content: inline(block.spans) }];
    case "list": {
      const content = block.items.map((item) => ({ type: "listItem", content: itemNodes(item) }));
      return [
        block.start === null
          ? { type: "bulletList", content }
          : { type: "orderedList", attrs: { order: block.start }, content },
      ];
    }
    case "code": {
      const content = block.text === "" ? [] : [{ type: "text", text: block.text }];
      return [{ type: "codeBlock", ...(block.language !== null && { attrs: { language: block.language } }), content }];
    }
    case "quote":
      return [{ type: "blockquote", content: block.blocks.flatMap(simple).flatMap(nodesOf) }];
    case "table": {
      const cell = (type: string) => (spans: Span[]) => ({
        type,
        content: [{ type: "paragraph", content: inline(spans) }],
      });
      const content = block.rows.map((row, index) => ({
        type: "tableRow",
        content: row.map(cell(index === 0 ? "tableHeader" : "tableCell")),
      }));
      return [{ type: "table", content }];
    }
    case "rule":
      return [{ type: "rule" }];
    default:
      return block satisfies never;
  }
}

/** Items begin with a paragraph, and hold fewer kinds of nodes than a document. A box to check is written out. */
function itemNodes({ checked, blocks }: Item): Node[] {
  const box: Span[] = checked === null ? [] : [{ text: checked ? "[x] " : "[ ] " }];
  const [first, ...rest] = blocks.flatMap(simple);
  const opening = first?.type === "paragraph" ? first.spans : [];
  const others = first === undefined || first.type === "paragraph" ? rest : [first, ...rest];
  return [{ type: "paragraph", spans: [...box, ...opening] } satisfies Block, ...others].flatMap(nodesOf);
}

/** What may stand in items and quotes: paragraphs, lists and code. Everything else is said with these. */
function simple(block: Block): Block[] {
  switch (block.type) {
    case "heading":
      return [{ type: "paragraph", spans: block.spans.map((span) => ({ ...span, bold: true })) }];
    case "quote":
      return block.blocks.flatMap(simple);
    case "table":
      return block.rows.map((row) => plain(row.map(spansText).join(" | ")));
    case "rule":
      return [];
    default:
      return [block];
  }
}

/** Texts must not be empty, and do not break lines by themselves. */
const inline = (spans: Span[]): Node[] =>
  spans.flatMap(({ text, ...style }) =>
    text
      .split("\n")
      .flatMap((line, index): Node[] => [
        ...(index > 0 ? [{ type: "hardBreak" }] : []),
        ...(line === "" ? [] : [{ type: "text", text: line, ...marksOf(style) }]),
      ]),
  );

/** Code may be a link, but nothing else beside. */
function marksOf({ bold, italic, strike, code, link }: Omit<Span, "text">): Pick<Node, "marks"> {
  const styles = code
    ? ["code"]
    : [bold && "strong", italic && "em", strike && "strike"].filter((one) => typeof one === "string");
  const marks = [
    ...styles.map((type) => ({ type })),
    ...(link !== undefined && URL.canParse(link) ? [{ type: "link", attrs: { href: link } }] : []),
  ];
  return marks.length > 0 ? { marks } : {};
}

// ── nodes to blocks ──────────────────────────────────────────────────────────────────────────────────────────────────

/** Nodes that are not known give what stands in them. */
export function blocksOfNode(node: Node): Block[] {
  const { type, attrs = {}, content = [] } = node;
  const below = (): Block[] => content.flatMap(blocksOfNode);
  switch (type) {
    case "paragraph":
      return [{ type: "paragraph", spans: content.flatMap(spansOfNode) }];
    case "heading":
      return [{ type: "heading", level: Number(attrs.level ?? 1), spans: content.flatMap(spansOfNode) }];
    case "bulletList":
    case "orderedList":
    case "taskList":
    case "decisionList":
      return [
        { type: "list", start: type === "orderedList" ? Number(attrs.order ?? 1) : null, items: content.map(itemOf) },
      ];
    case "codeBlock": {
      const text = content.map((one) => one.text ?? "").join("");
      return [{ type: "code", language: typeof attrs.language === "string" ? attrs.language : null, text }];
    }
    case "blockquote":
    case "panel":
      return [{ type: "quote", blocks: below() }];
    case "expand":
    case "nestedExpand":
      return [plain(String(attrs.title ?? "")), ...below()];
    case "table":
      return [{ type: "table", rows: content.map((row) => (row.content ?? []).map(cellOf)) }];
    case "rule":
      return [{ type: "rule" }];
    default:
      return content.length > 0 ? below() : [{ type: "paragraph", spans: spansOfNode(node) }];
  }
}

function itemOf(node: Node): Item {
  const { type, attrs, content = [] } = node;
  if (type === "taskItem" || type === "decisionItem")
    return { checked: attrs?.state === "DONE", blocks: [{ type: "paragraph", spans: content.flatMap(spansOfNode) }] };
  // A list right in a list of tasks is one below its last item.
  return { checked: null, blocks: type === "listItem" ? content.flatMap(blocksOfNode) : blocksOfNode(node) };
}

const cellOf = ({ content = [] }: Node): Span[] =>
  content
    .flatMap(blocksOfNode)
    .flatMap((block, index): Span[] => [
      ...(index > 0 ? [{ text: " " }] : []),
      ...("spans" in block ? block.spans : block.type === "code" ? [{ text: block.text, code: true }] : []),
    ]);

function spansOfNode({ type, text = "", attrs = {}, marks = [], content = [] }: Node): Span[] {
  const name = (key: string): string => (typeof attrs[key] === "string" ? attrs[key] : "");
  switch (type) {
    case "text":
      return [{ text, ...styleOf(marks) }];
    case "hardBreak":
      return [{ text: "\n" }];
    case "mention":
      return [{ text: name("text") || "@someone" }];
    case "emoji":
      return [{ text: name("text") || name("shortName") }];
    case "status":
      return [{ text: `[${name("text")}]` }];
    case "date":
      return [{ text: new Date(Number(attrs.timestamp)).toISOString().slice(0, 10) }];
    case "inlineCard":
    case "blockCard":
    case "embedCard":
      return [{ text: name("url"), link: name("url") }];
    case "media":
    case "mediaInline":
      return [{ text: `[attachment ${name("alt") || name("id")}]` }];
    default:
      return content.flatMap(spansOfNode);
  }
}

function styleOf(marks: NonNullable<Node["marks"]>): Omit<Span, "text"> {
  const has = (type: string): boolean => marks.some((mark) => mark.type === type);
  const href = marks.find(({ type }) => type === "link")?.attrs?.href;
  return {
    ...(has("strong") && { bold: true }),
    ...(has("em") && { italic: true }),
    ...(has("strike") && { strike: true }),
    ...(has("code") && { code: true }),
    ...(typeof href === "string" && { link: href }),
  };
}
