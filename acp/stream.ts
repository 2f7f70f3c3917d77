/**
 * The events of one session on their way to the editor: in order, one after the other, folded into the view as they go. Deltas that
 * pile up while the editor reads go together.
 */
import type { SessionUpdate, ToolCallContent } from "@agentclientprotocol/sdk";
import type { Envelope, EventOf, FileChange } from "../protocol/events.ts";
import type { CallPart } from "../protocol/parts.ts";
import { emptyView, reduce, type SessionView } from "../protocol/view.ts";
import { callEnded, callRuns, callStarted, callWrites, picture } from "./calls.ts";
import { diffsOf } from "./diffs.ts";
import { compacted, noticed, planned, prompted, type Shows, said, spokenId, titled, used } from "./updates.ts";

export interface StreamParts {
  send(update: SessionUpdate): Promise<void>;
  /** An event has been told, and this is the view with it. */
  told(envelope: Envelope, view: SessionView): void;
  /** The first view, or one in place of events that were missed. */
  caughtUp(view: SessionView): void;
  /** Whether a prompt came from this editor, which shows it already. */
  isOwn(promptOrTurn: string): boolean;
  blob(hash: string): Promise<string | null>;
  shows: Shows;
}

export interface Stream {
  event(envelope: Envelope): void;
  snapshot(view: SessionView): void;
  view(): SessionView;
  /** Nothing is told until `release`: what comes belongs to a prompt that has no name yet. */
  hold(): void;
  release(): void;
  /** Resolves when all that has come is told. */
  flushed(): Promise<void>;
}

/** Between two pictures of what a running call writes. */
const OUTPUT_MS = 150;

export function createStream(parts: StreamParts): Stream {
  const { send, shows } = parts;
  let view = emptyView;
  let held = 0;
  let pumping: Promise<void> = Promise.resolve();
  let busy = false;
  const come: (Envelope | SessionView | { output: string })[] = [];
  /** What has been told of a part that is still spoken. */
  const spoken = new Map<string, string>();
  const changes = new Map<string, FileChange[]>();
  const writing = new Map<string, NodeJS.Timeout>();

  const callOf = (id: string): CallPart | null => {
    const part = view.parts.findLast((one) => one.id === id);
    return part?.type === "call" ? part : null;
  };
  const update = async (id: string, of: (part: CallPart) => ReturnType<typeof callRuns>): Promise<void> => {
    const part = callOf(id);
    if (part) await send({ sessionUpdate: "tool_call_update", ...of(part) });
  };

  async function tell(envelope: Envelope): Promise<void> {
    const before = view;
    view = reduce(view, envelope);
    const { event, seq } = envelope;
    switch (event.type) {
      case "turn.started":
      case "turn.steered": {
        if (parts.isOwn(event.prompt ?? event.turn)) break;
        const attachments = event.type === "turn.started" ? event.attachments : [];
        for (const one of prompted(event.text, attachments, event.prompt ?? event.turn)) await send(one);
        break;
      }
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
        if (part) await send({ sessionUpdate: "tool_call", ...callStarted(part) });
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
        await send(planned(event.items));
        break;
      case "usage.counted": {
        const now = used(view);
        if (now) await send(now);
        break;
      }
      case "history.compacted":
        for (const one of compacted(`compaction.${seq}`, event.summary, shows)) await send(one);
        break;
      case "notice.shown":
        for (const one of noticed(event.level, event.text, shows, `notice.${seq}`)) await send(one);
        break;
      case "hook.done": {
        const part = view.parts.at(-1);
        if (part?.type === "notice") for (const one of noticed(part.level, part.text, shows, part.id)) await send(one);
        break;
      }
      default:
        break;
    }
    if (view.title !== before.title) await send(titled(view));
    parts.told(envelope, view);
  }

  async function speak(event: EventOf<"text.delta"> | EventOf<"reasoning.delta">): Promise<void> {
    const id = spokenId({ ...event, id: event.part });
    spoken.set(id, (spoken.get(id) ?? "") + event.text);
    await send(said(event.type === "text.delta" ? "text" : "reasoning", event.text, id));
  }

  /** The end repeats the whole: only what was not told yet is told. */
  async function spokenOut(event: EventOf<"text.done"> | EventOf<"reasoning.done">): Promise<void> {
    const id = spokenId({ ...event, id: event.part });
    const known = spoken.get(id) ?? "";
    spoken.delete(id);
    const rest = event.text.startsWith(known) ? event.text.slice(known.length) : "";
    if (rest !== "") await send(said(event.type === "text.done" ? "text" : "reasoning", rest, id));
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
    const pictures: ToolCallContent[] = [];
    for (const { blob, mediaType } of images) {
      const data = await parts.blob(blob);
      if (data !== null) pictures.push(picture(data, mediaType));
    }
    await send({ sessionUpdate: "tool_call_update", ...callEnded(part, diffs, pictures) });
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
      else if ("event" in next) await tell(together(next, come));
      else {
        view = next;
        spoken.clear();
        parts.caughtUp(view);
      }
      if (held > 0) return;
    }
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

  return {
    event(envelope) {
      come.push(envelope);
      pump();
    },
    snapshot(whole) {
      come.push(whole);
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
    async flushed() {
      while (busy) await pumping;
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
