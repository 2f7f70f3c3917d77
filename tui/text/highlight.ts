/** Code in colors. The grammars are loaded once, when they are asked for: a first screen does not wait for them. */
import type { ColorName } from "../../client/theme.ts";
import { type Line, line, plain, type Span, type Style } from "../draw/style.ts";

/** One line for each line of the code; plain where the language is not known or the code is too long. The code is clean. */
export type Highlight = (code: string, language: string) => readonly Line[];

/** Colors text of a language as HTML with classes, or says nothing where it does not know the language. */
export type ToHtml = (code: string, language: string) => string | undefined;

let loading: Promise<Highlight> | undefined;

export function loadHighlighter(): Promise<Highlight> {
  loading ??= import("../../client/text/grammars.ts").then(({ toHtml }) => highlightBy(toHtml));
  return loading;
}

const MOST_LINES = 2_000;
const MOST_WIDTH = 2_000;

const highlightBy =
  (toHtml: ToHtml): Highlight =>
  (code, language) => {
    const lines = code.split("\n");
    const short = lines.length <= MOST_LINES && lines.every(({ length }) => length <= MOST_WIDTH);
    const html = short && language !== "" ? toHtml(code, language) : undefined;
    const colored = html === undefined ? [] : linesOfHtml(html);
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

const looks: Readonly<Record<string, Style>> = { emphasis: { italic: true }, strong: { bold: true } };
const known = new Map<string, Style>();

/** What the classes of one element say; the last that says something wins. */
function styleOf(classes: string): Style | undefined {
  const before = known.get(classes);
  if (before) return before;
  let style: Style | undefined;
  for (const name of classes.replaceAll("hljs-", "").split(" ")) {
    const fg = Object.hasOwn(colors, name) ? colors[name] : undefined;
    if (fg) style = { fg };
    else if (Object.hasOwn(looks, name)) style = looks[name];
  }
  if (style) known.set(classes, style);
  return style;
}

const piece = /<span class="([^"]*)">|<\/span>|&(amp|lt|gt|quot|#x27);|[^<&]+/g;
const characters: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#x27": "'" };

function linesOfHtml(html: string): Line[] {
  const lines: Span[][] = [[]];
  const open: Style[] = [plain];
  const put = (text: string, style: Style) => {
    const row = lines.at(-1) ?? [];
    const last = row.at(-1);
    if (text === "") return;
    if (last && last.style === style) row[row.length - 1] = { text: last.text + text, style };
    else row.push({ text, style });
  };
  for (const { 0: whole, 1: classes, 2: character } of html.matchAll(piece)) {
    const style = open.at(-1) ?? plain;
    if (classes !== undefined) open.push(styleOf(classes) ?? style);
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
