/** Reads the logs of stored sessions. The last one is kept for a moment: a client that reads it page by page parses it only once. */
import type { Envelope } from "../../protocol/events.ts";
import { emptyView, reduceAll, type SessionView } from "../../protocol/view.ts";
import { type Checksum, createLogParser, type LogParser } from "./log-format.ts";
import type { SessionStore } from "./storage.ts";

const KEEP_MS = 5_000;

export interface StoredLog {
  view(): SessionView;
  envelopes: readonly Envelope[];
}

export interface LogReader {
  /** Without the lock, even while another process writes. */
  read(id: string): Promise<StoredLog>;
}

interface Kept {
  id: string;
  parser: LogParser;
  offset: number;
  view: SessionView | null;
}

export function openLogReader(store: SessionStore, checksum: Checksum): LogReader {
  let kept: Kept | null = null;
  let timer: NodeJS.Timeout | undefined;

  const keep = (log: Kept): void => {
    kept = log;
    clearTimeout(timer);
    timer = setTimeout(() => {
      kept = null;
    }, KEEP_MS);
    timer.unref();
  };
  return {
    async read(id) {
      const size = store.stat(id)?.size ?? 0;
      const known = kept?.id === id && kept.offset <= size ? kept : null;
      // Taken until the reading ends, so that no other reader adds the same lines.
      kept = null;
      const log = known ?? { id, parser: createLogParser(checksum), offset: 0, view: null };
      for await (const { lines, end } of store.read(id, log.offset)) {
        log.parser.add(lines);
        log.offset = end;
        log.view = null;
      }
      keep(log);
      const { envelopes } = log.parser.parsed();
      return {
        envelopes,
        view() {
          // The folder's name is the id: a copied folder has the log of another session.
          log.view ??= { ...reduceAll(emptyView, envelopes), id };
          return log.view;
        },
      };
    },
  };
}
