/** The log file of a session: appending whole lines, and reading them in pieces. */
import { closeSync, constants, fdatasync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { LogFile, LogPiece } from "../session/storage.ts";
import { createStorageError } from "./storage-error.ts";

const PIECE_BYTES = 4 * 1024 * 1024;
const NEWLINE = 10;

/** Opens an existing log. Throws for anything but a file: a pipe would block, and a circle of links cannot be opened. */
export function openExistingLog(path: string, access: "read" | "append"): number {
  const flags = access === "read" ? constants.O_RDONLY : constants.O_RDWR | constants.O_APPEND;
  let fd: number;
  try {
    fd = openSync(path, flags | constants.O_NONBLOCK);
  } catch (error) {
    if (access === "append") throw createStorageError(path, error);
    throw new TuttiError("storage", `Cannot read ${describeError(error)}.`);
  }
  if (fstatSync(fd).isFile()) return fd;
  closeSync(fd);
  throw new TuttiError("storage", `Cannot read ${path}: it is not a file.`);
}

/**
 * The whole lines from this offset on, in pieces, so that no log is too large for one text. Others run between the pieces. An incomplete
 * last line is left out.
 */
export async function* readLines(fd: number, offset = 0): AsyncGenerator<LogPiece> {
  let buffer = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(0, fstatSync(fd).size - offset) + 1));
  let held = 0;
  let at = offset;
  for (;;) {
    if (held === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
    const read = readSync(fd, buffer, held, buffer.length - held, at);
    if (read === 0) return;
    at += read;
    held += read;
    const end = buffer.lastIndexOf(NEWLINE, held - 1) + 1;
    if (end === 0) continue;
    yield { lines: buffer.toString("utf8", 0, end), end: at - held + end };
    buffer.copyWithin(0, end, held);
    held -= end;
    if (held > 0 || buffer.length === PIECE_BYTES) await setImmediate();
  }
}

/** Removes a last line that a crash truncated. */
export function dropIncompleteLine(fd: number): void {
  const { size } = fstatSync(fd);
  const block = Buffer.allocUnsafe(64 * 1024);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - block.length);
    const newline = block.lastIndexOf(NEWLINE, readSync(fd, block, 0, end - start, start) - 1);
    if (newline >= 0) {
      if (start + newline + 1 < size) ftruncateSync(fd, start + newline + 1);
      return;
    }
    end = start;
  }
  ftruncateSync(fd, 0);
}

/** `unlock` is called when the file is closed. */
export function openLogFile(fd: number, path: string, unlock: () => void): LogFile {
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
        failed = new TuttiError(
          "storage",
          `Cannot sync ${path} to disk (${describeError(error)}). Open the session again.`,
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
