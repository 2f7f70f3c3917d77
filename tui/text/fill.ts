/** Lines of an exact width, and lines that are cut. */
import { type Line, plain, type Span, type Style, span, under } from "../draw/style.ts";
import { textWidth, upTo } from "../draw/width.ts";
import { lineWidth } from "../draw/wrap.ts";

export const blanks = (columns: number, style: Style = plain): Line =>
  columns > 0 ? [span(" ".repeat(columns), style)] : [];

/** The line on a field of this style, as wide as the columns. */
export const filled = (spans: Line, columns: number, style: Style): Line => [
  ...under(spans, style),
  ...blanks(columns - lineWidth(spans), style),
];

/** As much from the start as fits, with `…` where something was left out. */
export function cut(spans: Line, columns: number): Line {
  if (lineWidth(spans) <= columns) return spans;
  const kept: Span[] = [];
  let room = columns;
  for (const { text, style } of spans) {
    const width = textWidth(text);
    if (width >= room) {
      kept.push({ text: `${upTo(text, room - 1)}…`, style });
      break;
    }
    kept.push({ text, style });
    room -= width;
  }
  return kept;
}

/** A style over the text from one offset to another, counted in the text of the whole line. */
export function overRange(spans: Line, from: number, to: number, style: Style): Line {
  let at = 0;
  return spans.flatMap((one) => {
    const start = Math.max(0, from - at);
    const end = Math.min(one.text.length, to - at);
    at += one.text.length;
    if (start >= end) return [one];
    const part = (a: number, b: number | undefined, said: Style) => ({ text: one.text.slice(a, b), style: said });
    return [
      part(0, start, one.style),
      part(start, end, { ...one.style, ...style }),
      part(end, undefined, one.style),
    ].filter(({ text }) => text !== "");
  });
}
