/** The notes of a project: bullets under one heading of its instructions. Pure. */

const HEADING = "## Notes";

/** The text with one more bullet at the end of its notes, which begin where there are none yet. Every other byte stays. */
export function withNote(text: string, note: string, lineEnd: "\n" | "\r\n"): string {
  const bullet = `- ${note.trim().replaceAll(/\s*\n\s*/g, " ")}`;
  const found = notesIn(text);
  if (!found) {
    const body = text.trimEnd();
    const gap = body === "" ? "" : lineEnd + lineEnd;
    return `${body}${gap}${HEADING}${lineEnd}${lineEnd}${bullet}${lineEnd}`;
  }
  const { to, isEmpty } = found;
  const rest = text.slice(to);
  return `${text.slice(0, to)}${isEmpty ? lineEnd : ""}${lineEnd}${bullet}${rest === "" ? lineEnd : rest}`;
}

/** Where the last line of the notes ends; what is inside a fence is no heading. */
function notesIn(text: string): { to: number; isEmpty: boolean } | null {
  let fence = "";
  let found: { to: number; isEmpty: boolean } | null = null;
  for (const { 0: line, index } of text.matchAll(/[^\n]+/g)) {
    const shown = line.trimEnd();
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence === "" && /^#{1,2}(?: |$)/.test(shown)) {
      if (found) return found;
      if (shown === HEADING) found = { to: index + shown.length, isEmpty: true };
    } else if (found && shown !== "") found = { to: index + shown.length, isEmpty: false };
    if (mark !== "") fence = fence === "" ? mark : mark.startsWith(fence) ? "" : fence;
  }
  return found;
}
