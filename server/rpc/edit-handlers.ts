/** Looking through what agents did to files: reading, keeping and putting back, as the person's own doing. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { PendingEdit } from "../../protocol/parts.ts";
import type { Blobs, Files, Hash, PathLock } from "../ports.ts";
import type { Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import { diffTexts } from "../tools/change.ts";
import { decodeText, encodeText, type TextFile } from "../workspace/text-file.ts";

export interface EditHandlerDeps {
  sessions: Pick<Sessions, "open">;
  /** As the session's tools see them. */
  filesFor(session: string): Files;
  lock: PathLock;
  hash: Hash;
  blobs(session: string): Blobs;
}

type EditMethod = Extract<keyof Handlers, `edits${string}`>;

const MOST_BYTES = 16 * 1024 * 1024;
const emptyFile: TextFile = { text: "", encoding: "utf8", mark: false };

export function editHandlers(parts: EditHandlerDeps): Pick<Handlers, EditMethod> {
  const { sessions, filesFor, lock, hash, blobs } = parts;

  const pending = async (session: string, path: string): Promise<{ live: Session; edit: PendingEdit }> => {
    const live = await sessions.open(session);
    const edit = live.view().edits.find((one) => one.path === path);
    if (!edit) throw new TuttiError("notFound", `No change of ${path} waits to be looked through.`);
    return { live, edit };
  };
  const baseOf = async (session: string, { base, path }: PendingEdit): Promise<TextFile | null> => {
    if (base === null) return null;
    const bytes = await blobs(session).get(base);
    if (!bytes) throw new TuttiError("notFound", `What ${path} was before was not kept.`);
    return asText(bytes, path);
  };
  const overOf = (file: TextFile | null): string | null => file && hash(file.text);

  return {
    async editsRead({ session, path }) {
      const { edit } = await pending(session, path);
      const base = await baseOf(session, edit);
      const now = await present(filesFor(session), path);
      return { base: base?.text ?? null, current: now?.file.text ?? null, currentHash: overOf(now?.file ?? null) };
    },
    async editsAccept({ session, path, baseText }, { author }) {
      const { live, edit } = await pending(session, path);
      const base =
        baseText === undefined ? edit.after : await keepText(blobs(session), baseText, await likeNow(session, edit));
      await live.record({ type: "edits.accepted", path, base }, author);
      return {};
    },
    async editsUndo({ session, path, currentHash, text }, { author }) {
      const { live, edit } = await pending(session, path);
      const files = filesFor(session);
      return lock(path, async () => {
        const now = await present(files, path);
        if (overOf(now?.file ?? null) !== currentHash)
          throw new TuttiError("conflict", `${path} was changed since it was read; look at it again.`);
        const base = await baseOf(session, edit);
        const wanted = text === undefined ? base : { ...(now?.file ?? base ?? emptyFile), text };
        const after = wanted && bytesOf(wanted);
        if (now) await blobs(session).put(now.bytes);
        if (after) await files.write(path, after);
        else if (now) await files.remove(path);
        const { added, removed } = await diffTexts(path, now?.file.text ?? "", wanted?.text ?? "");
        const change = { path, before: now && hash(now.bytes), after: after && hash(after), added, removed };
        await live.record({ type: "file.changed", change, undo: true }, author);
        return {};
      });
    },
  };

  /** How the file is encoded, so that a text that is kept has the hash that the file would have. */
  async function likeNow(session: string, edit: PendingEdit): Promise<TextFile> {
    return (await present(filesFor(session), edit.path))?.file ?? (await baseOf(session, edit)) ?? emptyFile;
  }
}

const keepText = (blobs: Blobs, text: string, like: TextFile): Promise<string> => blobs.put(bytesOf({ ...like, text }));

function bytesOf(file: TextFile): Uint8Array {
  const bytes = encodeText(file);
  if ("problem" in bytes) throw new TuttiError("conflict", bytes.problem);
  return bytes;
}

function asText(bytes: Uint8Array, path: string): TextFile {
  const file = decodeText(bytes);
  if (!file) throw new TuttiError("conflict", `${path} is not text; keep it or undo it with a tool of your own.`);
  return file;
}

/** Null where there is no file. */
async function present(files: Files, path: string): Promise<{ bytes: Uint8Array; file: TextFile } | null> {
  const { kind, size } = await files.stat(path);
  if (kind === "missing") return null;
  if (kind !== "file") throw new TuttiError("conflict", `${path} is not a file any more.`);
  if (size > MOST_BYTES) throw new TuttiError("conflict", `${path} has more than 16 MiB.`);
  const bytes = await files.read(path, MOST_BYTES);
  return { bytes, file: asText(bytes, path) };
}
