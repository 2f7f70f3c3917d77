/** Runs subagents; loaded with the first one. */
import { existsSync } from "node:fs";
import { describeError, TuttiError } from "../../protocol/errors.ts";
import type { Author, Failure, Outcome, TaskOrigin } from "../../protocol/events.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Agent } from "../definitions/agent.ts";
import type { Session } from "../session/session.ts";
import type { TaskFile, TaskRequest, TaskState } from "../subagents.ts";
import { createChildSettings } from "./child-settings.ts";
import { chooseAgent, listIds } from "./choose-agent.ts";
import { createSlots } from "./slots.ts";
import type { TaskParent, TasksDeps } from "./task-parent.ts";
import { describeTask, endOf } from "./task-state.ts";
import { toProgress, type WatchedTask, watchTask } from "./watch-task.ts";
import { openWorktrees, type Worktrees } from "./worktree.ts";

/** The methods of `Subagents`, for the session `owner` that started the task. */
export interface TaskRunner {
  start(owner: TaskParent, request: TaskRequest, signal: AbortSignal): Promise<string>;
  wait(owner: string, id: string, timeoutMs: number | null, signal: AbortSignal): Promise<TaskState>;
  cancel(owner: string, id: string): Promise<void>;
  changes(owner: string, id: string): Promise<TaskFile[] | null>;
  merge(
    owner: string,
    id: string,
    file: Pick<TaskFile, "before" | "after">,
    current: Uint8Array,
  ): Promise<Uint8Array | null>;
  discardChanges(owner: string, id: string): Promise<void>;
  /** Cancels every task of this session; resolves when its log shows their ends. */
  stopAll(owner: string): Promise<void>;
  closeAll(owner: string): Promise<void>;
  worktrees: Worktrees;
}

const MAX_PARALLEL = 16;

interface RunningTask {
  ended: Promise<void>;
  cancel(): Promise<void>;
}

export function createTaskRunner({ sessions, clock, newId, ...deps }: TasksDeps): TaskRunner {
  const worktrees = openWorktrees(deps.worktrees);
  const slots = createSlots(MAX_PARALLEL);
  const running = new Map<string, RunningTask>();
  /** Those whose start is being recorded. */
  const starting = new Set<string>();
  /** Sessions of subagents that are open, by the session that started them. */
  const children = new Map<string, Set<string>>();

  async function start(owner: TaskParent, request: TaskRequest, signal: AbortSignal): Promise<string> {
    const parent = await sessions.open(owner.session);
    const view = parent.view();
    const agent = chooseAgent(owner, request, view);
    const author: Author = { kind: "agent", id: owner.agent.name, name: owner.agent.name };
    const root = view.task?.root ?? view.id;
    const release = await slots.acquire(`${root} ${view.task?.depth ?? 0}`, signal);
    try {
      const child = await openChild({ sessions, newId, worktrees }, view, author, request, agent);
      const { id } = child.view();
      if (running.has(id) || starting.has(id))
        throw new TuttiError("busy", `Task ${id} is running; wait for it with task_output.`);
      starting.add(id);
      children.set(view.id, (children.get(view.id) ?? new Set()).add(id));
      const { call, title, background } = request;
      const event = { type: "task.started", task: id, call, agent: agent.name, title, background } as const;
      await parent.record(event, author).finally(() => starting.delete(id));
      const settings = createChildSettings(owner.settings, owner.mode, agent, request);
      const by: Author = { kind: "agent", id: agent.name, name: agent.name };
      const { onActivity } = request;
      const watched = { parent, child, author: by, call, ...(onActivity && { onActivity }) };
      const ended = runChild(watched, () => child.prompt(request.prompt, [], settings, author)).finally(() => {
        running.delete(id);
        release();
      });
      running.set(id, { ended, cancel: child.cancel });
      ended.catch(() => undefined);
      return id;
    } catch (error) {
      release();
      throw error;
    }
  }

  async function wait(owner: string, id: string, timeoutMs: number | null, signal: AbortSignal): Promise<TaskState> {
    const known = findTask(owner, id);
    const child = await sessions.open(id);
    const task = running.get(id);
    if (task && timeoutMs !== 0) {
      const timeout = new AbortController();
      const stopWaiting = AbortSignal.any([signal, timeout.signal]);
      const ways = [task.ended, aborted(signal)];
      if (timeoutMs !== null) ways.push(clock.sleep(timeoutMs, stopWaiting));
      await Promise.race(ways);
      timeout.abort();
    }
    const isRunning = running.has(id);
    const changes = isRunning ? null : await listChanges(child);
    return { ...describeTask(child.view(), known, isRunning, clock.now()), changedFiles: changes?.length ?? 0 };
  }

  /** A worktree without changes is deleted. */
  async function listChanges(child: Session): Promise<TaskFile[] | null> {
    const worktree = child.view().task?.worktree;
    if (!worktree || !existsSync(worktree.path)) return null;
    const files = await worktrees.changes(worktree);
    if (files.length === 0) await worktrees.remove(worktree);
    return files;
  }

  async function getStopped(owner: string, id: string): Promise<Session> {
    findTask(owner, id);
    if (running.has(id)) throw new TuttiError("busy", `Task ${id} is running; wait for it with task_output.`);
    return sessions.open(id);
  }

  function findTask(owner: string, id: string): Task {
    const view = sessions.live(owner)?.view();
    const task = view?.tasks.find((one) => one.id === id);
    if (view && task) return task;
    throw new TuttiError("notFound", `This session has no task ${id}. Its tasks: ${view ? listIds(view) : "none"}.`);
  }

  return {
    worktrees,
    start,
    wait,
    async cancel(owner, id) {
      findTask(owner, id);
      const task = running.get(id);
      await task?.cancel();
      await task?.ended;
    },
    changes: async (owner, id) => listChanges(await getStopped(owner, id)),
    async merge(owner, id, file, current) {
      const { task } = (await getStopped(owner, id)).view();
      return task?.worktree ? worktrees.merge(task.worktree, file, current) : null;
    },
    async discardChanges(owner, id) {
      const { task } = (await getStopped(owner, id)).view();
      if (task?.worktree) await worktrees.remove(task.worktree);
    },
    async stopAll(owner) {
      const tasks = [...(children.get(owner) ?? [])].flatMap((id) => running.get(id) ?? []);
      await Promise.all(tasks.map((task) => task.cancel()));
      await Promise.all(tasks.map(({ ended }) => ended));
    },
    async closeAll(owner) {
      const open = children.get(owner) ?? [];
      children.delete(owner);
      await Promise.all([...open].map((id) => sessions.close(id)));
      worktrees.release(owner);
    },
  };
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });

interface ChildDeps extends Pick<TasksDeps, "sessions" | "newId"> {
  worktrees: Worktrees;
}

/** The session of a new task, or of the one that is resumed. */
async function openChild(
  { sessions, newId, worktrees }: ChildDeps,
  parent: SessionView,
  author: Author,
  request: TaskRequest,
  agent: Agent,
): Promise<Session> {
  const { resume, title, call, isolation = agent.isolation } = request;
  if (resume !== undefined) {
    const known = (await sessions.read(resume)).view().task?.worktree;
    if (known && !existsSync(known.path))
      await worktrees.restore(known, { session: resume, owners: listOwners(parent) });
    return sessions.open(resume);
  }
  const { cwd, worktree } = isolation
    ? await worktrees.create(parent.cwd, newId())
    : { cwd: parent.cwd, worktree: undefined };
  const task: TaskOrigin = {
    session: parent.id,
    root: parent.task?.root ?? parent.id,
    call,
    agent: agent.name,
    depth: (parent.task?.depth ?? 0) + 1,
    ...(worktree && { worktree }),
  };
  const child = await sessions.create(cwd, author, { title, task, ephemeral: !sessions.isStored(parent.id) });
  if (worktree) worktrees.assign(worktree, { session: child.view().id, owners: listOwners(parent) });
  return child;
}

const listOwners = ({ id, task }: SessionView): string[] => [...new Set([id, task?.root ?? id])];

/** Resolves when the end is in the parent's log; its failure is the end of the task. */
async function runChild(task: WatchedTask, prompt: () => Promise<unknown>): Promise<void> {
  const { parent, child, author } = task;
  const stop = watchTask(task);
  let end: { outcome: Outcome; failure?: Failure };
  try {
    await prompt();
    await child.idle();
    end = endOf(child.view());
  } catch (error) {
    end = { outcome: "failed", failure: { code: "failed", message: describeError(error) } };
  }
  stop();
  const { activity: _, ...progress } = toProgress(child.view());
  // The parent may be closed by now: opening it again ends the task there.
  await parent.record({ type: "task.ended", ...progress, ...end }, author).catch(() => undefined);
}
