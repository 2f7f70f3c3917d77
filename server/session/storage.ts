/** Where sessions are stored. */
import type { Blobs } from "../ports.ts";

/** The log file of one session. An operating system lock allows one writer at a time. */
export interface LogFile {
  /** `write(2)` of whole lines. If the disk fails, throws and leaves the file unchanged. */
  append(text: string): void;
  /** `fdatasync(2)` of everything appended before the call. Always rejects after the first failure, because the disk content is unknown. */
  sync(): Promise<void>;
  close(): void;
}

/** A session is known by the name of its folder, whatever its log says. `modified` in ms, `size` in bytes of the log. */
export interface StoredSession {
  id: string;
  modified: number;
  size: number;
}

/** Some whole lines of a log, and the byte offset after them. */
export interface LogPiece {
  lines: string;
  end: number;
}

export interface SessionStore {
  /** Creates the session's files and takes its lock. Everything is on disk when it resolves. */
  create(id: string): Promise<LogFile>;
  /** Takes the lock, drops a last line that a crash truncated, and reads the log. Rejects with `busy` if another process has the lock. */
  open(id: string): Promise<{ lines: AsyncIterable<LogPiece>; file: LogFile }>;
  /** Reads the whole lines of the log from a byte offset on, in pieces, without the lock. */
  read(id: string, offset?: number): AsyncIterable<LogPiece>;
  /** Null if the session does not exist. */
  stat(id: string): StoredSession | null;
  /** All sessions, newest first, also those that cannot be read. */
  list(): Promise<StoredSession[]>;
  remove(id: string): Promise<void>;
  /** Removes the blobs of a session whose log was never written. */
  forget(id: string): Promise<void>;
  blobs(id: string): Blobs;
}
