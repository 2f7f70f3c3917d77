/**
 * The log of a session, its only state. It is append-only, and watchers see an event only after it was written. Only the log assigns
 * `seq` and `at`.
 */
import type { Author, Envelope, SessionEvent } from "../../protocol/events.ts";
import type { Clock } from "../ports.ts";
import { type Checksum, formatRecord } from "./log-format.ts";
import type { LogFile } from "./storage.ts";

export interface Log {
  /** Writes the event, then notifies the watchers. If the disk fails, throws without notifying. */
  append(by: Author, event: SessionEvent): Envelope;
  /** Resolves when everything appended so far is on disk. */
  sync(): Promise<void>;
  watch(watcher: (envelope: Envelope) => void): () => void;
  close(): void;
}

export interface LogDeps {
  clock: Clock;
  checksum: Checksum;
  /** Removes known keys from an event before it is written. */
  redact(event: SessionEvent): SessionEvent;
}

export function openLog(file: LogFile, { clock, checksum, redact }: LogDeps, lastSeq: number): Log {
  const watchers = new Set<(envelope: Envelope) => void>();
  let seq = lastSeq;
  return {
    append(by, event) {
      const envelope: Envelope = { seq: seq + 1, at: clock.now(), by, event: redact(event) };
      file.append(formatRecord(envelope, checksum));
      seq += 1;
      for (const watcher of [...watchers]) watcher(envelope);
      return envelope;
    },
    sync: () => file.sync(),
    watch(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    close: () => file.close(),
  };
}

/** The log file of an ephemeral session, which is not stored. */
export const NO_FILE: LogFile = {
  append: () => undefined,
  sync: () => Promise.resolve(),
  close: () => undefined,
};
