/** task_output: waits for a subagent that works in the background, or stops it. */
import { describeError } from "../../protocol/errors.ts";
import type { Tool } from "../ports.ts";
import type { Subagents, TaskState } from "../subagents.ts";
import { failWith } from "./apply-file-change.ts";
import { formatCount } from "./format-output.ts";
import { type Fields, normalizeFields, readFields, toSchema } from "./input-schema.ts";
import { manual } from "./tool-descriptions.ts";

const fields = {
  task_id: { type: "text", aliases: ["taskId", "id", "task"] },
  block: { type: "flag", optional: true, description: "wait for its end; default true", aliases: ["wait"] },
  timeout: { type: "count", optional: true, description: "seconds to wait", aliases: ["timeout_seconds"] },
  stop: { type: "flag", optional: true, description: "interrupt it", aliases: ["cancel", "kill"] },
} satisfies Fields;

interface Input {
  id: string;
  stop: boolean;
  timeoutMs: number | null;
}

export const createTaskOutputTool = (subagents: Subagents): Tool<Input> => ({
  name: "task_output",
  kind: "task",
  description: "The result of a background task.",
  long: manual.taskOutput,
  schema: toSchema(fields),
  normalize: (input) => normalizeFields(fields, input),
  parallel: true,
  parse(input) {
    const read = readFields("task_output", fields, input);
    if (!read.ok) return read;
    const { task_id: id, block = true, timeout, stop = false } = read.input;
    return { ok: true, input: { id, stop, timeoutMs: block ? (timeout === undefined ? null : timeout * 1000) : 0 } };
  },
  prepare: async ({ id, stop }) => ({
    title: `${stop ? "stop " : ""}task ${id}`,
    locations: [],
    accesses: [{ kind: "none" }],
  }),
  async run({ id, stop, timeoutMs }, { signal }) {
    try {
      if (stop) await subagents.cancel(id);
      const state = await subagents.wait(id, stop ? 0 : timeoutMs, signal);
      return { ok: true, output: formatTask(state) };
    } catch (error) {
      return failWith(describeError(error));
    }
  },
});

/** For the model: the response, and what it needs to judge it and to continue. */
export function formatTask(state: TaskState, note = ""): string {
  const { id, agent, response, problem, steps, tokens, elapsed, activity } = state;
  const used = `${steps} steps, ${tokens.toLocaleString("en-US")} tokens, ${(elapsed / 1000).toFixed(1)} s`;
  const now = activity === "" ? "" : `; now: ${activity}`;
  const status =
    state.state === "running"
      ? `${agent} is running (${used}${now}).`
      : state.state === "done"
        ? `${agent} is done (${used}).`
        : `${agent} did not finish: ${problem ?? state.state} (${used}).`;
  const merge =
    state.changedFiles === 0
      ? ""
      : `It changed ${formatCount(state.changedFiles, "file")} in its worktree: call task_merge to merge them into the workspace.`;
  const resume = state.state === "done" || state.state === "running" ? "" : `Call task with task_id to continue it.`;
  return [`task_id: ${id}`, [status, note, merge, resume].filter((text) => text !== "").join(" "), response]
    .filter((text) => text !== "")
    .join("\n");
}
