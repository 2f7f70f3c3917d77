/**
 * What a screen shows, as a fold of the log: `view + envelope -> view`. The one reducer, on both sides of the wire.
 *
 * It reads no clock and makes no id. `reduce` copies what it changes; `reduceAll` may reuse the lists that it made itself,
 * so that opening a long session is linear. Both run the same cases.
 */
import { addChange, addEdit, keepEdit } from "./changes.ts";
import type { Envelope, EventOf, PlanItem, Usage } from "./events.ts";
import type {
  Activity,
  CallPart,
  ChangedFile,
  ModelUsage,
  Part,
  PendingEdit,
  Question,
  QueuedPrompt,
  SpokenPart,
  TurnEnd,
} from "./parts.ts";

export interface SessionView {
  /** Empty until `session.opened`. */
  id: string;
  /** The last envelope that is in this view. */
  seq: number;
  cwd: string;
  title: string;
  archived: boolean;
  parent?: { session: string; seq: number };
  openedAt: number;
  updatedAt: number;
  activity: Activity;
  agent: string;
  /** `provider/model` that runs, or ran last, and why; empty before the first turn. */
  model: string;
  modelWhy: string;
  /** Tokens that fit the model, and how many the last request took. */
  context: number | null;
  contextUsed: number;
  turns: number;
  lastEnd: TurnEnd | null;
  /** How many parts stand before the first of these: 0, but in the view of a watcher that asked for the last ones only. */
  earlier: number;
  parts: readonly Part[];
  queue: readonly QueuedPrompt[];
  questions: readonly Question[];
  plan: readonly PlanItem[];
  files: readonly ChangedFile[];
  /** Files that agents changed, until a person keeps the changes or undoes them. */
  edits: readonly PendingEdit[];
  usage: readonly ModelUsage[];
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
  modelWhy: "",
  context: null,
  contextUsed: 0,
  turns: 0,
  lastEnd: null,
  earlier: 0,
  parts: [],
  queue: [],
  questions: [],
  plan: [],
  files: [],
  edits: [],
  usage: [],
};

export const reduce = (view: SessionView, envelope: Envelope): SessionView => step(view, envelope, copying);

export function reduceAll(view: SessionView, envelopes: Iterable<Envelope>): SessionView {
  const lists = owning();
  let now = view;
  for (const envelope of envelopes) now = step(now, envelope, lists);
  return now;
}

/** How a list gets a new entry or another one in its place. */
interface Lists {
  push<T>(list: readonly T[], entry: T): readonly T[];
  put<T>(list: readonly T[], index: number, entry: T): readonly T[];
}

const copying: Lists = {
  push: (list, entry) => [...list, entry],
  put: (list, index, entry) => list.with(index, entry),
};

function owning(): Lists {
  const own = new WeakSet<readonly unknown[]>();
  const mine = <T>(list: readonly T[]): T[] => {
    if (own.has(list)) return list as T[];
    const copy = [...list];
    own.add(copy);
    return copy;
  };
  return {
    push(list, entry) {
      const copy = mine(list);
      copy.push(entry);
      return copy;
    },
    put(list, index, entry) {
      const copy = mine(list);
      copy[index] = entry;
      return copy;
    },
  };
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
      return {
        ...view,
        id: event.session,
        cwd: event.cwd,
        openedAt: before.openedAt || at,
        ...(event.parent && { parent: event.parent }),
      };
    case "session.titled":
      return { ...view, title: event.title };
    case "session.archived":
      return { ...view, archived: event.archived };
    case "instructions.loaded":
      return view;
    case "prompt.queued":
      return {
        ...view,
        queue: lists.push(view.queue, {
          id: event.prompt,
          text: event.text,
          attachments: event.attachments,
          by,
          ...(event.steers !== undefined && { steers: event.steers }),
        }),
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
    case "prompt.dropped":
      return { ...view, queue: view.queue.filter((queued) => queued.id !== event.prompt) };
    case "turn.started":
      return {
        ...add({
          type: "prompt",
          id: event.turn,
          turn: event.turn,
          text: event.text,
          attachments: event.attachments,
          agent: event.agent,
          by,
          at,
        }),
        queue: view.queue.filter((queued) => queued.id !== event.prompt),
        activity: { state: "running", turn: event.turn, since: at },
        agent: event.agent,
        turns: view.turns + 1,
        title: view.title || firstLine(event.text),
      };
    case "turn.steered":
      return {
        ...add({ type: "prompt", id: event.prompt, turn: event.turn, text: event.text, attachments: [], by, at }),
        queue: view.queue.filter((queued) => queued.id !== event.prompt),
      };
    case "turn.ended":
      return {
        ...view,
        activity: { state: "idle" },
        lastEnd: { turn: event.turn, outcome: event.outcome, ...(event.failure && { failure: event.failure }), at },
      };
    case "model.routed":
      return { ...view, model: event.model, modelWhy: event.why, context: event.context };
    case "text.delta":
    case "reasoning.delta": {
      const type = event.type === "text.delta" ? "text" : "reasoning";
      const index = indexInStep(view.parts, event);
      const found = view.parts[index];
      if (found?.type === type) {
        return { ...view, parts: lists.put(view.parts, index, { ...found, text: found.text + event.text }) };
      }
      return add({
        type,
        id: event.part,
        turn: event.turn,
        step: event.step,
        text: event.text,
        open: true,
        cut: false,
      });
    }
    case "text.done":
    case "reasoning.done": {
      const part: SpokenPart = {
        type: event.type === "text.done" ? "text" : "reasoning",
        id: event.part,
        turn: event.turn,
        step: event.step,
        text: event.text,
        open: false,
        cut: event.cut ?? false,
      };
      // It stands where it ended, also where something came between its deltas: so it does for a reader who has no deltas.
      const index = indexInStep(view.parts, event);
      if (index >= 0 && index === view.parts.length - 1) return { ...view, parts: lists.put(view.parts, index, part) };
      return index < 0 ? add(part) : { ...view, parts: [...view.parts.toSpliced(index, 1), part] };
    }
    case "call.asked":
      return add({
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
    case "call.started":
      return change(event.call, isCall, (part) => ({ ...part, state: "running" }));
    case "call.output":
      return change(event.call, isCall, (part) => ({ ...part, output: part.output + event.text }));
    case "call.done":
      return change(event.call, isCall, (part) => ({
        ...part,
        state: event.state,
        title: event.title ?? part.title,
        output: event.output,
        ...(event.blob !== undefined && { blob: event.blob }),
        ...(event.diff !== undefined && { diff: event.diff }),
        images: event.images ?? [],
        endedAt: at,
      }));
    case "question.asked":
      return {
        ...view,
        questions: lists.push(view.questions, {
          id: event.question,
          kind: event.kind,
          ...(event.call !== undefined && { call: event.call }),
          title: event.title,
          detail: event.detail,
          choices: event.choices,
          freeText: event.freeText,
          ...(event.always !== undefined && { always: event.always }),
          digest: event.digest,
        }),
      };
    case "question.answered":
    case "question.expired":
      return { ...view, questions: view.questions.filter((question) => question.id !== event.question) };
    case "plan.updated":
      return { ...view, plan: event.items };
    case "file.changed":
      return {
        ...view,
        files: addChange(view.files, event.change),
        edits: addEdit(view.edits, event, by),
      };
    case "edits.kept":
      return { ...view, edits: keepEdit(view.edits, event) };
    case "usage.counted":
      return {
        ...view,
        usage: addUsage(view.usage, event.model, event.usage),
        // What a plugin asked a model is paid for, and is no part of the conversation.
        contextUsed: by.kind === "plugin" ? view.contextUsed : event.usage.input + event.usage.output,
      };
    case "history.compacted":
      return add({ type: "compaction", id: `compaction.${seq}`, summary: event.summary, reason: event.reason });
    case "notice.shown":
      return add({
        type: "notice",
        id: `notice.${seq}`,
        level: event.level,
        text: event.text,
        ...(event.until !== undefined && { until: event.until }),
      });
    case "hook.done":
      return add({
        type: "notice",
        id: `notice.${seq}`,
        level:
          event.effect === "failed" || event.effect === "blocked" || event.effect === "denied" ? "warning" : "info",
        text: hookText(by.name, event),
      });
    default:
      event satisfies never;
      return view;
  }
}

/** Where a part of this step stands, looking no further back than the step goes; -1 where it is new. */
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

const hookEffects: Readonly<Record<EventOf<"hook.done">["effect"], string>> = {
  context: "told the model",
  rewrote: "changed what is done",
  blocked: "stopped this",
  denied: "refused this",
  asked: "wants you to be asked",
  allowed: "allowed this",
  feedback: "told the model of a result",
  continued: "wants to go on",
  failed: "could not be asked",
};

function hookText(who: string, { hook, effect, text, input }: EventOf<"hook.done">): string {
  const what = text ?? (input === undefined ? "" : JSON.stringify(input));
  return `${who} ${hookEffects[effect]} (${hook})${what === "" ? "" : `: ${firstLine(what)}`}`;
}

const isCall = (part: Part): part is CallPart => part.type === "call";

export function firstLine(text: string): string {
  const line = text.trimStart().split("\n", 1)[0] ?? "";
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}

function addUsage(all: readonly ModelUsage[], model: string, usage: Usage): readonly ModelUsage[] {
  const index = all.findIndex((known) => known.model === model);
  const known = all[index];
  if (!known) return [...all, { model, requests: 1, ...usage }];
  return all.with(index, {
    model,
    requests: known.requests + 1,
    input: known.input + usage.input,
    cached: known.cached + usage.cached,
    output: known.output + usage.output,
    reasoning: known.reasoning + usage.reasoning,
    cost: known.cost === null || usage.cost === null ? null : known.cost + usage.cost,
    estimated: known.estimated || usage.estimated,
  });
}
