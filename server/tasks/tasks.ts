/**
 * Subagents: each works in a session of its own, which clients open, steer and interrupt like any other. The parent's log shows which
 * run, what they do, and what they ask.
 */
import type { Subagents } from "../subagents.ts";
import { listStartable } from "./choose-agent.ts";
import type { TaskParent, TasksDeps } from "./task-parent.ts";

export interface Tasks {
  /** Null if this session may start no agent. */
  forTurn(parent: TaskParent): Subagents | null;
  /** Cancels the subagents of a session that is about to be closed; resolves when its log shows their ends. */
  sessionClosing(session: string): Promise<void>;
  /** Closes the sessions of its subagents. */
  sessionClosed(session: string): Promise<void>;
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
  };
}
