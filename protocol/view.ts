/**
 * What clients show of a session, as a fold of its log: `view + envelope -> view`. The one reducer, on both sides of the wire.
 *
 * It reads no clock and creates no ids. `reduce` copies what it changes; `reduceAll` may modify lists that it created itself, so that
 * opening a long session is linear. Both run the same cases.
 */
import { acceptEdit, addChange, addEdit } from "./changes.ts";
import type { Author, Envelope, EventOf, PlanItem, TaskOrigin } from "./events.ts";
import { firstLine } from "./first-line.ts";
import { hookLevel, hookText } from "./hook-text.ts";
import { copying, type Lists, owning } from "./lists.ts";
import { isRetry, isShownAsEnd, toCompaction, toEndNotice, toNotice } from "./notices.ts";
import type {
  Activity,
  CallPart,
  ChangedFile,
  ModelUsage,
  Part,
  PendingEdit,
  Question,
  QuestionOutcome,
  QueuedPrompt,
  ResponsePart,
  TurnEnd,
} from "./parts.ts";
import { toOutcome, toQuestion } from "./questions.ts";
import type { Routing } from "./routing.ts";
import { rememberSettings, type SessionSettings, withoutGrants } from "./session-settings.ts";
import type { Tier } from "./settings.ts";
import { type Task, updateTasks } from "./tasks.ts";
import { foldTogether, type Together } from "./together.ts";
import { addUsage } from "./usage.ts";

export interface SessionView extends Together {
  /** Empty until `session.opened`. */
  id: string;
  /** The last envelope of this view. */
  seq: number;
  cwd: string;
  title: string;
  archived: boolean;
  parent?: { session: string; seq: number };
  /** Set for the session of a subagent. */
  task?: TaskOrigin;
  openedAt: number;
  updatedAt: number;
  activity: Activity;
  agent: string;
  /** The model (`provider/model`) of the running or last turn, and why it was chosen; empty before the first turn. */
  model: string;
  modelReason: string;
  /** The tier of the model; absent if it serves none. */
  tier?: Tier;
  /** How it was chosen; absent if nothing was routed. */
  routing?: Routing;
  /** What the last prompt used: the next one uses the same where it sets nothing else. What is absent is configured. */
  settings: SessionSettings;
  /** The model's context in tokens, and how many of them the last request used. */
  context: number | null;
  contextUsed: number;
  turns: number;
  lastEnd: TurnEnd | null;
  /** The number of parts before the first of these: 0, except for a watcher that asked for the last parts only. */
  earlier: number;
  parts: readonly Part[];
  queue: readonly QueuedPrompt[];
  /** The user stopped a turn, so the queued prompts wait until one of them is sent. */
  queueWaits: boolean;
  questions: readonly Question[];
  plan: readonly PlanItem[];
  files: readonly ChangedFile[];
  /** Files that agents changed, until a person accepts or undoes the changes. */
  edits: readonly PendingEdit[];
  usage: readonly ModelUsage[];
  /** The subagents of this session and those that they started, oldest first. */
  tasks: readonly Task[];
}

export const emptyView: SessionView = {
  id: "",
  seq: 0,
  cwd: "",
  title: "",
  archived: false,
  openedAt: 0,
  updatedAt: 0,
  activity: { state: "idle" },
  agent: "",
  model: "",
  modelReason: "",
  settings: {},
  context: null,
  contextUsed: 0,
  turns: 0,
  lastEnd: null,
  earlier: 0,
  parts: [],
  queue: [],
  queueWaits: false,
  questions: [],
  plan: [],
  files: [],
  edits: [],
  usage: [],
  tasks: [],
};

export const reduce = (view: SessionView, envelope: Envelope): SessionView => step(view, envelope, copying);

export function reduceAll(view: SessionView, envelopes: Iterable<Envelope>): SessionView {
  const lists = owning();
  let now = view;
  for (const envelope of envelopes) now = step(now, envelope, lists);
  return now;
}

function step(before: SessionView, { seq, at, by, event }: Envelope, lists: Lists): SessionView {
  const view = { ...before, seq, updatedAt: at };
  const add = (part: Part): SessionView => ({ ...view, parts: lists.push(view.parts, part) });
  const change = <T extends Part>(id: string, is: (part: Part) => part is T, to: (part: T) => T): SessionView => {
    const index = view.parts.findLastIndex((part) => part.id === id && is(part));
    const found = view.parts[index];
    return found && is(found) ? { ...view, parts: lists.put(view.parts, index, to(found)) } : view;
  };
  switch (event.type) {
    case "session.opened":
      return toOpenedView(view, event, at);
    case "session.titled":
      return { ...view, title: event.title };
    case "session.archived":
      return { ...view, archived: event.archived };
    case "instructions.loaded":
      return view;
    case "prompt.queued":
      return {
        ...view,
        settings: rememberSettings(view.settings, event.settings),
        queue: lists.push(view.queue, toQueuedPrompt(event, by)),
      };
    case "prompt.edited":
      return {
        ...view,
        queue: view.queue.map((queued) => (queued.id === event.prompt ? { ...queued, text: event.text } : queued)),
      };
    case "prompt.moved": {
      const moved = view.queue.find((queued) => queued.id === event.prompt);
      const rest = view.queue.filter((queued) => queued.id !== event.prompt);
      return moved ? { ...view, queue: rest.toSpliced(event.to, 0, moved) } : view;
    }
    case "prompt.dropped": {
      const queue = view.queue.filter((queued) => queued.id !== event.prompt);
      return { ...view, queue, queueWaits: view.queueWaits && queue.length > 0 };
    }
    case "turn.started":
      return startTurn(add(toPromptPart(event, by, at)), event, at);
    case "turn.steered":
      return {
        ...add({ type: "prompt", id: event.prompt, turn: event.turn, text: event.text, attachments: [], by, at }),
        queue: view.queue.filter((queued) => queued.id !== event.prompt),
      };
    case "turn.ended":
      return endTurn(isShownAsEnd(event) ? add(toEndNotice(event)) : view, event, at);
    case "model.routed":
      return routeView(view, event);
    case "text.delta":
    case "reasoning.delta":
      return addDelta(view, event, lists);
    case "text.done":
    case "reasoning.done":
      return endText(view, event, lists);
    case "call.asked":
      return add(toCallPart(event, at));
    case "call.started":
      return change(event.call, isCall, (part) => ({ ...part, state: "running" }));
    case "call.output":
      return change(event.call, isCall, (part) => ({ ...part, output: part.output + event.text }));
    case "call.done":
      return change(event.call, isCall, (part) => endCall(part, event, at));
    case "question.asked":
      return { ...view, questions: lists.push(view.questions, toQuestion(event)) };
    case "question.answered":
    case "question.expired": {
      const questions = view.questions.filter(({ id }) => id !== event.question);
      const question = view.questions.find(({ id }) => id === event.question);
      const outcome = question && toOutcome(question, event, by);
      const { parts } = change(question?.call ?? "", isCall, (part) => endQuestion(part, outcome));
      return { ...view, questions, parts };
    }
    case "plan.updated":
      return { ...view, plan: event.items };
    case "file.changed":
      return {
        ...view,
        files: addChange(view.files, event.change),
        edits: addEdit(view.edits, event, by),
      };
    case "edits.accepted":
      return { ...view, edits: acceptEdit(view.edits, event) };
    case "usage.counted":
      return {
        ...view,
        usage: addUsage(view.usage, event.model, event.usage),
        // A request of a plugin to the model, or one that is not a step of a turn, costs tokens, but is not part of the conversation.
        contextUsed: by.kind === "plugin" || event.purpose ? view.contextUsed : event.usage.input + event.usage.output,
      };
    case "history.compacted":
      return {
        ...add(toCompaction(event, `compaction.${seq}`)),
        contextUsed: Math.max(0, view.contextUsed - (event.tokens ? event.tokens.before - event.tokens.after : 0)),
      };
    case "notice.shown": {
      const notice = toNotice(event, `notice.${seq}`);
      const last = view.parts.length - 1;
      // Retries that follow each other are one line, which shows the last.
      return isRetry(notice) && isRetry(view.parts[last])
        ? { ...view, parts: lists.put(view.parts, last, notice) }
        : add(notice);
    }
    case "task.started":
    case "task.progress":
    case "task.ended":
      return { ...view, tasks: updateTasks(view.tasks, event, at) };
    case "hook.done":
      return add({ type: "notice", id: `notice.${seq}`, level: hookLevel(event), text: hookText(by.name, event) });
    case "wheel.moved":
    case "comment.added":
    case "comment.resolved":
    case "comment.deleted":
    case "approvals.changed":
    case "question.voted":
      return foldTogether(view, event, by, at);
    default:
      event satisfies never;
      return view;
  }
}

const startTurn = (view: SessionView, event: EventOf<"turn.started">, at: number): SessionView => {
  const isQueued = view.queue.some((queued) => queued.id === event.prompt);
  return {
    ...view,
    queueWaits: view.queueWaits && !isQueued,
    queue: view.queue.filter((queued) => queued.id !== event.prompt),
    // A queued prompt set them when it was queued; a later one may have set others since.
    settings: isQueued ? view.settings : rememberSettings(view.settings, event.settings),
    activity: { state: "running", turn: event.turn, since: at },
    agent: event.agent,
    turns: view.turns + 1,
    title: view.title || firstLine(event.text),
  };
};

const endTurn = (view: SessionView, event: EventOf<"turn.ended">, at: number): SessionView => ({
  ...view,
  activity: { state: "idle" },
  queueWaits: view.queueWaits || (event.outcome === "cancelled" && view.queue.length > 0),
  lastEnd: { turn: event.turn, outcome: event.outcome, ...(event.failure && { failure: event.failure }), at },
});

/** What comes before this event was copied from another session: its approvals stay there. */
const toOpenedView = (
  { task: _, wheel: __, approvals: ___, ...view }: SessionView,
  event: EventOf<"session.opened">,
  at: number,
): SessionView => ({
  ...view,
  id: event.session,
  cwd: event.cwd,
  openedAt: view.openedAt || at,
  settings: withoutGrants(view.settings),
  queue: view.queue.map(({ settings, ...prompt }) => ({
    ...prompt,
    ...(settings && { settings: withoutGrants(settings) }),
  })),
  ...(event.parent && { parent: event.parent }),
  ...(event.task && { task: event.task }),
});

/** Without the tier of the model before, if this one serves none. */
function routeView({ tier: _, routing: __, ...view }: SessionView, event: EventOf<"model.routed">): SessionView {
  const { model, reason: modelReason, context, tier, routing } = event;
  return { ...view, model, modelReason, context, ...(tier && { tier }), ...(routing && { routing }) };
}

function addDelta(
  view: SessionView,
  event: EventOf<"text.delta"> | EventOf<"reasoning.delta">,
  lists: Lists,
): SessionView {
  const { part: id, turn, step, text } = event;
  const type = event.type === "text.delta" ? "text" : "reasoning";
  const index = indexInStep(view.parts, event);
  const known = view.parts[index];
  if (known?.type === type)
    return { ...view, parts: lists.put(view.parts, index, { ...known, text: known.text + text }) };
  return { ...view, parts: lists.push(view.parts, { type, id, turn, step, text, open: true, incomplete: false }) };
}

/** A text is placed where it ended, even if another part came between its deltas: a reader without deltas sees the same order. */
function endText(
  view: SessionView,
  event: EventOf<"text.done"> | EventOf<"reasoning.done">,
  lists: Lists,
): SessionView {
  const { part: id, turn, step, text, incomplete = false } = event;
  const type = event.type === "text.done" ? "text" : "reasoning";
  const part: ResponsePart = { type, id, turn, step, text, open: false, incomplete };
  const index = indexInStep(view.parts, event);
  if (index < 0) return { ...view, parts: lists.push(view.parts, part) };
  if (index === view.parts.length - 1) return { ...view, parts: lists.put(view.parts, index, part) };
  return { ...view, parts: [...view.parts.toSpliced(index, 1), part] };
}

const toPromptPart = ({ turn, text, attachments, agent }: EventOf<"turn.started">, by: Author, at: number): Part => ({
  type: "prompt",
  id: turn,
  turn,
  text,
  attachments,
  agent,
  by,
  at,
});

const toQueuedPrompt = (event: EventOf<"prompt.queued">, by: Author): QueuedPrompt => ({
  id: event.prompt,
  text: event.text,
  attachments: event.attachments,
  by,
  ...(event.steers !== undefined && { steers: event.steers }),
  ...(event.settings && { settings: event.settings }),
});

const toCallPart = (event: EventOf<"call.asked">, at: number): CallPart => ({
  type: "call",
  id: event.call,
  turn: event.turn,
  step: event.step,
  name: event.name,
  kind: event.kind,
  title: event.title,
  input: event.input,
  ...(event.raw !== undefined && { raw: event.raw }),
  locations: event.locations,
  state: "asked",
  output: "",
  images: [],
  askedAt: at,
});

const endCall = (part: CallPart, event: EventOf<"call.done">, at: number): CallPart => ({
  ...part,
  state: event.state,
  title: event.title ?? part.title,
  output: event.output,
  ...(event.blob !== undefined && { blob: event.blob }),
  ...(event.diff !== undefined && { diff: event.diff }),
  images: event.images ?? [],
  endedAt: at,
});

const endQuestion = (part: CallPart, outcome: QuestionOutcome | undefined): CallPart =>
  outcome ? { ...part, outcomes: [...(part.outcomes ?? []), outcome] } : part;

/** The index of a part within its step, searched no further back than the step; -1 where it is new. */
function indexInStep(
  parts: readonly Part[],
  { part: id, turn, step }: { part: string; turn: string; step: number },
): number {
  for (let index = parts.length - 1; index >= 0; index--) {
    const part = parts[index];
    if (part?.id === id) return index;
    if (part && "step" in part && (part.turn !== turn || part.step !== step)) return -1;
    if (part?.type === "prompt" && part.id === turn) return -1;
  }
  return -1;
}

const isCall = (part: Part): part is CallPart => part.type === "call";
