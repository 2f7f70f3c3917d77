/**
 * Says to the server which files this editor has open, and answers what it wants of them. All that are open are held, not only those
 * with unsaved text: an editor that finds its file changed on the disk asks, refuses to save, or loses what can be undone. Where it says
 * that it does none of this, only text that is not the disk's is held, and commands see at once what was edited.
 */
import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { sentence } from "../client/words.ts";
import type { DocumentWanted } from "../protocol/document-methods.ts";
import { applyText } from "./apply.ts";
import type { Document } from "./documents.ts";
import type { Face } from "./face.ts";

export interface Holding {
  /** A document was opened, changed or saved. */
  look(document: Document): void;
  closed(document: Document): void;
  /** Resolves when the server knows what is held. */
  told(): Promise<void>;
}

export function holdDocuments(face: Face): Holding {
  const { documents, server } = face;
  const held = new Set<Document>();
  const paths = (): string[] => [...held].flatMap(({ path }) => path ?? []);
  const isHeld = (document: Document): boolean =>
    document.path !== null && (face.client().options.hold !== "dirty" || isDirty(document, document.path));
  let waiting: Promise<void> | null = null;

  const answer = async (wanted: DocumentWanted): Promise<{ text: string | null }> => {
    const document = documents.at(wanted.path);
    if (!document || !isHeld(document)) return { text: null };
    const text = document.text();
    if (wanted.action === "read") {
      if (tooLong(text)) throw new Error(`${wanted.path} is open in an editor, and too long to be handed over.`);
      return { text };
    }
    if (sha256(text) !== wanted.over)
      throw new Error(`${wanted.path} was changed in the editor since it was read; read it again.`);
    const title = face.sessions.view(wanted.session)?.title;
    return { text: await applyText(face, document, wanted.text, title ? `Tutti: ${title}` : "Tutti") };
  };
  server.onLink(async (link) => {
    link.wanted?.((wanted) => {
      answer(wanted)
        .catch((error: unknown) => ({ problem: sentence(error) }))
        .then((given) => link.call("documentsGive", { wanted: wanted.wanted, ...given }))
        // It was too late, or the server is gone: the tool has been told.
        .catch(() => undefined);
    });
    if (held.size > 0) await link.call("documentsHold", { paths: paths() });
  });
  const tell = (): void => {
    waiting ??= new Promise((resolve) => {
      // Many come at once when an editor starts.
      setImmediate(() => {
        waiting = null;
        server
          .call("documentsHold", { paths: paths() })
          .then(() => undefined)
          // The next link is told anew.
          .catch(() => undefined)
          .then(resolve);
      });
    });
  };
  return {
    look(document) {
      const now = isHeld(document);
      if (now === held.has(document)) return;
      if (now) held.add(document);
      else held.delete(document);
      tell();
    },
    closed(document) {
      if (held.delete(document)) tell();
    },
    told: async () => waiting ?? undefined,
  };
}

/** The length is looked at first: most keys change it. */
function isDirty(document: Document, path: string): boolean {
  const text = Buffer.from(document.text());
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== text.length && size !== text.length + MARK.length) return true;
  const bytes = readFileSync(path);
  return !(bytes.subarray(0, MARK.length).equals(MARK) ? bytes.subarray(MARK.length) : bytes).equals(text);
}

/** Editors leave it out of what they show. */
const MARK = Buffer.from("\ufeff");

/** A message of more than 32 MiB ends a connection. */
const MOST_BYTES = 30 * 1024 * 1024;

/** In JSON, a unit may take six bytes. */
const tooLong = (text: string): boolean =>
  text.length * 6 > MOST_BYTES && Buffer.byteLength(JSON.stringify(text)) > MOST_BYTES;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
