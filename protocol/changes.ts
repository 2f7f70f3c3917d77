/** What happened to files, as parts of a view: all that were changed, and those of agents that nobody has looked through. Pure. */
import type { Author, EventOf, FileChange } from "./events.ts";
import type { ChangedFile, PendingEdit } from "./parts.ts";

export function addChange(files: readonly ChangedFile[], change: FileChange): readonly ChangedFile[] {
  const { path, added, removed } = change;
  const index = files.findIndex((file) => file.path === path);
  const known = files[index];
  if (!known) return [...files, { path, added, removed }];
  return files.with(index, { path, added: known.added + added, removed: known.removed + removed });
}

/** A person's change is theirs: it counts only where it is made to what an agent left. A file that is as it was has nothing to look through. */
export function addEdit(
  edits: readonly PendingEdit[],
  { change, call }: EventOf<"file.changed">,
  by: Author,
): readonly PendingEdit[] {
  const { path, before, after } = change;
  const known = edits.find((edit) => edit.path === path);
  const byPerson = by.kind === "person";
  if (!known && byPerson) return edits;
  const others = edits.filter((edit) => edit !== known);
  const base = known ? known.base : before;
  if (base === after) return others;
  if (known && byPerson) return edits.map((edit) => (edit === known ? { ...known, after } : edit));
  const calls = [...(known?.calls ?? []), ...(call === undefined ? [] : [call])];
  return [...others, { path, base, after, edits: (known?.edits ?? 0) + 1, calls, by }];
}

export const keepEdit = (
  edits: readonly PendingEdit[],
  { path, base }: EventOf<"edits.kept">,
): readonly PendingEdit[] =>
  edits.flatMap((edit) => (edit.path !== path ? [edit] : edit.after === base ? [] : [{ ...edit, base }]));
