/** Code lenses: actions above each symbol, and Keep and Undo above each change by an agent. */
import { type CodeLens, CodeLensRefreshRequest, type Range } from "vscode-languageserver/node";
import { createActionCommand } from "./actions.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";
import { type EditReviews, type FileReview, formatEditCount } from "./edits.ts";
import { findSymbols } from "./symbols.ts";

/** A file with more changes gets lenses only for the whole file. */
const MAX_HUNKS = 50;

export async function provideLenses(
  { client }: LspContext,
  edits: EditReviews,
  document: Document,
): Promise<CodeLens[]> {
  const { symbols = true, edits: showEdits = true } = client().options.lenses ?? {};
  const review = showEdits && document.path !== null ? await edits.get(document.path).catch(() => null) : null;
  return [...(review ? createEditLenses(document, review) : []), ...(symbols ? createSymbolLenses(document) : [])];
}

function createEditLenses({ path, uri }: Document, { edit, hunks, session }: FileReview): CodeLens[] {
  if (hunks.length === 0) return [];
  const count = formatEditCount(edit);
  const first = lineRange(hunks[0]?.now.start ?? 0);
  const lens = (range: Range, title: string, command: string, more = {}): CodeLens => ({
    range,
    command: { title, command, arguments: [{ path, session, ...more }] },
  });
  const fileLenses = [
    lens(first, `${count}: Keep`, "tutti.keep"),
    lens(first, "Undo", "tutti.undo"),
    lens(first, "Explain", "tutti.why", { uri, line: first.start.line }),
  ];
  if (hunks.length === 1 || hunks.length > MAX_HUNKS) return fileLenses;
  return [
    ...fileLenses,
    ...hunks.flatMap(({ now }, hunk) => [
      lens(lineRange(now.start), "Keep this", "tutti.keep", { hunk }),
      lens(lineRange(now.start), "Undo this", "tutti.undo", { hunk }),
    ]),
  ];
}

const symbolLensLabels = { explain: "Tutti: Explain", test: "Test", document: "Document" } as const;

function createSymbolLenses(document: Document): CodeLens[] {
  return findSymbols(document).flatMap(({ line, name }) => {
    const range = lineRange(line);
    return (["explain", "test", "document"] as const).map((act) => ({
      range,
      command: {
        ...createActionCommand(act, document.uri, range),
        title: `${symbolLensLabels[act]} ${name}`,
      },
    }));
  });
}

const lineRange = (line: number): Range => ({ start: { line, character: 0 }, end: { line, character: 0 } });

/** Refreshes lenses when the pending edits change. */
export function refreshLensesOnChange({ client, connection, sessions }: LspContext): void {
  const refresh = (): void => {
    if (client().refreshesLenses) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  };
  sessions.onEvent(({ event }) => {
    if (event.type === "file.changed" || event.type === "edits.accepted") refresh();
  });
  sessions.onView((view) => view.edits.length > 0 && refresh());
}
