/** Converts inline Markdown to styled lines: one per line break, not yet wrapped. */
import type { Token } from "marked";
import { decodeEntities } from "../../client/text/entities.ts";
import type { Inline, MarkdownToken } from "../../client/text/lex.ts";
import { describeLink } from "../../client/text/links.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, plainStyle, type Span, type Style, span, textOf } from "../draw/style.ts";

export function parseInlineLines(tokens: readonly Token[] | undefined, inline: Inline): Line[] {
  const rows: Span[][] = [[]];
  for (const piece of toSpans(inline(tokens), plainStyle)) {
    const [first = "", ...rest] = piece.text.split("\n");
    if (first !== "") rows.at(-1)?.push(span(first, piece.style));
    for (const text of rest) rows.push(text === "" ? [] : [span(text, piece.style)]);
  }
  return rows.map(trimLine);
}

const printableText = (text: string): string => printable(text, { keepNewlines: true });

const lineBreak = /^<br *\/?>$/i;
const rawHtml: Style = { fg: "muted" };
const inlineCode: Style = { fg: "code", bg: "codeBackground" };

/** Only here, spans may contain line ends. */
function toSpans(tokens: readonly Token[], style: Style): Span[] {
  return (tokens as readonly MarkdownToken[]).flatMap((token): Span[] => {
    switch (token.type) {
      case "strong":
        return toSpans(token.tokens, { ...style, bold: true });
      case "em":
        return toSpans(token.tokens, { ...style, italic: true });
      case "del":
        return toSpans(token.tokens, { ...style, strike: true });
      case "codespan":
        return [span(printable(token.text.replaceAll("\n", " ")), { ...style, ...inlineCode })];
      case "link":
        return linkSpans(token.tokens, token.autolink === true ? token.href : decodeEntities(token.href), style);
      case "image": {
        const target = decodeEntities(token.href).replaceAll("\n", " ");
        const shown: Style = { ...style, fg: "muted" };
        return [span(`[image: ${decodeEntities(token.text)}]${target === "" ? "" : ` (${target})`}`, shown)];
      }
      case "br":
        return [span("\n", style)];
      case "html":
        return [
          lineBreak.test(token.text) ? span("\n", style) : span(printableText(token.text), { ...style, ...rawHtml }),
        ];
      case "checkbox":
        return [];
      case "escape":
        return [span(printableText(token.text), style)];
      case "text":
        return token.tokens ? toSpans(token.tokens, style) : [span(decodeEntities(token.text), style)];
      default:
        return [span(printableText(token.raw), style)];
    }
  });
}

function linkSpans(tokens: readonly Token[], href: string, style: Style): Span[] {
  const inside = toSpans(tokens, style);
  const { link, target, isMisleading } = describeLink(textOf(inside), href);
  const look: Style = { fg: isMisleading ? "warning" : "link", underline: true, ...(link !== undefined && { link }) };
  const shown = inside.map((piece) => span(piece.text, { ...piece.style, ...look }));
  return target === undefined ? shown : [...shown, span(` (${target})`, { ...style, fg: "muted" })];
}

/** Spaces at both ends of a line have no meaning in Markdown. */
function trimLine(row: readonly Span[]): Line {
  const trimmed = row.map((piece, index) => {
    const start = index === 0 ? piece.text.trimStart() : piece.text;
    return { text: index === row.length - 1 ? start.trimEnd() : start, style: piece.style };
  });
  return trimmed.filter(({ text }) => text !== "");
}
