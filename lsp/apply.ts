/** Changes to open documents, made by the editor: into the text that it shows, for the version that was meant, to be undone there. */
import type { ApplyWorkspaceEditResult, TextEdit, WorkspaceEdit } from "vscode-languageserver/node";
import type { Client } from "./client.ts";
import type { Document } from "./documents.ts";
import type { Face } from "./face.ts";
import { changesBetween, type TextChange } from "./texts.ts";

/** Editors tell of changes after a pause in typing, also of those that they were asked for. */
const TOLD_MS = 2_500;

const ANNOTATION = "tutti";

/** Resolves with the text that is there then; rejects in words where the editor did not take it. */
export async function applyText(face: Face, document: Document, after: string, label: string): Promise<string> {
  const before = document.text();
  const changes = changesBetween(before, after);
  if (changes.length === 0) return after;
  const told = changeTold(face, document, after);
  const edit = editOf(document, changes, { client: face.client(), label });
  let result: ApplyWorkspaceEditResult;
  try {
    result = await face.connection.workspace.applyEdit({ label, edit });
  } catch (error) {
    result = { applied: false, failureReason: error instanceof Error ? error.message : String(error) };
  }
  if (!result.applied) {
    told.stop();
    const why = result.failureReason ? `: ${result.failureReason}` : "";
    throw new Error(`The editor did not change ${document.path ?? document.uri}${why}.`);
  }
  await told.done;
  const now = document.text();
  // Some editors say yes to what came too late, and do nothing.
  if (now !== after && (now === before || !changes.every(({ text }) => now.includes(text))))
    throw new Error(`${document.path ?? document.uri} was changed in the editor at the same time; read it again.`);
  return now;
}

/** `confirm` where the person wants to be asked of each. */
export function editOf(
  document: Document,
  changes: readonly TextChange[],
  { client, label }: { client: Client; label: string },
): WorkspaceEdit {
  const annotated = client.annotations && client.versions;
  const edits = changes.map(
    ({ start, end, text }): TextEdit => ({
      range: { start: document.positionAt(start), end: document.positionAt(end) },
      newText: text,
      ...(annotated && { annotationId: ANNOTATION }),
    }),
  );
  if (!client.versions) return { changes: { [document.uri]: edits } };
  return {
    documentChanges: [{ textDocument: { uri: document.uri, version: document.version() }, edits }],
    ...(annotated && {
      changeAnnotations: { [ANNOTATION]: { label, needsConfirmation: client.options.confirm === true } },
    }),
  };
}

function changeTold({ documents }: Face, document: Document, after: string): { done: Promise<void>; stop(): void } {
  let stopped = false;
  let stop = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(() => stop(), TOLD_MS);
    stop = () => {
      stopped = true;
      clearTimeout(timer);
      resolve();
    };
    documents.onChange((changed) => {
      if (changed === document && document.text() === after) stop();
      return stopped;
    });
  });
  return { done, stop };
}
