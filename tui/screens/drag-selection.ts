/** The mouse selection: from one cell to another, in reading order. */
import type { Click, State } from "../app/state.ts";
import { type Box, type Frame, restyleBox, rowText } from "../draw/frame.ts";

type Drag = NonNullable<State["drag"]>;

export function highlightDrag(frame: Frame<Click>, drag: State["drag"]): void {
  if (!drag || (drag.from.x === drag.to.x && drag.from.y === drag.to.y)) return;
  for (const box of boxes(drag, frame.width)) restyleBox(frame, box, (style) => ({ ...style, bg: "selection" }));
}

export const textInDrag = (frame: Frame<Click>, drag: Drag): string =>
  boxes(drag, frame.width)
    .map(({ x, y, width }) => (frame.rows[y] ? rowText(frame.rows[y], x, x + width).trimEnd() : ""))
    .join("\n");

/** The first row to its end, whole rows, and the last row from its start. */
function boxes({ from, to }: Drag, width: number): Box[] {
  const [first, last] = from.y < to.y || (from.y === to.y && from.x <= to.x) ? [from, to] : [to, from];
  return Array.from({ length: last.y - first.y + 1 }, (_, index) => {
    const y = first.y + index;
    const x = y === first.y ? first.x : 0;
    const end = y === last.y ? last.x + 1 : width;
    return { x, y, width: Math.max(0, end - x), height: 1 };
  });
}
