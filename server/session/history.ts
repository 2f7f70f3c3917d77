/**
 * What the model is told, as a fold of the facts. Each message is made once and never changed, so the request of a later step
 * begins with the bytes of an earlier one; only a compaction starts anew.
 */
import type { Attachment, EndedCallState, Envelope, EventOf } from "../../protocol/events.ts";
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
  /** What is told before this step is asked, again or for the first time; without one, before the next prompt. */
  messages(before?: { turn: string; step: number }): readonly StoredMessage[];
  /** The instructions that this session began with, and their size; null before they were loaded. */
  instructions(): EventOf<"instructions.loaded"> | null;
  /** Sequence number of the envelope that each message ended with, for choosing where to compact. */
  marks(): readonly number[];
}

/** The agent of a turn that is a command of the person. */
export const SHELL = "shell";

interface OpenStep {
  turn: string;
  step: number;
  attempt: number;
  /** Its last envelope. */
  seq: number;
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
  /** A command that the person runs themselves: no model asked for it, so it is told as what the person did. */
  let own: { turn: string; command: string } | null = null;
  /** What the person noted and undid since the last prompt. */
  let notes: string[] = [];
  /** The message of the prompt that the turn began with, until the model was asked. */
  let first: { turn: string; index: number; attachments: readonly Attachment[] } | null = null;
  let seq = 0;

  const push = (message: StoredMessage, mark = seq): void => {
    // A damaged record may have held the prompt: endpoints refuse an answer that comes first, or two in a row.
    if (message.role === "assistant" && (messages.at(-1)?.role ?? "assistant") === "assistant") {
      messages.push({
        role: "user",
        content: [{ type: "text", text: "[What stood here is damaged and cannot be read.]" }],
      });
      marks.push(mark);
    }
    messages.push(message);
    marks.push(mark);
  };
  const user = (text: string, attachments: readonly Attachment[] = []): void =>
    push({ role: "user", content: userContent(text, attachments) });

  const prompt = (text: string, attachments: readonly Attachment[] = []): void => {
    for (const note of notes) user(`[${note}]`);
    notes = [];
    user(text, attachments);
  };

  const hooked = ({ effect, turn, call, text }: EventOf<"hook.done">, who: string): void => {
    if (text === undefined || call !== undefined) return;
    if (effect === "rewrote" && first?.turn === turn && first)
      messages[first.index] = { role: "user", content: userContent(text, first.attachments) };
    if (effect === "context") user(`[From ${who}, which is part of how you are set up:]\n\n${text}`);
    if (effect === "continued") {
      close(false);
      user(`[${who} asks you to go on:]\n\n${text}`);
    }
  };

  /** Of a broken-off answer the model is told only where the turn ended with it: then the person may speak of it. */
  const close = (turnEnded: boolean): void => {
    if (!open) return;
    const step = open;
    open = null;
    const said = step.content.some(({ type }) => type !== "reasoning");
    const content = turnEnded && !said ? step.cut.filter(({ type }) => type === "text") : step.content;
    if (content.length > 0) push({ role: "assistant", model, content }, step.seq);
    const results = [...step.calls].map(([id, { name, result }]) => result ?? unanswered(id, name));
    if (results.length > 0) push({ role: "tool", results }, step.seq);
  };
  const isOpen = (turn: string, step: number): boolean => open?.turn === turn && open.step === step;
  const stepOf = (turn: string, step: number, attempt?: number): OpenStep => {
    if (!isOpen(turn, step)) close(false);
    else if (attempt !== undefined && attempt !== open?.attempt) open = null;
    first = null;
    open ??= { turn, step, attempt: attempt ?? 1, seq, content: [], cut: [], calls: new Map() };
    open.seq = seq;
    return open;
  };

  return {
    add({ seq: at, by, event }) {
      seq = at;
      switch (event.type) {
        case "instructions.loaded":
          instructions = event;
          return;
        case "turn.started":
          close(true);
          own = event.agent === SHELL ? { turn: event.turn, command: event.text.replace(/^!\s*/, "") } : null;
          if (own) return;
          prompt(event.text, event.attachments);
          first = { turn: event.turn, index: messages.length - 1, attachments: event.attachments };
          return;
        case "turn.steered":
          close(false);
          return prompt(event.text);
        case "hook.done":
          hooked(event, by.name);
          return;
        case "notice.shown":
          if (event.note !== undefined) notes.push(`I noted this for the project: ${event.note}`);
          return;
        case "file.changed":
          if (event.undo)
            notes.push(`I undid changes of yours in ${event.change.path}; read it before you change it again.`);
          return;
        case "model.routed":
          model = event.model;
          return;
        case "text.done":
        case "reasoning.done": {
          const step = stepOf(event.turn, event.step, event.attempt);
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
          if (event.turn === own?.turn) return;
          const step = stepOf(event.turn, event.step);
          const { call, name, input, replay } = event;
          step.content.push({ type: "call", id: call, name, input: input ?? {}, ...(replay && { replay }) });
          step.calls.set(call, { name, result: null });
          return;
        }
        case "call.done": {
          if (own) return user(ownCommand(own.command, event));
          const call = open?.calls.get(event.call);
          if (!open || !call) return;
          const { output, state, images = [] } = event;
          call.result = { id: event.call, name: call.name, output, failed: state !== "done", images };
          open.seq = at;
          return;
        }
        case "turn.ended":
          close(true);
          if (event.turn === own?.turn) {
            own = null;
            return;
          }
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
    messages(before) {
      if (!before || !isOpen(before.turn, before.step)) close(before === undefined);
      return messages;
    },
    instructions: () => instructions,
    marks: () => marks,
  };
}

const howItEnded: Readonly<Record<EndedCallState, string>> = {
  done: "It succeeded.",
  failed: "It failed.",
  refused: "It was not run.",
  interrupted: "It was stopped before it was finished.",
};

const ownCommand = (command: string, { state, output }: { state: EndedCallState; output: string }): string =>
  ["I ran this command myself:", fenced(command), howItEnded[state], fenced(output)].join("\n\n");

/** In a fence that is longer than any inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
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
