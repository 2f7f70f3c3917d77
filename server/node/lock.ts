/** A lock of the operating system, held through SQLite's file locking, which works everywhere and ends with its process. */
import { closeSync, constants, openSync } from "node:fs";

const SQLITE_BUSY = 5;

/** Null where another process holds it; throws where the disk refuses. Holds the file (made where there is none) until the function that it returns is called, or the process ends in whatever way. */
export function holdLock(path: string): (() => void) | null {
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
