/** Formats blocks as Markdown for a model, with little escaping. Pure. */
import type { Block, Item, Span } from "./blocks.ts";

export const toMarkdown = (blocks: readonly Block[]): string => blocks.map(formatBlock).filter(Boolean).join("\n\n");

function formatBlock(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return formatSpans(block.spans);
    case "heading":
      return `${"#".repeat(block.level)} ${formatSpans(block.spans)}`;
    case "list":
      return block.items
        .map((item, index) => formatItem(item, block.start === null ? "-" : `${block.start + index}.`))
        .join("\n");
    case "code":
      return formatCode(block.text, block.language ?? "");
    case "quote":
      return toMarkdown(block.blocks).replace(/^/gm, "> ").replace(/^> $/gm, ">");
    case "table":
      return formatTable(block.rows);
    case "rule":
      return "---";
    default:
      return block satisfies never;
  }
}

function formatItem({ checked, blocks }: Item, mark: string): string {
  const box = checked === null ? "" : checked ? "[x] " : "[ ] ";
  // Nested lists follow directly, other blocks after an empty line.
  const text = blocks
    .map((block, index) => (index > 0 && block.type !== "list" ? "\n" : "") + formatBlock(block))
    .join("\n");
  return `${mark} ${box}${text.replace(/\n(?=.)/g, `\n${" ".repeat(mark.length + 1)}`)}`;
}

/** Uses a fence that is longer than any in the text. */
function formatCode(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/^`{3,}/gm) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function formatTable(rows: Span[][][]): string {
  const lines = rows.map((row) => `| ${row.map((cell) => formatSpans(cell).replace(/\n/g, " ")).join(" | ")} |`);
  const rule = `|${" --- |".repeat(rows[0]?.length ?? 0)}`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

export const formatSpans = (spans: readonly Span[]): string => spans.map(formatSpan).join("");

function formatSpan({ text, bold, italic, strike, code, link }: Span): string {
  // Marks must touch the text: blanks at its ends stand outside of them.
  const core = text.trim();
  if (core === "") return text;
  const before = text.slice(0, text.length - text.trimStart().length);
  const after = text.slice(text.trimEnd().length);
  const marks = [bold && "**", italic && "*", strike && "~~", code && "`"].filter((mark) => typeof mark === "string");
  const marked = marks.join("") + core + marks.reverse().join("");
  return `${before}${link === undefined || link === core ? marked : `[${marked}](${link})`}${after}`;
}
