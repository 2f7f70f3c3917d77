/** The notes of a project: bullets under one heading of its instructions file. Pure. */

const HEADING = "## Notes";

/** The text with one more bullet at the end of its notes, which are created if missing. All other bytes are unchanged. */
export function addNote(text: string, note: string, lineEnd: "\n" | "\r\n"): string {
  const bullet = `- ${note.trim().replaceAll(/\s*\n\s*/g, " ")}`;
  const found = findNotes(text);
  if (!found) {
    const body = text.trimEnd();
    const gap = body === "" ? "" : lineEnd + lineEnd;
    return `${body}${gap}${HEADING}${lineEnd}${lineEnd}${bullet}${lineEnd}`;
  }
  const { to, isEmpty } = found;
  const rest = text.slice(to);
  return `${text.slice(0, to)}${isEmpty ? lineEnd : ""}${lineEnd}${bullet}${rest === "" ? lineEnd : rest}`;
}

/** The end of the last line of the notes. Ignores headings in fenced code. */
function findNotes(text: string): { to: number; isEmpty: boolean } | null {
  let fence = "";
  let found: { to: number; isEmpty: boolean } | null = null;
  for (const { 0: line, index } of text.matchAll(/[^\n]+/g)) {
    const trimmed = line.trimEnd();
    const fenceMarker = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1] ?? "";
    if (fence === "" && /^#{1,2}(?: |$)/.test(trimmed)) {
      if (found) return found;
      if (trimmed === HEADING) found = { to: index + trimmed.length, isEmpty: true };
    } else if (found && trimmed !== "") found = { to: index + trimmed.length, isEmpty: false };
    if (fenceMarker !== "") fence = fence === "" ? fenceMarker : fenceMarker.startsWith(fence) ? "" : fence;
  }
  return found;
}
