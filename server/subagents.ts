/** How a turn starts agents and gets their results, as types only. server/tasks/ implements it. */
import type { Outcome } from "../protocol/events.ts";
import type { Tier } from "../protocol/settings.ts";

export interface TaskRequest {
  /** The name of an agent; of the task that is resumed if it is omitted. */
  agent?: string;
  prompt: string;
  /** A few words for people. */
  title: string;
  tier?: Tier;
  /** `provider/model`. */
  model?: string;
  /** Model requests. */
  maxSteps?: number;
  background: boolean;
  /** Continues the session of this earlier task. */
  resume?: string;
  isolation?: "worktree";
  /** The call that starts it. */
  call: string;
  /** Called with the title of each of its calls. */
  onActivity?(title: string): void;
}

/** How far a subagent is. `response` is the text that it wrote last. */
export interface TaskState {
  id: string;
  agent: string;
  state: "running" | Outcome;
  response: string;
  /** Why it did not succeed. */
  problem?: string;
  activity: string;
  steps: number;
  tokens: number;
  /** Milliseconds. */
  elapsed: number;
  /** Files that it changed in its worktree. */
  changedFiles: number;
}

/** A file that a subagent changed in its worktree. */
export interface TaskFile {
  /** Absolute, in the workspace of the session that started it. */
  path: string;
  /** Null where there was, or is, no file. */
  before: Uint8Array | null;
  after: Uint8Array | null;
  mode?: number;
  /** Why it cannot be merged, as a clause. */
  problem?: string;
}

/** Starts agents for a session, each in a session of its own. */
export interface Subagents {
  /** Those that may be started. */
  agents: readonly { name: string; description: string }[];
  /** Resolves with the id of the task when it runs; rejects with a sentence for the model. */
  start(request: TaskRequest, signal: AbortSignal): Promise<string>;
  /** Resolves when the task has ended, or after `timeoutMs`; at once for 0. Rejects for a task of another session. */
  wait(id: string, timeoutMs: number | null, signal: AbortSignal): Promise<TaskState>;
  /** Resolves when it has stopped. */
  cancel(id: string): Promise<void>;
  /** What it changed in its worktree; null if it has none. Rejects while it runs. */
  changes(id: string): Promise<TaskFile[] | null>;
  /** A change that also fits the current content of the file; null if both changed the same lines. */
  merge(id: string, file: Pick<TaskFile, "before" | "after">, current: Uint8Array): Promise<Uint8Array | null>;
  /** Deletes its worktree. */
  discardChanges(id: string): Promise<void>;
}
