/** Syntax highlighting. The grammars are loaded on demand, so that the first frame does not wait for them. */
import type { ColorName } from "../../client/theme.ts";
import { type Line, line, plainStyle, type Span, type Style } from "../draw/style.ts";

/** Returns one styled line per line of code; plain if the language is unknown or the code is too long. Expects clean code. */
export type Highlight = (code: string, language: string) => readonly Line[];

/** Highlights code as HTML with classes; `undefined` if the language is unknown. */
export type ToHtml = (code: string, language: string) => string | undefined;

/** The module is loaded once for the process. */
let loading: Promise<Highlight> | undefined;

export function loadHighlighter(): Promise<Highlight> {
  loading ??= import("../../client/text/grammars.ts").then(({ toHtml }) => createHighlight(toHtml));
  return loading;
}

const MAX_LINES = 2_000;
const MAX_WIDTH = 2_000;

const createHighlight =
  (toHtml: ToHtml): Highlight =>
  (code, language) => {
    const lines = code.split("\n");
    const short = lines.length <= MAX_LINES && lines.every(({ length }) => length <= MAX_WIDTH);
    const html = short && language !== "" ? toHtml(code, language) : undefined;
    const colored = html === undefined ? [] : parseHtmlLines(html);
    return colored.length === lines.length ? colored : lines.map((one) => line(one));
  };

const colors: Readonly<Record<string, ColorName>> = {
  keyword: "syntaxKeyword",
  built_in: "syntaxType",
  type: "syntaxType",
  class_: "syntaxType",
  literal: "syntaxNumber",
  number: "syntaxNumber",
  symbol: "syntaxNumber",
  bullet: "syntaxOperator",
  operator: "syntaxOperator",
  punctuation: "syntaxOperator",
  string: "syntaxString",
  regexp: "syntaxString",
  char: "syntaxString",
  code: "syntaxString",
  quote: "syntaxComment",
  comment: "syntaxComment",
  doctag: "syntaxKeyword",
  meta: "syntaxKeyword",
  section: "syntaxFunction",
  title: "syntaxFunction",
  function_: "syntaxFunction",
  variable: "syntaxVariable",
  "template-variable": "syntaxVariable",
  params: "syntaxVariable",
  property: "syntaxProperty",
  attr: "syntaxProperty",
  attribute: "syntaxProperty",
  link: "syntaxString",
  tag: "syntaxOperator",
  name: "syntaxTag",
  "template-tag": "syntaxTag",
  "selector-tag": "syntaxTag",
  "selector-id": "syntaxType",
  "selector-class": "syntaxType",
  "selector-attr": "syntaxProperty",
  "selector-pseudo": "syntaxKeyword",
  addition: "diffAdded",
  deletion: "diffRemoved",
};

const emphasisStyles: Readonly<Record<string, Style>> = { emphasis: { italic: true }, strong: { bold: true } };
/** Memo cache. */
const knownStyles = new Map<string, Style>();

/** The style of an element's classes; the last known class wins. */
function styleOfClasses(classes: string): Style | undefined {
  const before = knownStyles.get(classes);
  if (before) return before;
  let style: Style | undefined;
  for (const name of classes.replaceAll("hljs-", "").split(" ")) {
    const fg = Object.hasOwn(colors, name) ? colors[name] : undefined;
    if (fg) style = { fg };
    else if (Object.hasOwn(emphasisStyles, name)) style = emphasisStyles[name];
  }
  if (style) knownStyles.set(classes, style);
  return style;
}

const piece = /<span class="([^"]*)">|<\/span>|&(amp|lt|gt|quot|#x27);|[^<&]+/g;
const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

function parseHtmlLines(html: string): Line[] {
  const lines: Span[][] = [[]];
  const open: Style[] = [plainStyle];
  const put = (text: string, style: Style) => {
    const row = lines.at(-1) ?? [];
    const last = row.at(-1);
    if (text === "") return;
    if (last && last.style === style) row[row.length - 1] = { text: last.text + text, style };
    else row.push({ text, style });
  };
  for (const { 0: whole, 1: classes, 2: character } of html.matchAll(piece)) {
    const style = open.at(-1) ?? plainStyle;
    if (classes !== undefined) open.push(styleOfClasses(classes) ?? style);
    else if (character !== undefined) put(characters[character] ?? "", style);
    else if (whole === "</span>") open.pop();
    else {
      const [first = "", ...rest] = whole.split("\n");
      put(first, style);
      for (const text of rest) {
        lines.push([]);
        put(text, style);
      }
    }
  }
  return lines;
}
