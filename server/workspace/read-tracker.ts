/** Tracks which file contents the model has seen, so that it cannot overwrite unread content. Starts from the changes in the log. */
import type { FileChange } from "../../protocol/events.ts";
import type { ReadTracker } from "../ports.ts";

/** `past`: the file changes in the log, oldest first. Files that were only read before a restart must be read again. */
export function openReadTracker(past: Iterable<FileChange> = []): ReadTracker {
  const known = new Map<string, string>();
  for (const change of past) {
    if (change.after === null) known.delete(change.path);
    else known.set(change.path, change.after);
  }
  return {
    getSeenHash: (path) => known.get(path) ?? null,
    markSeen(path, hash) {
      known.delete(path);
      known.set(path, hash);
    },
    paths: () => [...known.keys()],
  };
}
