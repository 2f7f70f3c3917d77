/** The subagents of a session, as a fold of its events: which run, what they do, what they used. Pure. */
import type { EventOf, Failure, Outcome } from "./events.ts";
import type { Tier } from "./settings.ts";

type TaskEvent = EventOf<"task.started"> | EventOf<"task.progress"> | EventOf<"task.ended">;

export interface Task {
  /** Its session. */
  id: string;
  /** The task that started it; absent if this session did. */
  parent?: string;
  /** The call that started it, in the session that did. */
  call?: string;
  agent: string;
  title: string;
  background: boolean;
  state: "running" | Outcome;
  failure?: Failure;
  /** What it is doing; empty once it has ended. */
  activity: string;
  model: string;
  tier?: Tier;
  /** Model requests. */
  steps: number;
  /** Input and output. */
  tokens: number;
  /** USD; null if any of it has no price. */
  cost: number | null;
  startedAt: number;
  endedAt?: number;
}

export function updateTasks(tasks: readonly Task[], event: TaskEvent, at: number): readonly Task[] {
  const index = tasks.findIndex(({ id }) => id === event.task);
  const known = tasks[index];
  if (event.type === "task.started") {
    const started = toTask(event, at);
    return known ? tasks.with(index, { ...known, ...started, ...usageOf(known) }) : [...tasks, started];
  }
  if (!known) return tasks;
  const { model, tier } = event;
  const current = { ...known, ...usageOf(event), model, ...(tier && { tier }) };
  if (event.type === "task.progress") return tasks.with(index, { ...current, activity: event.activity });
  const { outcome: state, failure } = event;
  return tasks.with(index, { ...current, activity: "", state, ...(failure && { failure }), endedAt: at });
}

const usageOf = ({ steps, tokens, cost }: Pick<Task, "steps" | "tokens" | "cost">) => ({ steps, tokens, cost });

const toTask = ({ task, parent, call, agent, title, background }: EventOf<"task.started">, at: number): Task => ({
  id: task,
  ...(parent !== undefined && { parent }),
  ...(call !== undefined && { call }),
  agent,
  title,
  background,
  state: "running",
  activity: "",
  model: "",
  steps: 0,
  tokens: 0,
  cost: 0,
  startedAt: at,
});
