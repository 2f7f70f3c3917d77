/** From one text to another with little change, so that an editor's marks, folds and cursors stay where they are. Pure. */
import { diffArrays } from "diff";

/** In UTF-16 units of the text before. */
export interface TextChange {
  start: number;
  end: number;
  text: string;
}

/** Beyond so many changed lines, or so long a text, everything between the first and the last difference is one change. */
const MOST_CHANGED = 1_000;
const MOST_LENGTH = 2_000_000;

/** In order, apart from each other. */
export function changesBetween(before: string, after: string): TextChange[] {
  if (before === after) return [];
  const whole = middle(before, after);
  if (before.length + after.length > MOST_LENGTH) return [whole];
  const parts = diffArrays(linesOf(before), linesOf(after), { maxEditLength: MOST_CHANGED });
  if (!parts) return [whole];
  const changes: TextChange[] = [];
  let at = 0;
  let open: TextChange | null = null;
  for (const { added, removed, value } of parts) {
    const text = value.join("");
    if (!added && !removed) {
      open = null;
      at += text.length;
      continue;
    }
    if (!open) {
      open = { start: at, end: at, text: "" };
      changes.push(open);
    }
    if (added) open.text += text;
    else {
      at += text.length;
      open.end = at;
    }
  }
  return changes;
}

function middle(before: string, after: string): TextChange {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  // Neither between the halves of a character nor between those of a line's end.
  if (start > 0 && /[\ud800-\udbff\r]/.test(before[start - 1] ?? "")) start--;
  if (same > 0 && /[\udc00-\udfff\n]/.test(before.at(-same) ?? "")) same--;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
