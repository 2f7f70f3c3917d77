/** Hover: the agent's explanation of a changed line. */
import type { Hover, HoverParams } from "vscode-languageserver/node";
import type { LspContext } from "./context.ts";
import { type EditReviews, explainHunk, findHunk } from "./edits.ts";

export async function provideHover(
  { documents, sessions }: LspContext,
  edits: EditReviews,
  { textDocument, position }: HoverParams,
): Promise<Hover | null> {
  const path = documents.get(textDocument.uri)?.path;
  const changed = path ? await edits.get(path).catch(() => null) : null;
  const hunk = changed && findHunk(changed.hunks, position.line);
  const view = changed && sessions.view(changed.session);
  if (!hunk || !view) return null;
  const note = explainHunk(view, changed.edit, hunk) ?? "The explanation is not available any more.";
  const value = `*Changed by ${changed.edit.by.name}*\n\n${note}`;
  const end = { line: hunk.now.start + Math.max(1, hunk.now.lines.length), character: 0 };
  return { contents: { kind: "markdown", value }, range: { start: { line: hunk.now.start, character: 0 }, end } };
}
