/** What a program printed, as it would stand on its own screen in the end: overwritten lines once, the middle folded where it is long. */
import { printable } from "../../protocol/printable.ts";
import { type Line, line, plain, type Style, span, under } from "../draw/style.ts";
import { wrap } from "../draw/wrap.ts";
import { expandTabs } from "./clean.ts";
import { cut } from "./fill.ts";
import type { Highlight } from "./highlight.ts";

export interface OutputOptions {
  columns: number;
  /** Rows at the beginning and at the end that stay; without both, everything does. */
  head?: number;
  tail?: number;
  /** Long lines are broken, or cut with `…`. */
  long: "wrap" | "cut";
  style?: Style;
  /** For numbered lines of a file: what it is written in. */
  language?: string;
  highlight?: Highlight | undefined;
}

export function renderOutput(text: string, options: OutputOptions): Line[] {
  const lines = text.replaceAll("\r\n", "\n").split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (options.head === undefined && options.tail === undefined) return lay(lines, options);
  const { head = 0, tail = 0 } = options;
  const more = (hidden: number, unit: string): Line =>
    cut([span(`… ${hidden.toLocaleString("en-US")} more ${unit}`, { fg: "faint" })], options.columns);

  const hiddenLines = lines.length - head - tail;
  if (hiddenLines > 1) {
    const rows = lay([...lines.slice(0, head), ...lines.slice(lines.length - tail)], options);
    return [...rows.slice(0, head), more(hiddenLines, "lines"), ...rows.slice(rows.length - tail)];
  }
  const rows = lay(lines, options);
  const hiddenRows = rows.length - head - tail;
  return hiddenRows > 1 ? [...rows.slice(0, head), more(hiddenRows, "rows"), ...rows.slice(rows.length - tail)] : rows;
}

/** One line, cleaned; `number` where it is a line of a file. */
interface Printed {
  number: string;
  text: string;
}

function lay(
  lines: readonly string[],
  { columns, long, style = plain, language = "", highlight }: OutputOptions,
): Line[] {
  const printed = lines.map(isNumbered(lines[0]) ? numberedLine : plainLine);
  const digits = printed.reduce((most, { number }) => Math.max(most, number.length), 0);
  const colors = digits > 0 && highlight ? highlight(printed.map(({ text }) => text).join("\n"), language) : [];
  return printed.flatMap(({ number, text }, index) => {
    const gutter = number === "" ? [] : [span(`${number.padStart(digits)}  `, { fg: "faint" })];
    const indent = number === "" ? [] : [span(" ".repeat(digits + 2))];
    const row = [...gutter, ...under(colors[index] ?? line(text), style)];
    return long === "cut" ? [cut(row, columns)] : wrap(row, columns, { indent, anywhere: true });
  });
}

/** A number and a tab, as tools that read files print them. */
const numbered = /^ *(\d+)\t(.*)$/s;

const isNumbered = (first: string | undefined): boolean => first !== undefined && numbered.test(first);

const plainLine = (text: string): Printed => ({ number: "", text: settled(text) });

function numberedLine(text: string): Printed {
  const [, number, rest = ""] = numbered.exec(text) ?? [];
  return number === undefined ? plainLine(text) : { number, text: settled(rest) };
}

/** Erases the line, as programs do before they write it anew. */
const erased = /\x1b\[[012]?K/;

/** The line as it stands in the end: what came after a carriage return lies over what came before. */
function settled(text: string): string {
  if (!text.includes("\r") && !text.includes("\x1b[")) return expandTabs(printable(text));
  let shown = "";
  for (const piece of text.split("\r").reverse()) {
    const parts = piece.split(erased);
    const own = printable(parts.join(""));
    if (own.length > shown.length) shown += own.slice(shown.length);
    if (parts.length > 1 && shown !== "") break;
  }
  return expandTabs(shown);
}
