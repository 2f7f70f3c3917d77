/** Shows in the parent's log what a subagent does and asks; an answer in either session counts in both. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Author, Envelope, EventOf } from "../../protocol/events.ts";
import type { Task } from "../../protocol/tasks.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { QuestionRequest } from "../agent/turn-context.ts";
import { MAX_QUESTIONS } from "../session/questions.ts";
import type { Session } from "../session/session.ts";

export interface WatchedTask {
  child: Session;
  parent: Session;
  author: Author;
  /** The call of the parent that started it. */
  call: string;
  onActivity?(title: string): void;
}

/** Returns a function that stops it, which withdraws the questions that are open. */
export function watchTask(task: WatchedTask): () => void {
  const { child, parent, author } = task;
  const open = new Map<string, AbortController>();
  const stop = child.watch(({ event }) => {
    switch (event.type) {
      case "question.asked": {
        const withdraw = new AbortController();
        open.set(event.question, withdraw);
        // If the parent was closed, the question can still be answered in the session of the subagent.
        forwardQuestion(task, event, withdraw.signal).catch(() => undefined);
        break;
      }
      case "question.answered":
      case "question.expired":
        open.get(event.question)?.abort("answered in the session of the subagent");
        open.delete(event.question);
        break;
      case "task.progress":
        parent.showProgress(event, author);
        break;
      case "task.started":
        record(parent, { ...event, parent: event.parent ?? child.view().id }, author);
        break;
      case "task.ended":
        record(parent, event, author);
        break;
      case "call.asked":
        task.onActivity?.(event.title);
        parent.showProgress({ type: "task.progress", ...toProgress(child.view()) }, author);
        break;
      case "usage.counted":
      case "model.routed":
        parent.showProgress({ type: "task.progress", ...toProgress(child.view()) }, author);
        break;
    }
  });
  return () => {
    stop();
    for (const withdraw of open.values()) withdraw.abort("the subagent has ended");
  };
}

/** The parent's log may be closed or on a full disk; the task's own log has it all. */
function record(parent: Session, event: EventOf<"task.started" | "task.ended">, by: Author): void {
  parent.record(event, by).catch(() => undefined);
}

async function forwardQuestion(
  { child, parent, author, call }: WatchedTask,
  event: EventOf<"question.asked">,
  signal: AbortSignal,
): Promise<void> {
  const { question, digest, kind, title, detail, choices, freeText, always } = event;
  const { id, agent } = child.view();
  const request: QuestionRequest & { task: object } = {
    kind,
    call,
    title: event.task ? title : `${agent}: ${title}`,
    detail,
    choices,
    freeText,
    ...(always !== undefined && { always }),
    task: event.task ?? { session: id, question, agent },
  };
  await waitForSpace(parent, signal);
  const resolution = await parent.ask(request, author, signal);
  if (!resolution || signal.aborted) return;
  await child.answer(question, digest, resolution.answer, resolution.by).catch((error: unknown) => {
    // Another client was faster.
    if (!(error instanceof TuttiError)) throw error;
  });
}

/** Many subagents may ask at once; a session has a limited number of open questions. */
async function waitForSpace(parent: Session, signal: AbortSignal): Promise<void> {
  while (!signal.aborted && parent.view().questions.length >= MAX_QUESTIONS) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onEvent = ({ event: { type } }: Envelope) => {
      if (type === "question.answered" || type === "question.expired") resolve();
    };
    const stop = parent.watch(onEvent);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    stop();
  }
}

type Progress = Omit<EventOf<"task.progress">, "type">;

export function toProgress(view: SessionView): Progress {
  const running = view.parts.findLast((part) => part.type === "call" && part.endedAt === undefined);
  const activity = running?.type === "call" ? running.title : "";
  return { task: view.id, activity, model: view.model, ...countUsage(view) };
}

/** With the tasks that it started itself; those of its tasks are part of them. */
export function countUsage({ usage, tasks }: SessionView): Pick<Task, "steps" | "tokens" | "cost"> {
  const own = usage.map(({ requests: steps, input, output, cost }) => ({ steps, tokens: input + output, cost }));
  const all = [...own, ...tasks.filter(({ parent }) => parent === undefined)];
  return {
    steps: all.reduce((sum, { steps }) => sum + steps, 0),
    tokens: all.reduce((sum, { tokens }) => sum + tokens, 0),
    cost: all.some(({ cost }) => cost === null) ? null : all.reduce((sum, { cost }) => sum + (cost ?? 0), 0),
  };
}
