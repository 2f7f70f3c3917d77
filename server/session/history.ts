/**
 * What the model is told, as a fold of the facts. Each message is made once and never changed, so the request of a later step
 * begins with the bytes of an earlier one; only a compaction starts anew.
 */
import type { Attachment, Envelope, EventOf } from "../../protocol/events.ts";
import type { AssistantContent } from "../ports.ts";

export type StoredUserContent = { type: "text"; text: string } | { type: "image"; mediaType: string; blob: string };

/** A `Message` of ports.ts whose images are still names of blobs. */
export type StoredMessage =
  | { role: "user"; content: StoredUserContent[] }
  | { role: "assistant"; model: string; content: AssistantContent[] }
  | { role: "tool"; results: StoredOutcome[] };

export interface StoredOutcome {
  id: string;
  name: string;
  output: string;
  failed: boolean;
  images: { mediaType: string; blob: string }[];
}

export interface History {
  add(envelope: Envelope): void;
  /** To be asked between steps: closes the step that is open, and leaves out what a broken-off answer said. */
  messages(): readonly StoredMessage[];
  /** The instructions that this session began with, and their size; null before they were loaded. */
  instructions(): EventOf<"instructions.loaded"> | null;
  /** Sequence number of the envelope that each message ended with, for choosing where to compact. */
  marks(): readonly number[];
}

interface OpenStep {
  turn: string;
  step: number;
  content: AssistantContent[];
  cut: AssistantContent[];
  calls: Map<string, { name: string; result: StoredOutcome | null }>;
}

export function createHistory(): History {
  let messages: StoredMessage[] = [];
  let marks: number[] = [];
  let instructions: EventOf<"instructions.loaded"> | null = null;
  let model = "";
  let open: OpenStep | null = null;
  let seq = 0;

  const push = (message: StoredMessage): void => {
    messages.push(message);
    marks.push(seq);
  };
  const user = (text: string, attachments: readonly Attachment[] = []): void =>
    push({ role: "user", content: userContent(text, attachments) });

  /** A step is whole when each of its calls has a result. */
  const close = (turnEnded: boolean): void => {
    if (!open) return;
    const step = open;
    open = null;
    const content =
      turnEnded && step.content.length === 0 ? step.cut.filter(({ type }) => type === "text") : step.content;
    if (content.length > 0) push({ role: "assistant", model, content });
    const results = [...step.calls].map(([id, { name, result }]) => result ?? unanswered(id, name));
    if (results.length > 0) push({ role: "tool", results });
  };
  const stepOf = (turn: string, step: number): OpenStep => {
    if (open && (open.turn !== turn || open.step !== step)) close(false);
    open ??= { turn, step, content: [], cut: [], calls: new Map() };
    return open;
  };

  return {
    add({ seq: at, event }) {
      seq = at;
      switch (event.type) {
        case "instructions.loaded":
          instructions = event;
          return;
        case "turn.started":
          close(true);
          return user(event.text, event.attachments);
        case "turn.steered":
          close(false);
          return user(event.text);
        case "model.routed":
          model = event.model;
          return;
        case "text.done":
        case "reasoning.done": {
          const step = stepOf(event.turn, event.step);
          if (event.text === "" && event.type === "text.done") return;
          const part: AssistantContent =
            event.type === "text.done"
              ? { type: "text", text: event.text }
              : { type: "reasoning", text: event.text, ...(event.replay && { replay: event.replay }) };
          if (event.cut) step.cut.push(part);
          else step.content.push(part);
          return;
        }
        case "call.asked": {
          const step = stepOf(event.turn, event.step);
          const { call, name, input, replay } = event;
          step.content.push({ type: "call", id: call, name, input: input ?? {}, ...(replay && { replay }) });
          step.calls.set(call, { name, result: null });
          return;
        }
        case "call.done": {
          const call = open?.calls.get(event.call);
          if (!open || !call) return;
          const { output, state, images = [] } = event;
          call.result = { id: event.call, name: call.name, output, failed: state !== "done", images };
          if ([...open.calls.values()].every(({ result }) => result)) seq = at;
          return;
        }
        case "turn.ended":
          close(true);
          if (event.outcome === "interrupted")
            user("[The turn above was interrupted: the program ended before it was finished.]");
          if (event.outcome === "cancelled") user("[The turn above was stopped by the person before it was finished.]");
          return;
        case "history.compacted": {
          const kept = marks.findIndex((mark) => mark > event.upTo);
          const from = kept < 0 ? messages.length : kept;
          messages = [
            { role: "user", content: [{ type: "text", text: summaryText(event.summary) }] },
            ...messages.slice(from),
          ];
          marks = [event.upTo, ...marks.slice(from)];
          return;
        }
        default:
          return;
      }
    },
    messages() {
      close(false);
      return messages;
    },
    instructions: () => instructions,
    marks: () => marks,
  };
}

const unanswered = (id: string, name: string): StoredOutcome => ({
  id,
  name,
  output: "interrupted: this call has no result",
  failed: true,
  images: [],
});

const summaryText = (summary: string): string =>
  `The conversation so far was replaced by this summary of it:\n\n${summary}\n\nGo on from there.`;

function userContent(text: string, attachments: readonly Attachment[]): StoredUserContent[] {
  const content: StoredUserContent[] = [];
  for (const { name, mediaType, text: inlined, blob } of attachments) {
    if (inlined !== undefined)
      content.push({ type: "text", text: `<file name=${JSON.stringify(name)}>\n${inlined}\n</file>` });
    else if (blob !== undefined) content.push({ type: "image", mediaType, blob });
  }
  content.push({ type: "text", text });
  return content;
}
