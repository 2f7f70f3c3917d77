/**
 * Markdown as elements, made from what the lexer found: text is never taken for HTML, pictures are not fetched, and links are opened by
 * whatever the page stands in.
 */
import type { Token } from "marked";
import type { ComponentChildren, VNode } from "preact";
import { useMemo } from "preact/hooks";
import { decoded } from "../client/text/entities.ts";
import { type Inline, lex, type MarkdownToken } from "../client/text/lex.ts";
import { shownLink } from "../client/text/links.ts";
import { tame } from "../client/text/tame.ts";
import { decided, finishInline } from "../client/text/unfinished.ts";
import { printable } from "../protocol/printable.ts";
import { Code } from "./code.tsx";

/** `open`: more may come, and what is half written is shown as what it is about to be. */
export function Markdown({ text, open, link }: { text: string; open: boolean; link(href: string): void }): VNode {
  const { blocks, inline } = useMemo(() => {
    const clean = printable(text.replaceAll("\r\n", "\n"), { keepNewlines: true }).split("\n").map(tame).join("\n");
    return open ? lex(decided(clean), {}, finishInline) : lex(clean, {});
  }, [text, open]);
  return <div class="markdown">{blocks.map((block) => blockOf(block, { inline, link }))}</div>;
}

interface Way {
  inline: Inline;
  link(href: string): void;
}

function blockOf(token: MarkdownToken, way: Way): ComponentChildren {
  switch (token.type) {
    case "heading":
      return heading(token.depth, inlineOf(token.tokens, way));
    case "paragraph":
      return <p>{inlineOf(token.tokens, way)}</p>;
    case "text":
      return token.tokens ? <span>{inlineOf(token.tokens, way)}</span> : decoded(token.text);
    case "code":
      return <Code text={token.text} language={/^\S*/.exec(token.lang ?? "")?.[0] ?? ""} />;
    case "blockquote":
      return <blockquote>{blocksOf(token.tokens, way)}</blockquote>;
    case "list": {
      const items = token.items.map((item) => (
        <li>
          {item.task && <input type="checkbox" checked={item.checked === true} disabled aria-label="done" />}
          {blocksOf(item.tokens, way)}
        </li>
      ));
      return token.ordered ? <ol start={Number(token.start) || 1}>{items}</ol> : <ul>{items}</ul>;
    }
    case "table":
      return (
        <div class="wide">
          <table>
            <thead>
              <tr>
                {token.header.map((cell) => (
                  <th>{inlineOf(cell.tokens, way)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {token.rows.map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>{inlineOf(cell.tokens, way)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "hr":
      return <hr />;
    case "space":
    case "def":
      return null;
    case "html":
      return <p class="raw">{token.text}</p>;
    default:
      return <p>{token.raw}</p>;
  }
}

const blocksOf = (tokens: readonly Token[], way: Way): ComponentChildren =>
  (tokens as readonly MarkdownToken[]).map((token) => blockOf(token, way));

/** Below the headings of the page itself. */
function heading(depth: number, inside: ComponentChildren): VNode {
  switch (depth) {
    case 1:
      return <h3>{inside}</h3>;
    case 2:
      return <h4>{inside}</h4>;
    case 3:
      return <h5>{inside}</h5>;
    default:
      return <h6>{inside}</h6>;
  }
}

function inlineOf(tokens: readonly Token[] | undefined, way: Way): ComponentChildren {
  return way.inline(tokens).map((token) => {
    switch (token.type) {
      case "strong":
        return <strong>{inlineOf(token.tokens, way)}</strong>;
      case "em":
        return <em>{inlineOf(token.tokens, way)}</em>;
      case "del":
        return <del>{inlineOf(token.tokens, way)}</del>;
      case "codespan":
        return <code>{decoded(token.text)}</code>;
      case "link":
        return (
          <Link href={decoded(token.href)} said={token.text} open={way.link}>
            {inlineOf(token.tokens, way)}
          </Link>
        );
      case "image":
        return <span class="muted">{`[image: ${decoded(token.text)}] (${decoded(token.href)})`}</span>;
      case "br":
        return <br />;
      case "checkbox":
        return null;
      case "html":
        return /^<br *\/?>$/i.test(token.text) ? <br /> : <span class="raw">{token.text}</span>;
      case "escape":
        return token.text;
      case "text":
        return token.tokens ? inlineOf(token.tokens, way) : decoded(token.text);
      default:
        return token.raw;
    }
  });
}

/** What does not lead where a person expects from text is no link; where it leads stands beside it unless the text says it. */
function Link({
  href,
  said,
  open,
  children,
}: {
  href: string;
  said: string;
  open(href: string): void;
  children: ComponentChildren;
}): VNode {
  const { link, target, misleads } = shownLink(said, href);
  const shown =
    link !== undefined && /^(?:https?|file):/i.test(link) ? (
      <button type="button" class={misleads ? "link misleads" : "link"} title={link} onClick={() => open(link)}>
        {children}
      </button>
    ) : (
      <span>{children}</span>
    );
  return (
    <span>
      {shown}
      {target !== undefined && <span class="muted">{` (${target})`}</span>}
    </span>
  );
}
