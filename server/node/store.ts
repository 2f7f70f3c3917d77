/** Sessions on disk: `sessions/ID/log.jsonl` and its lock, blobs in `blobs/ID/`. Files have mode 0600, folders 0700. */
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  type Stats,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { TuttiError } from "../../protocol/errors.ts";
import type { SessionStore, StoredSession } from "../session/storage.ts";
import { openBlobs } from "./blobs.ts";
import { acquireLock } from "./file-lock.ts";
import { dropIncompleteLine, openExistingLog, openLogFile, readLines } from "./log-file.ts";
import { createStorageError } from "./storage-error.ts";
import { getTranscriptPath } from "./transcript-path.ts";

/** The name of a folder, since people copy and rename them: one file name on any system, and not hidden. */
const ID = /^(?![.\s])[^/\\:*?"<>|\p{Cc}]{1,128}(?<![.\s])$/u;

export function openSessionStore(dataDir: string, redact: (text: string) => string): SessionStore {
  const sessions = join(dataDir, "sessions");
  const folder = (id: string): string => {
    if (!ID.test(id)) throw new TuttiError("notFound", `${JSON.stringify(id)} is not a valid session id.`);
    return join(sessions, id);
  };
  const getLogPath = (id: string): string => join(folder(id), "log.jsonl");
  /** Files outside of the session's folder. */
  const removeDerived = (id: string): void => {
    rmSync(join(dataDir, "blobs", id), { recursive: true, force: true });
    rmSync(getTranscriptPath(dataDir, id), { force: true });
  };
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
        const fd = openExistingLog(path, "append");
        dropIncompleteLine(fd);
        return { lines: readLines(fd), file: openLogFile(fd, path, unlock) };
      } catch (error) {
        unlock();
        throw error;
      }
    },
    async *read(id, offset = 0) {
      const path = getLogPath(id);
      if (!exists(path)) throw createMissingError(id);
      const fd = openExistingLog(path, "read");
      try {
        yield* readLines(fd, offset);
      } finally {
        closeSync(fd);
      }
    },
    stat: (id) => statLog(id, getLogPath(id)),
    async list() {
      return listEntries(sessions)
        .flatMap((id) => (ID.test(id) ? (statLog(id, getLogPath(id)) ?? []) : []))
        .sort((one, other) => other.modified - one.modified);
    },
    async remove(id) {
      if (!exists(getLogPath(id))) throw createMissingError(id);
      const unlock = acquireSessionLock(join(folder(id), "lock"), id);
      removeDerived(id);
      rmSync(folder(id), { recursive: true });
      unlock();
    },
    async forget(id) {
      folder(id);
      removeDerived(id);
    },
    blobs: (id) => openBlobs(join(dataDir, "blobs", folder(id).slice(sessions.length + 1)), redact),
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

const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/** Null if the folder has no log. A log that cannot be read, such as a circle of links, is still a session. */
function statLog(id: string, path: string): StoredSession | null {
  const entry = tryStat(() => lstatSync(path));
  if (entry === null) return null;
  const { mtimeMs, size } = tryStat(() => statSync(path)) ?? entry;
  return { id, modified: mtimeMs, size };
}

function tryStat(stat: () => Stats): Stats | null {
  try {
    return stat();
  } catch {
    return null;
  }
}

function listEntries(path: string): string[] {
  return exists(path) ? readdirSync(path) : [];
}
