/**
 * Says to the server which files this editor has open, and answers what it wants of them. All that are open are held, not only those
 * with unsaved text: an editor that finds its file changed on the disk asks, refuses to save, or loses what can be undone.
 */
import { createHash } from "node:crypto";
import type { DocumentWanted } from "../protocol/document-methods.ts";
import { applyText } from "./apply.ts";
import type { Face } from "./face.ts";
import { sentence } from "./server.ts";

export interface Holding {
  /** A document was opened or closed. */
  changed(): void;
  /** Resolves when the server knows what is held. */
  told(): Promise<void>;
}

export function holdDocuments(face: Face): Holding {
  const { documents, server } = face;
  const paths = (): string[] => documents.all().flatMap(({ path }) => path ?? []);
  let waiting: Promise<void> | null = null;

  const answer = async (wanted: DocumentWanted): Promise<{ text: string | null }> => {
    const document = documents.at(wanted.path);
    if (!document) return { text: null };
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
    if (documents.all().length > 0) await link.call("documentsHold", { paths: paths() });
  });
  return {
    changed() {
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
    },
    told: async () => waiting ?? undefined,
  };
}

/** A message of more than 32 MiB ends a connection. */
const MOST_BYTES = 30 * 1024 * 1024;

/** In JSON, a unit may take six bytes. */
const tooLong = (text: string): boolean =>
  text.length * 6 > MOST_BYTES && Buffer.byteLength(JSON.stringify(text)) > MOST_BYTES;

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
