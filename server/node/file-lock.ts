/** An operating system lock through SQLite's file locking, which works on all platforms and ends with its process. */
import { closeSync, constants, openSync } from "node:fs";

const SQLITE_BUSY = 5;

/**
 * Locks the file, creating it if needed. Returns the function that releases the lock, or null if another process holds it. The lock also
 * ends with the process. Throws if the disk fails.
 */
export function acquireLock(path: string): (() => void) | null {
  closeSync(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));
  const { DatabaseSync } = process.getBuiltinModule("node:sqlite");
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode=OFF; PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== SQLITE_BUSY) throw error;
    return null;
  }
  return () => database.close();
}
