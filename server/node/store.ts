/** Sessions on disk: `sessions/ID/log.jsonl` and its lock, blobs in `blobs/ID/`. Files have mode 0600, folders 0700. */
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
import { acquireLock } from "./file-lock.ts";

const ID = /^[A-Za-z0-9_-]{1,64}$/;

export function openSessionStore(dataDir: string): SessionStore {
  const sessions = join(dataDir, "sessions");
  const folder = (id: string): string => {
    if (!ID.test(id)) throw new TuttiError("notFound", `${JSON.stringify(id)} is not a valid session id.`);
    return join(sessions, id);
  };
  const getLogPath = (id: string): string => join(folder(id), "log.jsonl");
  const createMissingError = (id: string) =>
    new TuttiError("notFound", `Session ${id} does not exist. List the sessions with \`tutti sessions list\`.`);

  return {
    async create(id) {
      const own = folder(id);
      withStorageErrors(own, () => {
        mkdirSync(sessions, { recursive: true, mode: 0o700 });
        mkdirSync(own, { mode: 0o700 });
      });
      const unlock = acquireSessionLock(join(own, "lock"), id);
      const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND;
      const fd = withStorageErrors(own, () => openSync(getLogPath(id), flags, 0o600));
      syncFolder(own);
      syncFolder(sessions);
      return openLogFile(fd, getLogPath(id), unlock);
    },
    async open(id) {
      const path = getLogPath(id);
      if (!exists(path)) throw createMissingError(id);
      const unlock = acquireSessionLock(join(folder(id), "lock"), id);
      try {
        const fd = withStorageErrors(path, () => openSync(path, constants.O_RDWR | constants.O_APPEND));
        const bytes = readFileSync(fd);
        const whole = bytes.lastIndexOf(10) + 1;
        if (whole < bytes.length) ftruncateSync(fd, whole);
        return { text: bytes.toString("utf8", 0, whole), file: openLogFile(fd, path, unlock) };
      } catch (error) {
        unlock();
        throw error;
      }
    },
    async read(id) {
      const path = getLogPath(id);
      if (!exists(path)) throw createMissingError(id);
      return readFileSync(path, "utf8");
    },
    async list() {
      return listEntries(sessions)
        .flatMap((id) => {
          const stat = ID.test(id) ? statSync(join(sessions, id, "log.jsonl"), { throwIfNoEntry: false }) : undefined;
          return stat ? [{ id, modified: stat.mtimeMs, size: stat.size }] : [];
        })
        .sort((one, other) => other.modified - one.modified);
    },
    async remove(id) {
      if (!exists(getLogPath(id))) throw createMissingError(id);
      const unlock = acquireSessionLock(join(folder(id), "lock"), id);
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

function openLogFile(fd: number, path: string, unlock: () => void): LogFile {
  let length = fstatSync(fd).size;
  let failed: TuttiError | null = null;
  let closed = false;
  let syncing: Promise<void> | null = null;
  let again: Promise<void> | null = null;

  const flush = (): Promise<void> =>
    new Promise((resolve, reject) => {
      fdatasync(fd, (error) => {
        if (!error) return resolve();
        // After a failed fsync the kernel may have dropped the pages, so the file's content is unknown.
        failed = new TuttiError("storage", `Cannot sync ${path} to disk (${error.message}). Open the session again.`);
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
        throw createStorageError(path, error);
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
      // The running flush may have started before the last append, so one more follows, shared by all waiting callers.
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

function acquireSessionLock(path: string, id: string): () => void {
  const unlock = withStorageErrors(path, () => acquireLock(path));
  if (unlock) return unlock;
  throw new TuttiError("busy", `Session ${id} is open in another process. Attach to it, or end that process first.`);
}

function syncFolder(path: string): void {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function withStorageErrors<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw createStorageError(path, error);
  }
}

const REASONS: Record<string, string> = {
  ENOSPC: "the disk is full",
  EFBIG: "the file size limit is reached",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only; set TUTTI_DATA_DIR to another folder",
  EACCES: "permission denied; set TUTTI_DATA_DIR to another folder",
  EPERM: "permission denied; set TUTTI_DATA_DIR to another folder",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
};

function createStorageError(path: string, error: unknown): TuttiError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new TuttiError("storage", `Cannot write ${path}: ${REASONS[code] ?? message}. Existing data is intact.`);
}

const exists = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

function listEntries(path: string): string[] {
  return exists(path) ? readdirSync(path) : [];
}
