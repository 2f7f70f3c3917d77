/** Lines above the code: over each symbol what can be done with it, over each edit of an agent whether it stays. */
import { type CodeLens, CodeLensRefreshRequest, type Range } from "vscode-languageserver/node";
import { actCommand } from "./actions.ts";
import type { Document } from "./documents.ts";
import { type Changed, countOf, type Edits } from "./edits.ts";
import type { Face } from "./face.ts";
import { symbolsOf } from "./symbols.ts";

/** Beyond so many changes a file is looked through as a whole. */
const MOST_HUNKS = 50;

export async function lensesFor({ client }: Face, edits: Edits, document: Document): Promise<CodeLens[]> {
  const { symbols = true, edits: shown = true } = client().options.lenses ?? {};
  const changed = shown && document.path !== null ? await edits.of(document.path).catch(() => null) : null;
  return [...(changed ? editLenses(document, changed) : []), ...(symbols ? symbolLenses(document) : [])];
}

function editLenses({ path, uri }: Document, { edit, hunks, session }: Changed): CodeLens[] {
  if (hunks.length === 0) return [];
  const count = countOf(edit);
  const first = lineRange(hunks[0]?.now.start ?? 0);
  const lens = (range: Range, title: string, command: string, more = {}): CodeLens => ({
    range,
    command: { title, command, arguments: [{ path, session, ...more }] },
  });
  const whole = [
    lens(first, `${count}: keep`, "tutti.keep"),
    lens(first, "undo", "tutti.undo"),
    lens(first, "why", "tutti.why", { uri, line: first.start.line }),
  ];
  if (hunks.length === 1 || hunks.length > MOST_HUNKS) return whole;
  return [
    ...whole,
    ...hunks.flatMap(({ now }, hunk) => [
      lens(lineRange(now.start), "keep this", "tutti.keep", { hunk }),
      lens(lineRange(now.start), "undo this", "tutti.undo", { hunk }),
    ]),
  ];
}

function symbolLenses(document: Document): CodeLens[] {
  return symbolsOf(document).flatMap(({ line, name }) => {
    const range = lineRange(line);
    return (["explain", "test", "document"] as const).map((act) => ({
      range,
      command: {
        ...actCommand(act, document.uri, range),
        title: `${act === "explain" ? "Tutti: " : ""}${act} ${name}`,
      },
    }));
  });
}

const lineRange = (line: number): Range => ({ start: { line, character: 0 }, end: { line, character: 0 } });

/** Asks for new ones where what they say has changed. */
export function refreshLenses({ client, connection, sessions }: Face): void {
  const refresh = (): void => {
    if (client().refreshesLenses) connection.sendRequest(CodeLensRefreshRequest.type).catch(() => undefined);
  };
  sessions.onEvent(({ event }) => {
    if (event.type === "file.changed" || event.type === "edits.kept") refresh();
  });
  sessions.onView((view) => view.edits.length > 0 && refresh());
}
