/** What a session has seen of files, so that nothing is written over unread. Starts from the changes that the log tells of. */
import type { FileChange } from "../../protocol/events.ts";
import type { Ledger } from "../ports.ts";

/** `past`: the file changes of the log, oldest first. What was only read before a restart has to be read again. */
export function openLedger(past: Iterable<FileChange> = []): Ledger {
  const known = new Map<string, string>();
  for (const change of past) {
    if (change.after === null) known.delete(change.path);
    else known.set(change.path, change.after);
  }
  return {
    seen: (path) => known.get(path) ?? null,
    saw(path, hash) {
      known.set(path, hash);
    },
  };
}
