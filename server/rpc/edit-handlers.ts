/** Review of the agents' file changes: reading, accepting and undoing, recorded as the user's actions. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Handlers } from "../../protocol/methods.ts";
import type { PendingEdit } from "../../protocol/parts.ts";
import type { Blobs, Files, Hash, PathLock } from "../ports.ts";
import type { Session } from "../session/session.ts";
import type { Sessions } from "../session/sessions.ts";
import { diffTexts } from "../tools/apply-file-change.ts";
import { decodeText, encodeText, type TextFile } from "../workspace/text-file.ts";

export interface EditHandlerDeps {
  sessions: Pick<Sessions, "open">;
  /** The files as the session's tools see them, including unsaved changes. */
  filesFor(session: string): Files;
  lock: PathLock;
  hash: Hash;
  blobs(session: string): Blobs;
}

type EditMethod = Extract<keyof Handlers, `edits${string}`>;

const MAX_BYTES = 16 * 1024 * 1024;
const EMPTY_FILE: TextFile = { text: "", encoding: "utf8", mark: false };

export function createEditHandlers(deps: EditHandlerDeps): Pick<Handlers, EditMethod> {
  const { sessions, filesFor, lock, hash, blobs } = deps;

  const findEdit = async (session: string, path: string): Promise<{ live: Session; edit: PendingEdit }> => {
    const live = await sessions.open(session);
    const edit = live.view().edits.find((pending) => pending.path === path);
    if (!edit) throw new TuttiError("notFound", `There is no pending change to ${path}.`);
    return { live, edit };
  };
  const loadBase = async (session: string, { base, path }: PendingEdit): Promise<TextFile | null> => {
    if (base === null) return null;
    const bytes = await blobs(session).get(base);
    if (!bytes)
      throw new TuttiError(
        "storage",
        `The previous content of ${path} (${base}) is missing or damaged on disk. The file was not changed.`,
      );
    return decodeFile(bytes, path);
  };
  const hashFile = (file: TextFile | null): string | null => file && hash(file.text);

  return {
    async editsRead({ session, path }) {
      const { edit } = await findEdit(session, path);
      const base = await loadBase(session, edit);
      const now = await readCurrent(filesFor(session), path);
      return { base: base?.text ?? null, current: now?.file.text ?? null, currentHash: hashFile(now?.file ?? null) };
    },
    async editsAccept({ session, path, baseText }, { author }) {
      const { live, edit } = await findEdit(session, path);
      const base =
        baseText === undefined
          ? edit.after
          : await storeText(blobs(session), baseText, await getCurrentFormat(session, edit));
      await live.record({ type: "edits.accepted", path, base }, author);
      return {};
    },
    async editsUndo({ session, path, currentHash, text }, { author }) {
      const { live, edit } = await findEdit(session, path);
      const files = filesFor(session);
      return lock(path, async () => {
        const now = await readCurrent(files, path);
        if (hashFile(now?.file ?? null) !== currentHash)
          throw new TuttiError("conflict", `${path} has changed since it was read; review it again.`);
        const base = await loadBase(session, edit);
        const restored = text === undefined ? base : { ...(now?.file ?? base ?? EMPTY_FILE), text };
        const after = restored && encodeFile(restored);
        if (now) await blobs(session).put(now.bytes);
        if (after) await files.write(path, after);
        else if (now) await files.remove(path);
        const { added, removed } = await diffTexts(path, now?.file.text ?? "", restored?.text ?? "");
        const change = { path, before: now && hash(now.bytes), after: after && hash(after), added, removed };
        await live.record({ type: "file.changed", change, undo: true }, author);
        return {};
      });
    },
  };

  /** The current encoding of the file, so that stored text has the same hash as the file. */
  async function getCurrentFormat(session: string, edit: PendingEdit): Promise<TextFile> {
    return (await readCurrent(filesFor(session), edit.path))?.file ?? (await loadBase(session, edit)) ?? EMPTY_FILE;
  }
}

const storeText = (blobs: Blobs, text: string, format: TextFile): Promise<string> =>
  blobs.put(encodeFile({ ...format, text }));

function encodeFile(file: TextFile): Uint8Array {
  const bytes = encodeText(file);
  if ("problem" in bytes) throw new TuttiError("conflict", bytes.problem);
  return bytes;
}

function decodeFile(bytes: Uint8Array, path: string): TextFile {
  const file = decodeText(bytes);
  if (!file) throw new TuttiError("conflict", `${path} is not text; accept or undo it with another tool.`);
  return file;
}

/** Null if there is no file. */
async function readCurrent(files: Files, path: string): Promise<{ bytes: Uint8Array; file: TextFile } | null> {
  const { kind, size } = await files.stat(path);
  if (kind === "missing") return null;
  if (kind !== "file") throw new TuttiError("conflict", `${path} is no longer a file.`);
  if (size > MAX_BYTES) throw new TuttiError("conflict", `${path} is larger than 16 MiB.`);
  const bytes = await files.read(path, MAX_BYTES);
  return { bytes, file: decodeFile(bytes, path) };
}
