/** Renders the output of a program as its terminal would show it in the end, with the middle folded if it is long. */
import { printable } from "../../protocol/printable.ts";
import { type Line, line, plainStyle, type Style, span, withBaseStyle } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";
import { expandTabs } from "./clean.ts";
import { truncateLine } from "./fill.ts";
import type { Highlight } from "./highlight.ts";

export interface OutputOptions {
  columns: number;
  /** The number of rows to show at the start and at the end. Without both, everything is shown. */
  head?: number;
  tail?: number;
  /** Wraps long lines, or truncates them with `…`. */
  long: "wrap" | "cut";
  style?: Style;
  /** For numbered lines of a file: its language. */
  language?: string;
  highlight?: Highlight | undefined;
}

export function renderOutput(text: string, options: OutputOptions): Line[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (options.head === undefined && options.tail === undefined) return layoutLines(lines, options);
  const { head = 0, tail = 0 } = options;
  const more = (hidden: number, unit: string): Line =>
    truncateLine([span(`… ${hidden.toLocaleString("en-US")} more ${unit}`, { fg: "faint" })], options.columns);

  const hiddenLines = lines.length - head - tail;
  if (hiddenLines > 1) {
    const rows = layoutLines([...lines.slice(0, head), ...lines.slice(lines.length - tail)], options);
    return [...rows.slice(0, head), more(hiddenLines, "lines"), ...rows.slice(rows.length - tail)];
  }
  const rows = layoutLines(lines, options);
  const hiddenRows = rows.length - head - tail;
  return hiddenRows > 1 ? [...rows.slice(0, head), more(hiddenRows, "rows"), ...rows.slice(rows.length - tail)] : rows;
}

/** A cleaned line; `number` is set for lines of a file. */
interface OutputLine {
  number: string;
  text: string;
}

function layoutLines(
  lines: readonly string[],
  { columns, long, style = plainStyle, language = "", highlight }: OutputOptions,
): Line[] {
  const printed = lines.map(isNumbered(lines[0]) ? parseNumberedLine : parsePlainLine);
  const digits = printed.reduce((most, { number }) => Math.max(most, number.length), 0);
  const colors = digits > 0 && highlight ? highlight(printed.map(({ text }) => text).join("\n"), language) : [];
  return printed.flatMap(({ number, text }, index) => {
    const gutter = number === "" ? [] : [span(`${number.padStart(digits)}  `, { fg: "faint" })];
    const indent = number === "" ? [] : [span(" ".repeat(digits + 2))];
    const row = [...gutter, ...withBaseStyle(colors[index] ?? line(text), style)];
    return long === "cut" ? [truncateLine(row, columns)] : wrapLine(row, columns, { indent, anywhere: true });
  });
}

/** A number and a tab, as printed by tools that read files. */
const numberedLinePattern = /^ *(\d+)\t(.*)$/s;

const isNumbered = (first: string | undefined): boolean => first !== undefined && numberedLinePattern.test(first);

const parsePlainLine = (text: string): OutputLine => ({ number: "", text: resolveOverwrites(text) });

function parseNumberedLine(text: string): OutputLine {
  const [, number, rest = ""] = numberedLinePattern.exec(text) ?? [];
  return number === undefined ? parsePlainLine(text) : { number, text: resolveOverwrites(rest) };
}

/** Erases the line, as programs do before they rewrite it. */
const eraseLine = /\x1b\[[012]?K/;

/** The final text of a line: text after a carriage return overwrites the text before it. */
function resolveOverwrites(text: string): string {
  if (!text.includes("\r") && !text.includes("\x1b[")) return expandTabs(printable(text));
  let shown = "";
  for (const piece of text.split("\r").reverse()) {
    const parts = piece.split(eraseLine);
    const own = printable(parts.join(""));
    if (own.length > shown.length) shown += own.slice(shown.length);
    if (parts.length > 1 && shown !== "") break;
  }
  return expandTabs(shown);
}
