/** Lays out a code block: on its own background, with the language at the top right and long lines wrapped. */
import { type Line, line, type Style, span } from "../draw/style.ts";
import { wrapLine } from "../draw/wrap.ts";
import { padLine, truncateLine } from "./fill.ts";
import type { Highlight } from "./highlight.ts";

export interface Code {
  text: string;
  /** The language of the fence; may be empty. */
  language: string;
}

export type LayoutCode = (code: Code, columns: number, highlight: Highlight | undefined) => Line[];

const codeStyle: Style = { bg: "codeBackground" };
const continuation: Line = [span("↪ ", { fg: "faint" })];

export const layoutCode: LayoutCode = ({ text, language }, columns, highlight) => [
  ...languageLine(language, columns),
  ...colorLines(text, language, highlight).flatMap((one) => layoutLine(one, columns)),
];

/** Code up to this size is highlighted again with each line; longer code only when it has grown by this factor. */
const SMALL = 600;
const GROWN = 1.3;

/**
 * For code that still grows: complete lines are laid out once. Lines since the last full highlighting are highlighted on their own, so they
 * may look wrong for a moment, for example inside a long comment.
 */
export function createGrowingCodeLayout(): LayoutCode {
  let setting: readonly unknown[] = [];
  let seen = "";
  let colored = 0;
  let laid: Line[] = [];
  return ({ text, language }, columns, highlight) => {
    const now = [language, columns, highlight];
    if (now.some((one, index) => one !== setting[index]) || !text.startsWith(seen)) [seen, colored, laid] = ["", 0, []];
    setting = now;
    const lay = (lines: string) => colorLines(lines, language, highlight).flatMap((one) => layoutLine(one, columns));
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole !== seen) {
      if (whole.length < SMALL || whole.length > colored * GROWN) {
        laid = lay(whole.slice(0, -1));
        colored = whole.length;
      } else for (const row of lay(whole.slice(seen.length, -1))) laid.push(row);
      seen = whole;
    }
    return [...languageLine(language, columns), ...laid, ...lay(text.slice(seen.length))];
  };
}

const colorLines = (text: string, language: string, highlight: Highlight | undefined): readonly Line[] =>
  highlight ? highlight(text, language) : text.split("\n").map((one) => line(one));

function languageLine(language: string, columns: number): Line[] {
  if (language === "") return [];
  const name = truncateLine([span(language, { fg: "faint" })], Math.max(1, columns - 2));
  const width = columns - 1 - name.reduce((sum, { text }) => sum + text.length, 0);
  return [padLine([...(width > 0 ? [span(" ".repeat(width))] : []), ...name], columns, codeStyle)];
}

function layoutLine(code: Line, columns: number): Line[] {
  const margin = columns > 4 ? 1 : 0;
  return wrapLine(code, columns - 2 * margin, { anywhere: true, indent: continuation }).map((row) =>
    padLine(margin > 0 ? [span(" "), ...row] : row, columns, codeStyle),
  );
}
