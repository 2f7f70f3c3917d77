/** An operating system lock through SQLite's file locking, which works on all platforms and ends with its process. */
import { closeSync, constants, openSync, truncateSync } from "node:fs";

const SQLITE_BUSY = 5;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

/**
 * Locks the file, creating it if needed. Returns the function that releases the lock, or null if another process holds it. The lock also
 * ends with the process. Throws if the disk fails. Only the lock counts, not what the file contains.
 */
export function acquireLock(path: string): (() => void) | null {
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK, 0o600));
  const first = tryLock(path);
  if (first !== "damaged") return first;
  // Emptied in place: a process that holds the lock keeps it.
  truncateSync(path);
  const second = tryLock(path);
  if (second === "damaged") throw new Error("the lock file is damaged; remove it");
  return second;
}

function tryLock(path: string): (() => void) | "damaged" | null {
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const { errcode = 0 } = error as { errcode?: number };
    if (errcode === SQLITE_BUSY) return null;
    if ([SQLITE_CORRUPT, SQLITE_NOTADB].includes(errcode & 0xff)) return "damaged";
    throw error;
  }
  return () => database.close();
}
