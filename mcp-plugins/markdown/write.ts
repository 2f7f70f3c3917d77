/** Blocks as Markdown, for a model to read: nothing is escaped that it would not stumble over. Pure. */
import type { Block, Item, Span } from "./blocks.ts";

export const toMarkdown = (blocks: readonly Block[]): string => blocks.map(written).filter(Boolean).join("\n\n");

function written(block: Block): string {
  switch (block.type) {
    case "paragraph":
      return spansText(block.spans);
    case "heading":
      return `${"#".repeat(block.level)} ${spansText(block.spans)}`;
    case "list":
      return block.items
        .map((item, index) => itemText(item, block.start === null ? "-" : `${block.start + index}.`))
        .join("\n");
    case "code":
      return fenced(block.text, block.language ?? "");
    case "quote":
      return toMarkdown(block.blocks).replace(/^/gm, "> ").replace(/^> $/gm, ">");
    case "table":
      return tableText(block.rows);
    case "rule":
      return "---";
    default:
      return block satisfies never;
  }
}

function itemText({ checked, blocks }: Item, mark: string): string {
  const box = checked === null ? "" : checked ? "[x] " : "[ ] ";
  // Lists below an item stand close to it, other blocks apart.
  const text = blocks
    .map((block, index) => (index > 0 && block.type !== "list" ? "\n" : "") + written(block))
    .join("\n");
  return `${mark} ${box}${text.replace(/\n(?=.)/g, `\n${" ".repeat(mark.length + 1)}`)}`;
}

/** The fence is longer than any inside. */
function fenced(text: string, language: string): string {
  const longest = Math.max(2, ...(text.match(/^`{3,}/gm) ?? []).map(({ length }) => length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
}

function tableText(rows: Span[][][]): string {
  const lines = rows.map((row) => `| ${row.map((cell) => spansText(cell).replace(/\n/g, " ")).join(" | ")} |`);
  const rule = `|${" --- |".repeat(rows[0]?.length ?? 0)}`;
  return [lines[0], rule, ...lines.slice(1)].join("\n");
}

export const spansText = (spans: readonly Span[]): string => spans.map(spanText).join("");

function spanText({ text, bold, italic, strike, code, link }: Span): string {
  // Marks must touch the text: blanks at its ends stand outside of them.
  const core = text.trim();
  if (core === "") return text;
  const before = text.slice(0, text.length - text.trimStart().length);
  const after = text.slice(text.trimEnd().length);
  const marks = [bold && "**", italic && "*", strike && "~~", code && "`"].filter((mark) => typeof mark === "string");
  const marked = marks.join("") + core + marks.reverse().join("");
  return `${before}${link === undefined || link === core ? marked : `[${marked}](${link})`}${after}`;
}
