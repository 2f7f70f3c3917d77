/**
 * Subagents: each works in a session of its own, which clients open, steer and interrupt like any other. The parent's log shows which
 * run, what they do, and what they ask.
 */
import { existsSync } from "node:fs";
import type { KeptWorktree } from "../../protocol/session-methods.ts";
import type { Subagents } from "../subagents.ts";
import { listStartable } from "./choose-agent.ts";
import type { TaskParent, TasksDeps } from "./task-parent.ts";
import type { WorktreeRecord } from "./worktree-records.ts";

export interface Tasks {
  /** Null if this session may start no agent. */
  forTurn(parent: TaskParent): Subagents | null;
  /** Cancels the subagents of a session that is about to be closed; resolves when its log shows their ends. */
  sessionClosing(session: string): Promise<void>;
  /** Closes the sessions of its subagents. */
  sessionClosed(session: string): Promise<void>;
  /** Deletes the worktrees of a deleted session and of its subagents, unless they have changes. Returns those that are kept. */
  sessionDeleted(session: string): Promise<KeptWorktree[]>;
  /** The same for sessions that no longer exist. */
  cleanUp(): Promise<KeptWorktree[]>;
}

/** Subagents of subagents of subagents, and no further. */
const MAX_DEPTH = 3;

export function openTasks(deps: TasksDeps): Tasks {
  /** Loaded with the first task. */
  let runner: Promise<import("./run-tasks.ts").TaskRunner> | null = null;
  const load = () => {
    runner ??= import("./run-tasks.ts").then(({ createTaskRunner }) => createTaskRunner(deps));
    return runner;
  };
  const cleanUp = async (isUnused: (task: WorktreeRecord["task"]) => boolean): Promise<KeptWorktree[]> => {
    if (!existsSync(deps.worktrees.folder)) return [];
    const [{ worktrees }, { cleanUpWorktrees }] = await Promise.all([load(), import("./clean-up-worktrees.ts")]);
    const isOpen = (session: string): boolean => deps.sessions.live(session) !== undefined;
    return cleanUpWorktrees({ worktrees, dataDir: deps.worktrees.dataDir, isOpen }, isUnused);
  };
  return {
    forTurn(parent) {
      const { session } = parent;
      const depth = deps.sessions.live(session)?.view().task?.depth ?? 0;
      const agents = listStartable(parent);
      if (depth >= MAX_DEPTH || agents.length === 0) return null;
      return {
        agents: agents.filter(({ hidden }) => !hidden),
        start: async (request, signal) => (await load()).start(parent, request, signal),
        wait: async (id, timeoutMs, signal) => (await load()).wait(session, id, timeoutMs, signal),
        cancel: async (id) => (await load()).cancel(session, id),
        changes: async (id) => (await load()).changes(session, id),
        merge: async (id, file, current) => (await load()).merge(session, id, file, current),
        discardChanges: async (id) => (await load()).discardChanges(session, id),
      };
    },
    async sessionClosing(session) {
      await (await runner)?.stopAll(session);
    },
    async sessionClosed(session) {
      await (await runner)?.closeAll(session);
    },
    sessionDeleted: (session) =>
      cleanUp((task) => task !== null && (task.session === session || task.owners.includes(session))),
    async cleanUp() {
      const stored = new Set((await deps.sessions.list()).map(({ id }) => id));
      return cleanUp((task) => task === null || !stored.has(task.session));
    },
  };
}
