/** Changed files in a view: all of them, and those of agents that wait for review. Pure. */
import type { Author, EventOf, FileChange } from "./events.ts";
import type { ChangedFile, PendingEdit } from "./parts.ts";

export function addChange(files: readonly ChangedFile[], change: FileChange): readonly ChangedFile[] {
  const { path, added, removed } = change;
  const index = files.findIndex((file) => file.path === path);
  const known = files[index];
  if (!known) return [...files, { path, added, removed }];
  return files.with(index, { path, added: known.added + added, removed: known.removed + removed });
}

/** A person's change counts only where it follows one of an agent. A file that is back to its base needs no review. */
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

export const acceptEdit = (
  edits: readonly PendingEdit[],
  { path, base }: EventOf<"edits.accepted">,
): readonly PendingEdit[] =>
  edits.flatMap((edit) => (edit.path !== path ? [edit] : edit.after === base ? [] : [{ ...edit, base }]));
