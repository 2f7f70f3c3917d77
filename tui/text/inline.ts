/** What stands inside of a paragraph, a heading or a cell as styled lines: one for each line end in it, not yet broken to columns. */
import type { Token } from "marked";
import { decoded } from "../../client/text/entities.ts";
import type { Inline, MarkdownToken } from "../../client/text/lex.ts";
import { shownLink } from "../../client/text/links.ts";
import { printable } from "../../protocol/printable.ts";
import { type Line, plain, type Span, type Style, span, textOf } from "../draw/style.ts";

export function inlineLines(tokens: readonly Token[] | undefined, inline: Inline): Line[] {
  const rows: Span[][] = [[]];
  for (const piece of spansOf(inline(tokens), plain)) {
    const [first = "", ...rest] = piece.text.split("\n");
    if (first !== "") rows.at(-1)?.push(span(first, piece.style));
    for (const text of rest) rows.push(text === "" ? [] : [span(text, piece.style)]);
  }
  return rows.map(withoutEdges);
}

const drawn = (text: string): string => printable(text, { keepNewlines: true });

const lineBreak = /^<br *\/?>$/i;
const rawHtml: Style = { fg: "muted" };
const inlineCode: Style = { fg: "code", bg: "codeBackground" };

/** Here, and only here, a span may hold line ends. */
function spansOf(tokens: readonly Token[], style: Style): Span[] {
  return (tokens as readonly MarkdownToken[]).flatMap((token): Span[] => {
    switch (token.type) {
      case "strong":
        return spansOf(token.tokens, { ...style, bold: true });
      case "em":
        return spansOf(token.tokens, { ...style, italic: true });
      case "del":
        return spansOf(token.tokens, { ...style, strike: true });
      case "codespan":
        return [span(printable(token.text.replaceAll("\n", " ")), { ...style, ...inlineCode })];
      case "link":
        return link(token.tokens, token.autolink === true ? token.href : decoded(token.href), style);
      case "image": {
        const target = decoded(token.href).replaceAll("\n", " ");
        const shown: Style = { ...style, fg: "muted" };
        return [span(`[image: ${decoded(token.text)}]${target === "" ? "" : ` (${target})`}`, shown)];
      }
      case "br":
        return [span("\n", style)];
      case "html":
        return [lineBreak.test(token.text) ? span("\n", style) : span(drawn(token.text), { ...style, ...rawHtml })];
      case "checkbox":
        return [];
      case "escape":
        return [span(drawn(token.text), style)];
      case "text":
        return token.tokens ? spansOf(token.tokens, style) : [span(decoded(token.text), style)];
      default:
        return [span(drawn(token.raw), style)];
    }
  });
}

function link(tokens: readonly Token[], href: string, style: Style): Span[] {
  const inside = spansOf(tokens, style);
  const { link, target, misleads } = shownLink(textOf(inside), href);
  const look: Style = { fg: misleads ? "warning" : "link", underline: true, ...(link !== undefined && { link }) };
  const shown = inside.map((piece) => span(piece.text, { ...piece.style, ...look }));
  return target === undefined ? shown : [...shown, span(` (${target})`, { ...style, fg: "muted" })];
}

/** Blanks at the ends of a line mean nothing in Markdown. */
function withoutEdges(row: readonly Span[]): Line {
  const trimmed = row.map((piece, index) => {
    const start = index === 0 ? piece.text.trimStart() : piece.text;
    return { text: index === row.length - 1 ? start.trimEnd() : start, style: piece.style };
  });
  return trimmed.filter(({ text }) => text !== "");
}
