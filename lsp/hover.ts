/** Why a line is as an agent left it: what was said before the call that changed it. */
import type { Hover, HoverParams } from "vscode-languageserver/node";
import { type Edits, hunkAt, noteOf } from "./edits.ts";
import type { Face } from "./face.ts";

export async function hoverAt(
  { documents, sessions }: Face,
  edits: Edits,
  { textDocument, position }: HoverParams,
): Promise<Hover | null> {
  const path = documents.get(textDocument.uri)?.path;
  const changed = path ? await edits.of(path).catch(() => null) : null;
  const hunk = changed && hunkAt(changed.hunks, position.line);
  const view = changed && sessions.view(changed.session);
  if (!hunk || !view) return null;
  const note = noteOf(view, changed.edit, hunk) ?? "What was said then is not at hand any more.";
  const value = `*Changed by ${changed.edit.by.name}*\n\n${note}`;
  const end = { line: hunk.now.start + Math.max(1, hunk.now.lines.length), character: 0 };
  return { contents: { kind: "markdown", value }, range: { start: { line: hunk.now.start, character: 0 }, end } };
}
