/** A block of code on its own field: the language named at the top right, long lines broken with a mark. */
import { type Line, line, type Style, span } from "../draw/style.ts";
import { wrap } from "../draw/wrap.ts";
import { cut, filled } from "./fill.ts";
import type { Highlight } from "./highlight.ts";

export interface Code {
  text: string;
  /** As the fence names it; empty where it names none. */
  language: string;
}

export type LayCode = (code: Code, columns: number, highlight: Highlight | undefined) => Line[];

const field: Style = { bg: "codeBackground" };
const goesOn: Line = [span("↪ ", { fg: "faint" })];

export const layCode: LayCode = ({ text, language }, columns, highlight) => [
  ...head(language, columns),
  ...colorLines(text, language, highlight).flatMap((one) => layLine(one, columns)),
];

/** Up to here all is colored anew with each line; beyond, when it has grown by a part of itself. */
const SMALL = 600;
const GROWN = 1.3;

/**
 * For code that still grows: lines that are complete are laid once. Those that came since all was colored are colored on their own, and
 * so may look wrong for a moment inside of a long comment.
 */
export function createOpenCode(): LayCode {
  let setting: readonly unknown[] = [];
  let seen = "";
  let colored = 0;
  let laid: Line[] = [];
  return ({ text, language }, columns, highlight) => {
    const now = [language, columns, highlight];
    if (now.some((one, index) => one !== setting[index]) || !text.startsWith(seen)) [seen, colored, laid] = ["", 0, []];
    setting = now;
    const lay = (lines: string) => colorLines(lines, language, highlight).flatMap((one) => layLine(one, columns));
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== seen) {
      if (whole.length < SMALL || whole.length > colored * GROWN) {
        laid = lay(whole.slice(0, -1));
        colored = whole.length;
      } else for (const row of lay(whole.slice(seen.length, -1))) laid.push(row);
      seen = whole;
    }
    return [...head(language, columns), ...laid, ...lay(text.slice(seen.length))];
  };
}

const colorLines = (text: string, language: string, highlight: Highlight | undefined): readonly Line[] =>
  highlight ? highlight(text, language) : text.split("\n").map((one) => line(one));

function head(language: string, columns: number): Line[] {
  if (language === "") return [];
  const name = cut([span(language, { fg: "faint" })], Math.max(1, columns - 2));
  const width = columns - 1 - name.reduce((sum, { text }) => sum + text.length, 0);
  return [filled([...(width > 0 ? [span(" ".repeat(width))] : []), ...name], columns, field)];
}

function layLine(code: Line, columns: number): Line[] {
  const margin = columns > 4 ? 1 : 0;
  return wrap(code, columns - 2 * margin, { anywhere: true, indent: goesOn }).map((row) =>
    filled(margin > 0 ? [span(" "), ...row] : row, columns, field),
  );
}
