/** Errors of the disk that holds the sessions, in words. */
import { TuttiError } from "../../protocol/errors.ts";

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

export function createStorageError(path: string, error: unknown): TuttiError {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return new TuttiError("storage", `Cannot write ${path}: ${REASONS[code] ?? message}. Existing data is intact.`);
}
