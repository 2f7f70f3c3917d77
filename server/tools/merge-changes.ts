/** The changes of a subagent's worktree, merged with what the workspace contains now. */
import type { ToolContext } from "../ports.ts";
import type { Subagents, TaskFile } from "../subagents.ts";
import { decodeText } from "../workspace/text-file.ts";
import { diffTexts, loadFile, type NewContent } from "./apply-file-change.ts";
import { resolvePath } from "./paths.ts";

export interface MergePlan {
  changes: NewContent[];
  /** Sentences. */
  conflicts: string[];
}

export async function planMerge(subagents: Subagents, id: string, context: ToolContext): Promise<MergePlan> {
  const files = await subagents.changes(id);
  if (!files || files.length === 0) throw new Error(`Task ${id} has no changes to merge.`);
  const plan: MergePlan = { changes: [], conflicts: [] };
  for (const file of files) {
    const target = await resolvePath(file.path, context);
    const found = await loadFile(target, context);
    const problem = file.problem ?? (found && "problem" in found ? found.problem : undefined);
    const current = found && "bytes" in found ? found.bytes : null;
    const merged = problem === undefined ? await mergeFile(subagents, id, file, current) : undefined;
    if (problem !== undefined) plan.conflicts.push(`${target.title}: ${problem}.`);
    else if (merged === undefined) plan.conflicts.push(`${target.title} was changed here, too, in the same lines.`);
    else if (!isSame(merged, current)) plan.changes.push(toNewContent(target, current, merged, file.mode));
  }
  return plan;
}

/** Undefined if the changes conflict. */
async function mergeFile(
  subagents: Subagents,
  id: string,
  file: TaskFile,
  current: Uint8Array | null,
): Promise<Uint8Array | null | undefined> {
  if (isSame(current, file.before) || isSame(current, file.after)) return file.after;
  return (current && (await subagents.merge(id, file, current))) ?? undefined;
}

const isSame = (one: Uint8Array | null, other: Uint8Array | null): boolean =>
  one === null || other === null
    ? one === other
    : one.length === other.length && one.every((byte, index) => byte === other[index]);

const toNewContent = (
  target: NewContent["target"],
  before: Uint8Array | null,
  after: Uint8Array | null,
  mode: number | undefined,
): NewContent => ({
  target,
  before,
  after,
  beforeText: toText(before),
  afterText: toText(after),
  ...(mode !== undefined && { mode }),
});

const toText = (bytes: Uint8Array | null): string | null => (bytes && decodeText(bytes)?.text) ?? null;

export async function formatDiff({ target, before, after, beforeText, afterText }: NewContent): Promise<string> {
  const isBinary = (before !== null && beforeText === null) || (after !== null && afterText === null);
  if (isBinary) return `${target.title}: not text (${before?.length ?? 0} → ${after?.length ?? 0} bytes)`;
  const { diff } = await diffTexts(target.title, beforeText ?? "", afterText ?? "");
  return diff === "" ? `${target.title}: ${after === null ? "deleted" : "empty file"}` : diff;
}
