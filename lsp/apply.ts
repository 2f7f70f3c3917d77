/** Edits open documents through the editor, for a specific version, so that the user can undo them there. */

import type { ApplyWorkspaceEditResult, TextEdit, WorkspaceEdit } from "vscode-languageserver/node";
import { describeError } from "../protocol/errors.ts";
import type { EditorClient } from "./client.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";
import { diffTexts, type TextChange } from "./text-edits.ts";

/** Editors may delay change notifications until typing pauses, even for edits that the server requested. */
const CHANGE_TIMEOUT_MS = 2_500;

const ANNOTATION = "tutti";

/** Resolves with the resulting text; rejects with a message if the editor did not apply the edit. */
export async function applyEdit(lsp: LspContext, document: Document, after: string, label: string): Promise<string> {
  const before = document.text();
  const changes = diffTexts(before, after);
  if (changes.length === 0) return after;
  const change = waitForChange(lsp, document, after);
  const edit = createEdit(document, changes, { client: lsp.client(), label });
  let result: ApplyWorkspaceEditResult;
  try {
    result = await lsp.connection.workspace.applyEdit({ label, edit });
  } catch (error) {
    result = { applied: false, failureReason: describeError(error) };
  }
  if (!result.applied) {
    change.stop();
    const reason = result.failureReason ? `: ${result.failureReason}` : "";
    throw new Error(`The editor did not apply the edit to ${document.path ?? document.uri}${reason}.`);
  }
  await change.done;
  const now = document.text();
  // Some editors report success for an outdated edit, and do nothing.
  if (now !== after && (now === before || !changes.every(({ text }) => now.includes(text))))
    throw new Error(`${document.path ?? document.uri} was changed in the editor at the same time. Read it again.`);
  return now;
}

/** Annotated as needing confirmation if the `confirm` option is set. */
export function createEdit(
  document: Document,
  changes: readonly TextChange[],
  { client, label }: { client: EditorClient; label: string },
): WorkspaceEdit {
  const hasAnnotations = client.annotations && client.documentVersions;
  const edits = changes.map(
    ({ start, end, text }): TextEdit => ({
      range: { start: document.positionAt(start), end: document.positionAt(end) },
      newText: text,
      ...(hasAnnotations && { annotationId: ANNOTATION }),
    }),
  );
  if (!client.documentVersions) return { changes: { [document.uri]: edits } };
  return {
    documentChanges: [{ textDocument: { uri: document.uri, version: document.version() }, edits }],
    ...(hasAnnotations && {
      changeAnnotations: { [ANNOTATION]: { label, needsConfirmation: client.options.confirm === true } },
    }),
  };
}

function waitForChange(
  { documents }: LspContext,
  document: Document,
  after: string,
): { done: Promise<void>; stop(): void } {
  let stopped = false;
  let stop = (): void => undefined;
  const done = new Promise<void>((resolve) => {
    const timer = setTimeout(() => stop(), CHANGE_TIMEOUT_MS);
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
