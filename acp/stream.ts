/**
 * The events of one session on their way to the editor: in order, one after the other, folded into the view as they go. Deltas that
 * pile up while the editor reads go together.
 */
import type { Envelope, EventOf, FileChange } from "../protocol/events.ts";
import type { CallPart } from "../protocol/parts.ts";
import { emptyView, reduce, type SessionView } from "../protocol/view.ts";
import { callEnded, callRuns, callStarted, callWrites } from "./calls.ts";
import { diffsOf } from "./diffs.ts";
import type { Block, Call, Content, Foreground, Update } from "./editor.ts";
import { blocksOf, foregroundOf, missed, noticed, replayed, spokenId, titled, used } from "./updates.ts";

/** What of a session is told when it is taken up: all that was said, or only what it is at; nothing of one that is new. */
export type Past = "all" | "last" | "none";

export interface StreamParts {
  past: Past;
  send(update: Update): Promise<void>;
  /** An event has been told, and this is the view with it. */
  told(envelope: Envelope, view: SessionView): void;
  /** The first view has come, or one in place of events that were missed; what is new in it is told next. */
  found(view: SessionView): void;
  /** And it has been told. */
  caughtUp(view: SessionView): void;
  /** What a prompt of this editor is made of, by its own id or that of its message; asked for once, undefined where it came from elsewhere. */
  takeOwn(promptOrMessage: string): readonly Block[] | undefined;
  blob(hash: string): Promise<string | null>;
}

export interface Stream {
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  /** Work beside the turns, done at once: where nothing runs, a turn of its own in the eyes of the editor. */
  aside(updates: readonly Update[]): void;
  /** Events have stopped; what ran has no end that could be told. */
  lost(why: string): void;
  view(): SessionView;
  /** Nothing is told until `release`: what comes belongs to a prompt that has no name yet. */
  hold(): void;
  release(): void;
  /** Resolves when all that has come is told. */
  flushed(): Promise<void>;
  /** No more events come: what has come is told, and nothing after it. */
  close(): Promise<void>;
}

/** Between two pictures of what a running call writes. */
const OUTPUT_MS = 150;

export function createStream(parts: StreamParts): Stream {
  const { send } = parts;
  let view = emptyView;
  let told: Foreground["is"] = "idle";
  /** The last turn whose end was told. */
  let ended: string | null = null;
  let held = 0;
  let pumping: Promise<void> = Promise.resolve();
  let busy = false;
  const come: (Envelope | SessionView | { output: string } | { aside: readonly Update[] } | { lost: string })[] = [];
  /** What has been told of a part that is still spoken. */
  const spoken = new Map<string, string>();
  const changes = new Map<string, FileChange[]>();
  const writing = new Map<string, NodeJS.Timeout>();

  const callOf = (id: string): CallPart | null => {
    const part = view.parts.findLast((one) => one.id === id);
    return part?.type === "call" ? part : null;
  };
  const update = async (id: string, of: (part: CallPart) => Call): Promise<void> => {
    const part = callOf(id);
    if (part) await send({ type: "call.changed", call: of(part) });
  };
  const turnTo = async (state: Foreground): Promise<void> => {
    if (state.is === told) return;
    told = state.is;
    await send({ type: "state", state });
  };

  async function tell(envelope: Envelope): Promise<void> {
    const before = view;
    view = reduce(view, envelope);
    const { event, seq } = envelope;
    switch (event.type) {
      case "turn.started":
        await prompted(event.turn, event.prompt ?? event.turn, blocksOf(event.text, event.attachments));
        break;
      case "turn.steered":
        await prompted(event.prompt, event.prompt, blocksOf(event.text, []));
        break;
      case "text.delta":
      case "reasoning.delta":
        await speak(event);
        break;
      case "text.done":
      case "reasoning.done":
        await spokenOut(event);
        break;
      case "call.asked": {
        const part = callOf(event.call);
        if (part) await send({ type: "call", call: callStarted(part) });
        break;
      }
      case "call.started":
        await update(event.call, callRuns);
        break;
      case "call.output":
        writeSoon(event.call);
        break;
      case "call.done":
        await callDone(event);
        break;
      case "file.changed":
        if (event.call !== undefined) changes.set(event.call, [...(changes.get(event.call) ?? []), event.change]);
        break;
      case "plan.updated":
        await send({ type: "plan", items: event.items });
        break;
      case "usage.counted": {
        const now = used(view);
        if (now) await send(now);
        break;
      }
      case "history.compacted":
        await send({ type: "compacted", id: `compaction.${seq}`, summary: event.summary });
        break;
      case "notice.shown":
      case "hook.done": {
        const part = view.parts.at(-1);
        if (part?.type === "notice") await send(noticed(part));
        break;
      }
      case "turn.ended":
        ended = event.turn;
        break;
      default:
        break;
    }
    if (view.title !== before.title) await send(titled(view));
    await turnTo(foregroundOf(view));
    parts.told(envelope, view);
  }

  async function prompted(id: string, prompt: string, blocks: readonly Block[]): Promise<void> {
    const own = parts.takeOwn(prompt);
    await send({ type: "prompted", id, blocks: own ?? blocks, own: own !== undefined });
  }

  async function speak(event: EventOf<"text.delta"> | EventOf<"reasoning.delta">): Promise<void> {
    const id = spokenId({ ...event, id: event.part });
    spoken.set(id, (spoken.get(id) ?? "") + event.text);
    await send({ type: "speaking", as: event.type === "text.delta" ? "text" : "reasoning", id, text: event.text });
  }

  async function spokenOut(event: EventOf<"text.done"> | EventOf<"reasoning.done">): Promise<void> {
    const id = spokenId({ ...event, id: event.part });
    const as = event.type === "text.done" ? "text" : "reasoning";
    await send({ type: "spoken", as, id, text: event.text, told: spoken.get(id) ?? "" });
    spoken.delete(id);
  }

  function writeSoon(call: string): void {
    if (writing.has(call)) return;
    const show = (): void => {
      writing.delete(call);
      come.push({ output: call });
      pump();
    };
    writing.set(call, setTimeout(show, OUTPUT_MS));
  }

  async function callDone({ call, diff, images = [] }: EventOf<"call.done">): Promise<void> {
    clearTimeout(writing.get(call));
    writing.delete(call);
    const part = callOf(call);
    if (!part) return;
    const made = changes.get(call) ?? [];
    changes.delete(call);
    const paths = part.locations.map(({ path }) => path);
    const diffs = await diffsOf(diff, made, paths, textOf);
    const pictures: Content[] = [];
    for (const { blob, mediaType } of images) {
      const data = await parts.blob(blob);
      if (data !== null) pictures.push({ type: "image", data, mimeType: mediaType });
    }
    await send({ type: "call.changed", call: callEnded(part, diffs, pictures) });
  }

  async function textOf(hash: string): Promise<string | null> {
    const data = await parts.blob(hash);
    if (data === null) return null;
    const bytes = Buffer.from(data, "base64");
    return bytes.includes(0) ? null : bytes.toString("utf8");
  }

  async function drain(): Promise<void> {
    for (let next = come.shift(); next !== undefined; next = come.shift()) {
      if ("output" in next) await update(next.output, callWrites);
      else if ("aside" in next) await tellAside(next.aside);
      else if ("lost" in next) await tellLost(next.lost);
      else if ("event" in next) await tell(together(next, come));
      else await catchUp(next);
      if (held > 0) return;
    }
  }

  async function tellAside(updates: readonly Update[]): Promise<void> {
    const alone = told === "idle";
    if (alone) await turnTo({ is: "running" });
    for (const one of updates) await send(one);
    if (alone) await turnTo({ is: "idle", end: { outcome: "done" } });
  }

  async function tellLost(why: string): Promise<void> {
    if (view.activity.state === "running") ended = view.activity.turn;
    await turnTo({ is: "idle", end: { outcome: "failed", failure: { code: "failed", message: why } } });
  }

  async function catchUp(whole: SessionView): Promise<void> {
    const before = view;
    view = whole;
    spoken.clear();
    parts.found(view);
    if (before === emptyView) await tellPast();
    else await tellMissed(before);
    ended = view.lastEnd?.turn ?? null;
    parts.caughtUp(view);
  }

  /** What the view has of a part that is still spoken is told with the view. */
  function knowSpoken(): void {
    for (const part of view.parts)
      if ((part.type === "text" || part.type === "reasoning") && part.open) spoken.set(spokenId(part), part.text);
  }

  /** A turn that came and went unseen has its beginning and its end all the same. */
  async function tellMissed(before: SessionView): Promise<void> {
    knowSpoken();
    if (view.lastEnd && view.lastEnd.turn !== ended) await turnTo({ is: "running" });
    for (const one of missed(before, view))
      if (one.type === "prompted") await prompted(one.id, one.id, one.blocks);
      else await send(one);
    await turnTo(foregroundOf(view));
  }

  /** The end of a turn that is long over is no news. */
  async function tellPast(): Promise<void> {
    if (parts.past === "none") return;
    if (parts.past === "all") {
      knowSpoken();
      for (const one of replayed(view)) await send(one);
    }
    const state = foregroundOf(view);
    told = state.is;
    await send({ type: "state", state: state.is === "idle" ? { is: "idle", end: null } : state });
  }
  function pump(): void {
    if (busy || held > 0) return;
    busy = true;
    pumping = drain().finally(() => {
      busy = false;
      if (come.length > 0 && held === 0) pump();
    });
    // Only a connection that is gone refuses an update, and with it goes all of this.
    pumping.catch(() => undefined);
  }

  async function flushed(): Promise<void> {
    while (busy) await pumping;
  }

  return {
    event(envelope) {
      come.push(envelope);
      pump();
    },
    snapshot(whole) {
      come.push(whole);
      pump();
    },
    aside(updates) {
      come.push({ aside: updates });
      pump();
    },
    lost(why) {
      come.push({ lost: why });
      pump();
    },
    view: () => view,
    hold() {
      held += 1;
    },
    release() {
      held -= 1;
      pump();
    },
    flushed,
    async close() {
      await flushed();
      for (const timer of writing.values()) clearTimeout(timer);
      writing.clear();
    },
  };
}

/** The first with all the deltas of the same part that follow it at once; they are taken from the list. */
function together(first: Envelope, rest: unknown[]): Envelope {
  let { event, seq } = first;
  if (event.type !== "text.delta" && event.type !== "reasoning.delta") return first;
  for (;;) {
    const next = (rest[0] as Partial<Envelope> | undefined)?.event;
    if (next?.type !== event.type || next.part !== event.part || next.step !== event.step) break;
    const taken = rest.shift() as Envelope;
    seq = taken.seq;
    event = { ...event, text: event.text + next.text };
  }
  return { ...first, seq, event };
}
