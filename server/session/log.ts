/**
 * The only state of a session: it grows, and whoever watches sees an event only after it was written.
 * The log alone stamps `seq` and `at`.
 */
import type { Author, Envelope, SessionEvent } from "../../protocol/events.ts";
import type { Clock, LogFile } from "../ports.ts";
import { type Checksum, formatRecord } from "./log-format.ts";

export interface Log {
  /** Written when it returns, then shown to the watchers. Throws where the disk refuses, and nothing was said. */
  append(by: Author, event: SessionEvent): Envelope;
  /** Resolves when everything appended so far is on the disk. */
  sync(): Promise<void>;
  watch(watcher: (envelope: Envelope) => void): () => void;
  close(): void;
}

export interface LogDeps {
  clock: Clock;
  checksum: Checksum;
  /** Takes known keys out of an event before it is written. */
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

/** A log that is kept nowhere: `--ephemeral`. */
export const noFile: LogFile = {
  append: () => undefined,
  sync: () => Promise.resolve(),
  close: () => undefined,
};
