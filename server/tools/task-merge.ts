/** task_merge: merges what a subagent changed in its worktree into the workspace, after an approval that shows the whole diff. */
import { describeError } from "../../protocol/errors.ts";
import type { Tool, ToolResult } from "../ports.ts";
import type { Subagents } from "../subagents.ts";
import { failWith, saveChange } from "./apply-file-change.ts";
import { formatCount } from "./format-output.ts";
import { type Fields, normalizeFields, readFields, toSchema } from "./input-schema.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  task_id: { type: "text", aliases: ["taskId", "id", "task"] },
  discard: { type: "flag", optional: true, description: "delete the changes instead" },
} satisfies Fields;

interface Input {
  id: string;
  discard: boolean;
}

export const createTaskMergeTool = (subagents: Subagents): Tool<Input> => ({
  name: "task_merge",
  kind: "edit",
  description: "Merge a subagent's worktree.",
  long: manual.taskMerge,
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  parallel: false,
  parse(input) {
    const read = readFields("task_merge", fields, input);
    if (!read.ok) return read;
    const { task_id: id, discard = false } = read.input;
    return { ok: true, input: { id, discard } };
  },
  async prepare({ id, discard }, context) {
    if (discard) return { title: `discard task ${id}`, locations: [], accesses: [{ kind: "none" }] };
    const { formatDiff, planMerge } = await import("./merge-changes.ts");
    const { changes } = await planMerge(subagents, id, context);
    const diffs = await Promise.all(changes.map(formatDiff));
    return {
      title: `${formatCount(changes.length, "file")} of task ${id}`,
      locations: changes.map(({ target }) => ({ path: target.real })),
      accesses: changes.map(({ target }) => ({ kind: "edit", path: target.real, shown: target.shown })),
      preview: diffs.join("\n"),
    };
  },
  async run({ id, discard }, context, prepared): Promise<ToolResult> {
    try {
      if (discard) {
        await subagents.discardChanges(id);
        return { ok: true, output: `Discarded the changes of task ${id}.` };
      }
      const { planMerge } = await import("./merge-changes.ts");
      const { changes, conflicts } = await planMerge(subagents, id, context);
      const checked = new Set(prepared.accesses.map((access) => ("path" in access ? access.path : "")));
      if (changes.some(({ target }) => !checked.has(target.real)))
        return failWith(
          "The files have changed since the merge was approved. Nothing was merged; call task_merge again.",
        );
      if (conflicts.length > 0)
        return failWith(`Nothing was merged. ${conflicts.join(" ")} Make those changes yourself, or discard them.`);
      const diffs: string[] = [];
      for (const change of changes) diffs.push((await saveChange(change, context)).diff);
      await subagents.discardChanges(id);
      return { ok: true, output: `Merged ${formatCount(changes.length, "file")}.`, diff: diffs.join("\n") };
    } catch (error) {
      return failWith(describeError(error));
    }
  },
});
