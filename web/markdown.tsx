/**
 * Renders Markdown tokens as elements: text is never inserted as HTML, images are not fetched, and links are opened by the host.
 */
import type { Token } from "marked";
import type { ComponentChildren, VNode } from "preact";
import { useMemo } from "preact/hooks";
import { decodeEntities } from "../client/text/entities.ts";
import { type Inline, lexMarkdown, type MarkdownToken } from "../client/text/lex.ts";
import { limitNesting } from "../client/text/limit-nesting.ts";
import { describeLink } from "../client/text/links.ts";
import { completeInline, dropUndecidedLine } from "../client/text/partial-markdown.ts";
import { printable } from "../protocol/printable.ts";
import { Code } from "./code.tsx";

/** `open`: the text is still streaming, and incomplete syntax is rendered as if it were complete. */
export function Markdown({ text, open, link }: { text: string; open: boolean; link(href: string): void }): VNode {
  const { blocks, inline } = useMemo(() => {
    const clean = printable(text.replaceAll("\r\n", "\n"), { keepNewlines: true })
      .split("\n")
      .map(limitNesting)
      .join("\n");
    return open ? lexMarkdown(dropUndecidedLine(clean), {}, completeInline) : lexMarkdown(clean, {});
  }, [text, open]);
  return <div class="markdown">{blocks.map((block) => renderBlock(block, { inline, link }))}</div>;
}

interface RenderContext {
  inline: Inline;
  link(href: string): void;
}

function renderBlock(token: MarkdownToken, context: RenderContext): ComponentChildren {
  switch (token.type) {
    case "heading":
      return renderHeading(token.depth, renderInline(token.tokens, context));
    case "paragraph":
      return <p>{renderInline(token.tokens, context)}</p>;
    case "text":
      return token.tokens ? <span>{renderInline(token.tokens, context)}</span> : decodeEntities(token.text);
    case "code":
      return <Code text={token.text} language={/^\S*/.exec(token.lang ?? "")?.[0] ?? ""} />;
    case "blockquote":
      return <blockquote>{renderBlocks(token.tokens, context)}</blockquote>;
    case "list": {
      const items = token.items.map((item) => (
        <li>
          {item.task && <input type="checkbox" checked={item.checked === true} disabled aria-label="done" />}
          {renderBlocks(item.tokens, context)}
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
                  <th>{renderInline(cell.tokens, context)}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {token.rows.map((row) => (
                <tr>
                  {row.map((cell) => (
                    <td>{renderInline(cell.tokens, context)}</td>
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

const renderBlocks = (tokens: readonly Token[], context: RenderContext): ComponentChildren =>
  (tokens as readonly MarkdownToken[]).map((token) => renderBlock(token, context));

/** Starts at h3, below the headings of the page. */
function renderHeading(depth: number, inside: ComponentChildren): VNode {
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

function renderInline(tokens: readonly Token[] | undefined, context: RenderContext): ComponentChildren {
  return context.inline(tokens).map((token) => {
    switch (token.type) {
      case "strong":
        return <strong>{renderInline(token.tokens, context)}</strong>;
      case "em":
        return <em>{renderInline(token.tokens, context)}</em>;
      case "del":
        return <del>{renderInline(token.tokens, context)}</del>;
      case "codespan":
        return <code>{decodeEntities(token.text)}</code>;
      case "link":
        return (
          <Link href={decodeEntities(token.href)} label={token.text} open={context.link}>
            {renderInline(token.tokens, context)}
          </Link>
        );
      case "image":
        return <span class="muted">{`[image: ${decodeEntities(token.text)}] (${decodeEntities(token.href)})`}</span>;
      case "br":
        return <br />;
      case "checkbox":
        return null;
      case "html":
        return /^<br *\/?>$/i.test(token.text) ? <br /> : <span class="raw">{token.text}</span>;
      case "escape":
        return token.text;
      case "text":
        return token.tokens ? renderInline(token.tokens, context) : decodeEntities(token.text);
      default:
        return token.raw;
    }
  });
}

/** Shows the target after the text unless the text contains it. A misleading or unsupported link is not clickable or is marked. */
function Link({
  href,
  label,
  open,
  children,
}: {
  href: string;
  label: string;
  open(href: string): void;
  children: ComponentChildren;
}): VNode {
  const { link, target, isMisleading } = describeLink(label, href);
  const shown =
    link !== undefined && /^(?:https?|file):/i.test(link) ? (
      <button type="button" class={isMisleading ? "link misleads" : "link"} title={link} onClick={() => open(link)}>
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
