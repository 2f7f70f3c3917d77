/** Deletes worktrees whose sessions were deleted. Loaded only if there are worktrees. */
import { lstatSync } from "node:fs";
import { describeError } from "../../protocol/errors.ts";
import type { KeptWorktree } from "../../protocol/session-methods.ts";
import type { Worktrees } from "./worktree.ts";
import type { WorktreeRecord } from "./worktree-records.ts";

export interface CleanUpDeps {
  worktrees: Pick<Worktrees, "records" | "removeUnchanged">;
  dataDir: string;
  /** True if this process has the session open. */
  isOpen(session: string): boolean;
}

/** Deletes those that `isUnused` selects and that have no changes. Returns the others of them. */
export async function cleanUpWorktrees(
  { worktrees, dataDir, isOpen }: CleanUpDeps,
  isUnused: (task: WorktreeRecord["task"]) => boolean,
): Promise<KeptWorktree[]> {
  const { records } = worktrees;
  const kept: KeptWorktree[] = [];
  for (const name of records.names()) {
    const record = records.read(name);
    if (record?.dataDir !== dataDir || !isUnused(record.task)) continue;
    const isUsed = record.task === null ? records.isHeld(name) : isOpen(record.task.session);
    if (isUsed || !records.lock(name)) continue;
    const path = records.pathOf(name);
    const problem = await remove(worktrees, name, record).catch(describeError);
    if (problem === null) records.remove(name);
    else {
      kept.push({ path, reason: problem });
      records.release(name);
    }
  }
  return kept;
}

/** The reason why it is kept; null if it was deleted. */
async function remove(
  { records, removeUnchanged }: CleanUpDeps["worktrees"],
  name: string,
  { root, base }: WorktreeRecord,
): Promise<string | null> {
  const stat = lstatSync(records.pathOf(name), { throwIfNoEntry: false });
  if (!stat) return null;
  if (!stat.isDirectory()) return "it is no folder";
  return removeUnchanged({ path: records.pathOf(name), root, base });
}
