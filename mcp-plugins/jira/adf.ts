/** Converts between blocks and the Atlassian Document Format. Pure. */
import { z } from "zod";
import { type Block, createParagraph, type Item, type Span } from "../markdown/blocks.ts";
import { formatSpans } from "../markdown/write.ts";

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

export const toDocument = (blocks: Block[]): Node & { version: 1 } => ({
  version: 1,
  type: "doc",
  content: blocks.flatMap(toNodes),
});

function toNodes(block: Block): Node[] {
  switch (block.type) {
    case "paragraph":
      return [{ type: "paragraph", content: toInlineNodes(block.spans) }];
    case "heading":
      return [{ type: "heading", attrs: { level: block.level }, content: toInlineNodes(block.spans) }];
    case "list": {
      const content = block.items.map((item) => ({ type: "listItem", content: toItemNodes(item) }));
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
      return [{ type: "blockquote", content: block.blocks.flatMap(simplify).flatMap(toNodes) }];
    case "table": {
      const cell = (type: string) => (spans: Span[]) => ({
        type,
        content: [{ type: "paragraph", content: toInlineNodes(spans) }],
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

/** List items begin with a paragraph and support fewer nodes than a document. Checkboxes become text. */
function toItemNodes({ checked, blocks }: Item): Node[] {
  const box: Span[] = checked === null ? [] : [{ text: checked ? "[x] " : "[ ] " }];
  const [first, ...rest] = blocks.flatMap(simplify);
  const opening = first?.type === "paragraph" ? first.spans : [];
  const others = first === undefined || first.type === "paragraph" ? rest : [first, ...rest];
  return [{ type: "paragraph", spans: [...box, ...opening] } satisfies Block, ...others].flatMap(toNodes);
}

/** Converts a block to paragraphs, lists and code, which are allowed in list items and quotes. */
function simplify(block: Block): Block[] {
  switch (block.type) {
    case "heading":
      return [{ type: "paragraph", spans: block.spans.map((span) => ({ ...span, bold: true })) }];
    case "quote":
      return block.blocks.flatMap(simplify);
    case "table":
      return block.rows.map((row) => createParagraph(row.map(formatSpans).join(" | ")));
    case "rule":
      return [];
    default:
      return [block];
  }
}

/** Text nodes must not be empty, and line breaks are nodes of their own. */
const toInlineNodes = (spans: Span[]): Node[] =>
  spans.flatMap(({ text, ...style }) =>
    text
      .split("\n")
      .flatMap((line, index): Node[] => [
        ...(index > 0 ? [{ type: "hardBreak" }] : []),
        ...(line === "" ? [] : [{ type: "text", text: line, ...toMarks(style) }]),
      ]),
  );

/** Code can be combined only with a link. */
function toMarks({ bold, italic, strike, code, link }: Omit<Span, "text">): Pick<Node, "marks"> {
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

/** Unknown nodes are replaced with their content. */
export function toBlocks(node: Node): Block[] {
  const { type, attrs = {}, content = [] } = node;
  const children = (): Block[] => content.flatMap(toBlocks);
  switch (type) {
    case "paragraph":
      return [{ type: "paragraph", spans: content.flatMap(toSpans) }];
    case "heading":
      return [{ type: "heading", level: Number(attrs.level ?? 1), spans: content.flatMap(toSpans) }];
    case "bulletList":
    case "orderedList":
    case "taskList":
    case "decisionList":
      return [
        { type: "list", start: type === "orderedList" ? Number(attrs.order ?? 1) : null, items: content.map(toItem) },
      ];
    case "codeBlock": {
      const text = content.map((one) => one.text ?? "").join("");
      return [{ type: "code", language: typeof attrs.language === "string" ? attrs.language : null, text }];
    }
    case "blockquote":
    case "panel":
      return [{ type: "quote", blocks: children() }];
    case "expand":
    case "nestedExpand":
      return [createParagraph(String(attrs.title ?? "")), ...children()];
    case "table":
      return [{ type: "table", rows: content.map((row) => (row.content ?? []).map(toCell)) }];
    case "rule":
      return [{ type: "rule" }];
    default:
      return content.length > 0 ? children() : [{ type: "paragraph", spans: toSpans(node) }];
  }
}

function toItem(node: Node): Item {
  const { type, attrs, content = [] } = node;
  if (type === "taskItem" || type === "decisionItem")
    return { checked: attrs?.state === "DONE", blocks: [{ type: "paragraph", spans: content.flatMap(toSpans) }] };
  // A list directly inside a task list belongs below its last item.
  return { checked: null, blocks: type === "listItem" ? content.flatMap(toBlocks) : toBlocks(node) };
}

const toCell = ({ content = [] }: Node): Span[] =>
  content
    .flatMap(toBlocks)
    .flatMap((block, index): Span[] => [
      ...(index > 0 ? [{ text: " " }] : []),
      ...("spans" in block ? block.spans : block.type === "code" ? [{ text: block.text, code: true }] : []),
    ]);

function toSpans({ type, text = "", attrs = {}, marks = [], content = [] }: Node): Span[] {
  const name = (key: string): string => (typeof attrs[key] === "string" ? attrs[key] : "");
  switch (type) {
    case "text":
      return [{ text, ...toStyle(marks) }];
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
      return content.flatMap(toSpans);
  }
}

function toStyle(marks: NonNullable<Node["marks"]>): Omit<Span, "text"> {
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
