/** The subagents of a session as a tree, as every client shows them. */
import type { Task } from "../protocol/tasks.ts";
import { formatCost, formatCount } from "./format.ts";
import { stateIcons } from "./icons.ts";

export interface TaskRow {
  task: Task;
  /** 0 for those that the session itself started. */
  depth: number;
}

/** Each subagent with those that it started below it, oldest first. */
export function listTaskRows(tasks: readonly Task[]): TaskRow[] {
  const known = new Set(tasks.map(({ id }) => id));
  const below = (parent: string | undefined, depth: number): TaskRow[] =>
    tasks
      .filter((task) => (known.has(task.parent ?? "") ? task.parent : undefined) === parent)
      .flatMap((task) => [{ task, depth }, ...below(task.id, depth + 1)]);
  return below(undefined, 0);
}

export const countRunning = (tasks: readonly Task[]): number => tasks.filter(({ state }) => state === "running").length;

export const taskIcon = ({ state }: Task): string =>
  state === "running" || state === "done" || state === "failed" ? stateIcons[state] : stateIcons.interrupted;

/** What it does while it runs, how it ended otherwise; and what it used. */
export function describeTask({ state, activity, tier, model, steps, tokens, cost, failure }: Task): string {
  const now = state === "running" ? activity : state === "done" ? "" : (failure?.message ?? state);
  const price = formatCost([
    { model, requests: steps, input: 0, cached: 0, output: 0, reasoning: 0, cost, estimated: false },
  ]);
  const used = steps === 0 ? "" : `${steps} ${steps === 1 ? "step" : "steps"} · ${formatCount(tokens)} tokens`;
  return [now, used, price ?? "", tier ?? "", model].filter((text) => text !== "").join(" · ");
}
