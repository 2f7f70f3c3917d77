/**
 * Sessions on disk: `sessions/ID/log.jsonl` and its lock, blobs in `blobs/ID/`. Files 0600 in folders 0700.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { LogFile, SessionStore } from "../ports.ts";
import { openBlobs } from "./blobs.ts";
import { holdLock } from "./lock.ts";

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function openStore(dataDir: string): SessionStore {
  const sessions = join(dataDir, "sessions");
  const folder = (id: string): string => {
    if (!ID.test(id)) throw new TuttiError("notFound", `${JSON.stringify(id)} is not the id of a session.`);
    return join(sessions, id);
  };
  const logOf = (id: string): string => join(folder(id), "log.jsonl");
  const missing = (id: string) =>
    new TuttiError("notFound", `There is no session ${id}; \`tutti sessions list\` shows those there are.`);

  return {
    async create(id) {
      const own = folder(id);
      guarded(own, () => {
        mkdirSync(sessions, { recursive: true, mode: 0o700 });
        mkdirSync(own, { mode: 0o700 });
      });
      const unlock = lock(join(own, "lock"), id);
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
      const fd = guarded(own, () => openSync(logOf(id), flags, 0o600));
      syncFolder(own);
      syncFolder(sessions);
      return logFile(fd, logOf(id), unlock);
    },
    async open(id) {
      const path = logOf(id);
      if (!exists(path)) throw missing(id);
      const unlock = lock(join(folder(id), "lock"), id);
      try {
        const fd = guarded(path, () => openSync(path, constants.O_RDWR | constants.O_APPEND));
        const bytes = readFileSync(fd);
        const whole = bytes.lastIndexOf(10) + 1;
        if (whole < bytes.length) ftruncateSync(fd, whole);
        return { text: bytes.toString("utf8", 0, whole), file: logFile(fd, path, unlock) };
      } catch (error) {
        unlock();
        throw error;
      }
    },
    async read(id) {
      const path = logOf(id);
      if (!exists(path)) throw missing(id);
      return readFileSync(path, "utf8");
    },
    async list() {
      return entries(sessions)
        .flatMap((id) => {
          const facts = ID.test(id) ? statSync(join(sessions, id, "log.jsonl"), { throwIfNoEntry: false }) : undefined;
          return facts ? [{ id, modified: facts.mtimeMs, size: facts.size }] : [];
        })
        .sort((one, other) => other.modified - one.modified);
    },
    async remove(id) {
      if (!exists(logOf(id))) throw missing(id);
      const unlock = lock(join(folder(id), "lock"), id);
      rmSync(join(dataDir, "blobs", id), { recursive: true, force: true });
      rmSync(folder(id), { recursive: true });
      unlock();
    },
    async forget(id) {
      folder(id);
      rmSync(join(dataDir, "blobs", id), { recursive: true, force: true });
    },
    blobs: (id) => openBlobs(join(dataDir, "blobs", folder(id).slice(sessions.length + 1))),
  };
}

function logFile(fd: number, path: string, unlock: () => void): LogFile {
  let length = fstatSync(fd).size;
  let failed: TuttiError | null = null;
  let closed = false;
  let syncing: Promise<void> | null = null;
  let again: Promise<void> | null = null;

  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => {
        if (!error) return resolve();
        // After a failed fsync the kernel may have dropped the pages: nothing more can be promised of this file.
        failed = new TuttiError(
          "storage",
          `${path} could not be brought to the disk (${error.message}); open the session again.`,
        );
        reject(failed);
      });
    });
  return {
    append(text) {
      if (failed) throw failed;
      if (closed) throw new TuttiError("storage", `${path} is closed.`);
      const bytes = Buffer.from(text);
      try {
        for (let from = 0; from < bytes.length; ) from += writeSync(fd, bytes, from);
        length += bytes.length;
      } catch (error) {
        ftruncateSync(fd, length);
        throw refused(path, error);
      }
    },
    async sync() {
      if (failed) throw failed;
      if (closed) return;
      if (!syncing) {
        syncing = flush().finally(() => {
          syncing = null;
        });
        return syncing;
      }
      // The flush under way may have begun before the last append: one more, shared by all who come meanwhile.
      again ??= syncing
        .catch(() => undefined)
        .then(() => {
          again = null;
          if (failed) throw failed;
          return flush();
        });
      return again;
    },
    close() {
      if (closed) return;
      closed = true;
      closeSync(fd);
      unlock();
    },
  };
}

function lock(path: string, id: string): () => void {
  const unlock = guarded(path, () => holdLock(path));
  if (unlock) return unlock;
  throw new TuttiError("busy", `Session ${id} is open in another process; attach to it, or end that one first.`);
}

function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw refused(path, error);
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full",
  EFBIG: "the file may not grow any further",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only; TUTTI_DATA_DIR names another place",
  EACCES: "permission is denied; TUTTI_DATA_DIR names another place",
  EPERM: "permission is denied; TUTTI_DATA_DIR names another place",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

function refused(path: string, error: unknown): TuttiError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new TuttiError(
    "storage",
    `${path} cannot be written: ${REASONS[code] ?? message}. Nothing was lost of what was there.`,
  );
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

function entries(path: string): string[] {
  return exists(path) ? readdirSync(path) : [];
}
