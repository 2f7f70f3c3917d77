/** Computes minimal changes between two texts, so that an editor keeps its markers, folds and cursors. Pure. */
import { diffArrays } from "diff";

/** In UTF-16 units of the old text. */
export interface TextChange {
  start: number;
  end: number;
  text: string;
}

/** For more changed lines or a longer text, everything between the first and the last difference is one change. */
const MAX_CHANGED_LINES = 1_000;
const MAX_LENGTH = 2_000_000;

/** In order, not adjacent. */
export function diffTexts(before: string, after: string): TextChange[] {
  if (before === after) return [];
  const whole = wholeChange(before, after);
  if (before.length + after.length > MAX_LENGTH) return [whole];
  const parts = diffArrays(linesOf(before), linesOf(after), { maxEditLength: MAX_CHANGED_LINES });
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

function wholeChange(before: string, after: string): TextChange {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let same = 0;
  while (same < most - start && before.at(-1 - same) === after.at(-1 - same)) same++;
  // Do not split a surrogate pair or a CRLF.
  if (start > 0 && /[\ud800-\udbff\r]/.test(before[start - 1] ?? "")) start--;
  if (same > 0 && /[\udc00-\udfff\n]/.test(before.at(-same) ?? "")) same--;
  return { start, end: before.length - same, text: after.slice(start, after.length - same) };
}

const linesOf = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
