/** Pads and truncates styled lines. */
import { type Line, plainStyle, type Span, type Style, span, withBaseStyle } from "../draw/style.ts";
import { takeColumns, textWidth } from "../draw/width.ts";
import { lineWidth } from "../draw/wrap.ts";

export const blankLine = (columns: number, style: Style = plainStyle): Line =>
  columns > 0 ? [span(" ".repeat(columns), style)] : [];

/** Pads the line to this width on a background. */
export const padLine = (spans: Line, columns: number, style: Style): Line => [
  ...withBaseStyle(spans, style),
  ...blankLine(columns - lineWidth(spans), style),
];

/** Truncates the line at its end, marked with `…`. */
export function truncateLine(spans: Line, columns: number): Line {
  if (lineWidth(spans) <= columns) return spans;
  const result: Span[] = [];
  let room = columns;
  for (const { text, style } of spans) {
    const width = textWidth(text);
    if (width >= room) {
      result.push({ text: `${takeColumns(text, room - 1)}…`, style });
      break;
    }
    result.push({ text, style });
    room -= width;
  }
  return result;
}

/** Applies a style to a range of the line's text. */
export function styleRange(spans: Line, from: number, to: number, style: Style): Line {
  let at = 0;
  return spans.flatMap((one) => {
    const start = Math.max(0, from - at);
    const end = Math.min(one.text.length, to - at);
    at += one.text.length;
    if (start >= end) return [one];
    const part = (a: number, b: number | undefined, partStyle: Style) => ({
      text: one.text.slice(a, b),
      style: partStyle,
    });
    return [
      part(0, start, one.style),
      part(start, end, { ...one.style, ...style }),
      part(end, undefined, one.style),
    ].filter(({ text }) => text !== "");
  });
}
