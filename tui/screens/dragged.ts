/** What the mouse was dragged over: from one cell to another as text is read. */
import type { Click, State } from "../app/state.ts";
import { type Box, type Frame, restyle, rowText } from "../draw/frame.ts";

type Dragged = NonNullable<State["dragged"]>;

export function markDragged(frame: Frame<Click>, dragged: State["dragged"]): void {
  if (!dragged || (dragged.from.x === dragged.to.x && dragged.from.y === dragged.to.y)) return;
  for (const box of boxes(dragged, frame.width)) restyle(frame, box, (style) => ({ ...style, bg: "selection" }));
}

export const draggedText = (frame: Frame<Click>, dragged: Dragged): string =>
  boxes(dragged, frame.width)
    .map(({ x, y, width }) => (frame.rows[y] ? rowText(frame.rows[y], x, x + width).trimEnd() : ""))
    .join("\n");

/** To the end of the first row, whole rows, from the start of the last. */
function boxes({ from, to }: Dragged, width: number): Box[] {
  const [first, last] = from.y < to.y || (from.y === to.y && from.x <= to.x) ? [from, to] : [to, from];
  return Array.from({ length: last.y - first.y + 1 }, (_, index) => {
    const y = first.y + index;
    const x = y === first.y ? first.x : 0;
    const end = y === last.y ? last.x + 1 : width;
    return { x, y, width: Math.max(0, end - x), height: 1 };
  });
}
