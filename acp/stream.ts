/**
 * Sends the events of one session to the editor, in order and one at a time, and folds them into the view. Deltas that queue up while
 * the editor is reading are merged.
 */
import type { Envelope } from "../protocol/events.ts";
import { emptyView, reduce, type SessionView } from "../protocol/view.ts";
import { type CallUpdates, createCallUpdates } from "./call-updates.ts";
import type { Block, Update } from "./editor.ts";
import { createSentState, type SentState } from "./sent-state.ts";
import { createSerialQueue } from "./serial-queue.ts";
import {
  blocksOf,
  responseIdOf,
  statusOf,
  toMissedUpdates,
  toNoticeUpdate,
  toReplayUpdates,
  toTitleUpdate,
  toUsageUpdate,
} from "./updates.ts";

/** What to send when a session is opened: the whole conversation, only the current status, or nothing (for a new session). */
export type History = "all" | "last" | "none";

export interface StreamDeps {
  history: History;
  send(update: Update): Promise<void>;
  /** Called after an event was sent, with the view that includes it. */
  eventSent(envelope: Envelope, view: SessionView): void;
  /** A snapshot arrived: the first one, or one that replaces missed events. Called before its changes are sent. */
  viewReceived(view: SessionView): void;
  /** Called after the changes of a snapshot were sent. */
  viewSent(view: SessionView): void;
  /** The original blocks of this editor's own prompt, by prompt or message id, and only once; undefined for prompts of others. */
  takeOwnBlocks(promptOrMessage: string): readonly Block[] | undefined;
  readBlob(hash: string): Promise<string | null>;
}

export interface UpdateStream {
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  /** Sends updates that belong to no turn. If the session is idle, the editor sees them as a short turn. */
  sendImmediate(updates: readonly Update[]): void;
  /** The connection to the server was lost: ends the running turn as failed. */
  disconnected(reason: string): void;
  view(): SessionView;
  /** Sends nothing until `resume`: the next events may belong to a prompt whose id is not known yet. */
  pause(): void;
  resume(): void;
  /** Resolves when everything received so far has been sent. */
  flush(): Promise<void>;
  /** Sends what has been received and stops. */
  close(): Promise<void>;
}

type Item = Envelope | SessionView | { output: string } | { updates: readonly Update[] } | { disconnected: string };

export function createUpdateStream(deps: StreamDeps): UpdateStream {
  const { send, readBlob } = deps;
  const sent = createSentState(send, deps.takeOwnBlocks);
  const queue = createSerialQueue<Item>(handle);
  const calls = createCallUpdates({
    view: () => view,
    send,
    readBlob,
    outputDue: (output) => queue.add({ output }),
  });
  let view = emptyView;
  /** The last turn whose end was sent. */
  let lastEndedTurn: string | null = null;

  async function handle(item: Item, rest: Item[]): Promise<void> {
    if ("output" in item) await calls.sendOutput(item.output);
    else if ("updates" in item) await sendImmediately(item.updates);
    else if ("disconnected" in item) await sendDisconnected(item.disconnected);
    else if ("event" in item) await handleEvent(mergeDeltas(item, rest));
    else await replaceView(item);
  }

  async function handleEvent(envelope: Envelope): Promise<void> {
    const before = view;
    view = reduce(view, envelope);
    if (envelope.event.type === "turn.ended") lastEndedTurn = envelope.event.turn;
    await sendEvent(envelope, view, { send, sent, calls });
    if (view.title !== before.title) await send(toTitleUpdate(view));
    await sent.setStatus(statusOf(view));
    deps.eventSent(envelope, view);
  }

  async function sendImmediately(updates: readonly Update[]): Promise<void> {
    const isIdle = sent.isIdle();
    if (isIdle) await sent.setStatus({ status: "running" });
    for (const one of updates) await send(one);
    if (isIdle) await sent.setStatus({ status: "idle", end: { outcome: "done" } });
  }

  async function sendDisconnected(reason: string): Promise<void> {
    if (view.activity.state === "running") lastEndedTurn = view.activity.turn;
    await sent.setStatus({ status: "idle", end: { outcome: "failed", failure: { code: "failed", message: reason } } });
  }

  async function replaceView(snapshot: SessionView): Promise<void> {
    const before = view;
    view = snapshot;
    deps.viewReceived(view);
    if (before !== emptyView) await sendMissed(before);
    else await sendHistory();
    lastEndedTurn = view.lastEnd?.turn ?? null;
    deps.viewSent(view);
  }

  /** Sends what a new snapshot has and the previous view did not. A turn that started and ended in between is sent with both. */
  async function sendMissed(before: SessionView): Promise<void> {
    sent.setTexts(view);
    if (view.lastEnd && view.lastEnd.turn !== lastEndedTurn) await sent.setStatus({ status: "running" });
    for (const one of toMissedUpdates(before, view))
      if (one.type === "prompt") await sent.sendPrompt(one.id, one.id, one.blocks);
      else await send(one);
    await sent.setStatus(statusOf(view));
  }

  /** Sends an existing session. The outcome of its last turn is not sent again. */
  async function sendHistory(): Promise<void> {
    if (deps.history === "none") return;
    if (deps.history === "all") {
      sent.setTexts(view);
      for (const one of toReplayUpdates(view)) await send(one);
    }
    await sent.sendInitialStatus(statusOf(view));
  }

  return {
    event: queue.add,
    snapshot: queue.add,
    sendImmediate: (updates) => queue.add({ updates }),
    disconnected: (reason) => queue.add({ disconnected: reason }),
    view: () => view,
    pause: queue.pause,
    resume: queue.resume,
    flush: queue.flush,
    async close() {
      await queue.flush();
      calls.close();
    },
  };
}

/** Sends what an event means to an editor. `view` includes the event. */
async function sendEvent(
  { event, seq }: Envelope,
  view: SessionView,
  { send, sent, calls }: { send: StreamDeps["send"]; sent: SentState; calls: CallUpdates },
): Promise<void> {
  switch (event.type) {
    case "turn.started":
      return sent.sendPrompt(event.turn, event.prompt ?? event.turn, blocksOf(event.text, event.attachments));
    case "turn.steered":
      return sent.sendPrompt(event.prompt, event.prompt, blocksOf(event.text, []));
    case "text.delta":
    case "reasoning.delta": {
      const id = responseIdOf({ ...event, id: event.part });
      const as = event.type === "text.delta" ? "text" : "reasoning";
      sent.addText(id, event.text);
      return send({ type: "response.delta", as, id, text: event.text });
    }
    case "text.done":
    case "reasoning.done": {
      const id = responseIdOf({ ...event, id: event.part });
      const as = event.type === "text.done" ? "text" : "reasoning";
      return send({ type: "response.done", as, id, text: event.text, sent: sent.takeText(id) });
    }
    case "call.asked":
      return calls.asked(event.call);
    case "call.started":
      return calls.started(event.call);
    case "call.output":
      return calls.outputChanged(event.call);
    case "call.done":
      return calls.ended(event);
    case "file.changed":
      return calls.fileChanged(event);
    case "plan.updated":
      return send({ type: "plan", items: event.items });
    case "usage.counted": {
      const usage = toUsageUpdate(view);
      return usage ? send(usage) : undefined;
    }
    case "history.compacted":
      return send({ type: "compaction", id: `compaction.${seq}`, summary: event.summary });
    case "notice.shown":
    case "hook.done": {
      const part = view.parts.at(-1);
      return part?.type === "notice" ? send(toNoticeUpdate(part)) : undefined;
    }
    default:
      return;
  }
}

/** Merges all directly following deltas of the same part into the first, and removes them from `rest`. */
function mergeDeltas(first: Envelope, rest: unknown[]): Envelope {
  let { event, seq } = first;
  if (event.type !== "text.delta" && event.type !== "reasoning.delta") return first;
  for (;;) {
    const next = (rest[0] as Partial<Envelope> | undefined)?.event;
    if (next?.type !== event.type || next.part !== event.part || next.step !== event.step) break;
    const merged = rest.shift() as Envelope;
    seq = merged.seq;
    event = { ...event, text: event.text + next.text };
  }
  return { ...first, seq, event };
}
