/** Converts HTML to Markdown, without navigation and other parts around the text. */
import Turndown from "turndown";

/** Limits, so that a page does not block the plugin for long. */
const MAX_HTML = 600_000;
const MAX_DEPTH = 200;

export function toMarkdown(html: string, base: URL): string {
  const title = /<title[^>]{0,300}>([^<]{0,1000})/i.exec(html)?.[1]?.trim();
  const visible = [
    [/<script\b/i, /<\/script/i],
    [/<style\b/i, /<\/style/i],
    [/<svg\b/i, /<\/svg/i],
    [/<!--/, /-->/],
  ].reduce((text, [open, close]) => removeElements(text, open as RegExp, close as RegExp), html);
  const start = visible.slice(0, MAX_HTML);
  const body = isDeep(start) ? stripTags(start) : createConverter(base).turndown(start);
  const notice = visible.length > MAX_HTML ? "\n\n(The page is very long; this is its start.)" : "";
  return (title && !body.startsWith(`# ${title}`) ? `# ${title}\n\n${body}` : body) + notice;
}

/** Void elements and elements with optional end tags, which do not nest by themselves. */
const nonNesting = new Set(
  `p li dd dt tr td th thead tbody tfoot colgroup option optgroup rp rt br img hr input meta link area base col embed source track
  wbr html head body`.split(/\s+/),
);

/** Very deep nesting, which would block the HTML parser for minutes. */
function isDeep(html: string): boolean {
  const open = new Map<string, number>();
  let depth = 0;
  for (const [, close, tag = ""] of html.matchAll(/<(\/?)([a-z][a-z0-9-]*)/gi)) {
    const name = tag.toLowerCase();
    const count = open.get(name) ?? 0;
    if (nonNesting.has(name) || (close && count === 0)) continue;
    open.set(name, count + (close ? -1 : 1));
    depth += close ? -1 : 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

const stripTags = (html: string): string =>
  html
    .replace(/<[^<>]{0,1000}>/g, " ")
    .replace(/\s+/g, " ")
    .trim();

/** Removes elements in one pass. An unclosed element extends to the end. */
function removeElements(text: string, open: RegExp, close: RegExp): string {
  const [first = "", ...rest] = text.split(open);
  const remaining = rest.map((piece) => {
    const end = piece.search(close);
    return end < 0 ? "" : piece.slice(end).replace(/^[^>]*>/, "");
  });
  return first + remaining.join("");
}

function createConverter(base: URL): Turndown {
  const turndown = new Turndown({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-" });
  turndown.remove(["script", "style", "noscript", "iframe", "title", "head", "template", "nav", "footer", "aside"]);
  turndown.remove(["form", "button", "select"]);
  const attribute = (node: Turndown.Node, name: string): string => (node as Element).getAttribute(name) ?? "";
  turndown.addRule("link", {
    filter: "a",
    replacement(content, node) {
      const target = URL.parse(attribute(node, "href"), base);
      const text = content.trim();
      const isPage = target !== null && /^(https?|mailto):$/.test(target.protocol) && attribute(node, "href") !== "";
      const isSamePage = target !== null && target.hash !== "" && target.href.split("#")[0] === base.href.split("#")[0];
      return text === "" || !isPage || isSamePage ? content : `[${text}](${target.href})`;
    },
  });
  turndown.addRule("image", {
    filter: "img",
    replacement(_, node) {
      const source = URL.parse(attribute(node, "src"), base);
      const name = attribute(node, "alt").replace(/\s+/g, " ").trim();
      return name !== "" && source && /^https?:$/.test(source.protocol) ? `![${name}](${source.href})` : name;
    },
  });
  turndown.addRule("cell", {
    filter: ["th", "td"],
    replacement: (content) => `| ${content.replace(/\s+/g, " ").trim()} `,
  });
  turndown.addRule("row", {
    filter: "tr",
    replacement(content, node) {
      const cells = Array.from((node as Element).children).filter(({ nodeName }) => /^T[HD]$/.test(nodeName));
      const isHead = cells.length > 0 && cells.every(({ nodeName }) => nodeName === "TH");
      return `${content.trim()} |\n${isHead ? `${"| --- ".repeat(cells.length)}|\n` : ""}`;
    },
  });
  turndown.addRule("rows", { filter: ["thead", "tbody", "tfoot"], replacement: (content) => content });
  return turndown;
}
