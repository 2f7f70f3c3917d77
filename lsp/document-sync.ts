/**
 * Claims the editor's open documents on the server, and reads and writes them on its requests. Claims all open documents, not only those
 * with unsaved changes: an editor whose file changes on disk asks the user, refuses to save, or loses its undo history. With the option
 * `hold: "dirty"`, only documents with unsaved changes are claimed, and shell commands see all other edits on disk immediately.
 */

import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import type { DocumentRequest } from "../protocol/document-methods.ts";
import { describeError } from "../protocol/errors.ts";
import { applyEdit } from "./apply.ts";
import type { LspContext } from "./context.ts";
import type { Document } from "./documents.ts";

export interface DocumentSync {
  /** A document was opened, changed or saved. */
  update(document: Document): void;
  closed(document: Document): void;
  /** Resolves when the server knows the current claims. */
  synced(): Promise<void>;
}

export function syncDocuments(lsp: LspContext): DocumentSync {
  const { documents, server } = lsp;
  const claimed = new Set<Document>();
  const paths = (): string[] => [...claimed].flatMap(({ path }) => path ?? []);
  const mustClaim = (document: Document): boolean =>
    document.path !== null && (lsp.client().options.hold !== "dirty" || isDirty(document, document.path));
  let waiting: Promise<void> | null = null;

  const readOrWrite = async (request: DocumentRequest): Promise<{ text: string | null }> => {
    const document = documents.at(request.path);
    if (!document || !mustClaim(document)) return { text: null };
    const text = document.text();
    if (request.action === "read") {
      if (isTooLong(text)) throw new Error(`${request.path} is open in an editor, and too large to read from there.`);
      return { text };
    }
    if (sha256(text) !== request.baseHash)
      throw new Error(`${request.path} was changed in the editor since it was read. Read it again.`);
    const title = lsp.sessions.view(request.session)?.title;
    return { text: await applyEdit(lsp, document, request.text, title ? `Tutti: ${title}` : "Tutti") };
  };
  server.onLink(async (link) => {
    link.onDocumentRequest?.((request) => {
      readOrWrite(request)
        .catch((error: unknown) => ({ problem: describeError(error) }))
        .then((response) => link.call("documentRespond", { request: request.request, ...response }))
        // Too late, or disconnected: the tool has already failed.
        .catch(() => undefined);
    });
    if (claimed.size > 0) await link.call("documentClaim", { paths: paths() });
  });
  const sendClaims = (): void => {
    waiting ??= new Promise((resolve) => {
      // An editor opens many documents at once when it starts.
      setImmediate(() => {
        waiting = null;
        server
          .call("documentClaim", { paths: paths() })
          .then(() => undefined)
          // The next connection sends all claims again.
          .catch(() => undefined)
          .then(resolve);
      });
    });
  };
  return {
    update(document) {
      const now = mustClaim(document);
      if (now === claimed.has(document)) return;
      if (now) claimed.add(document);
      else claimed.delete(document);
      sendClaims();
    },
    closed(document) {
      if (claimed.delete(document)) sendClaims();
    },
    synced: async () => waiting ?? undefined,
  };
}

/** Compares the length first, because most edits change it. */
function isDirty(document: Document, path: string): boolean {
  const text = Buffer.from(document.text());
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== text.length && size !== text.length + BYTE_ORDER_MARK.length) return true;
  const bytes = readFileSync(path);
  return !(
    bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK) ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes
  ).equals(text);
}

/** Editors do not include it in the document's text. */
const BYTE_ORDER_MARK = Buffer.from("\ufeff");

/** The server closes the connection on a message of more than 32 MiB. */
const MAX_BYTES = 30 * 1024 * 1024;

/** A UTF-16 unit takes at most six bytes in JSON. */
const isTooLong = (text: string): boolean =>
  text.length * 6 > MAX_BYTES && Buffer.byteLength(JSON.stringify(text)) > MAX_BYTES;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
