/**
 * Folds the log into the messages for the model. A message never changes once it is in the list, so each request extends the
 * previous one; only a compaction starts anew.
 */
import type {
  Attachment,
  Author,
  EndedCallState,
  Envelope,
  EventOf,
  Outcome,
  SessionEvent,
} from "../../protocol/events.ts";
import type { AssistantContent } from "../ports.ts";

export type StoredUserContent = { type: "text"; text: string } | { type: "image"; mediaType: string; blob: string };

/** A `Message` of ports.ts whose images are blob hashes. */
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

/** `context`: of the model that they were loaded for, in tokens; null if unknown. */
export type LoadedInstructions = EventOf<"instructions.loaded"> & { context: number | null };

export interface History {
  add(envelope: Envelope): void;
  /** The messages before this step; without a step, before the next prompt. */
  messages(before?: { turn: string; step: number }): readonly StoredMessage[];
  /** The system prompt of this session, and its size; null before it was loaded. */
  instructions(): LoadedInstructions | null;
  /** Sequence number of the envelope that each message ended with, for choosing where to compact. */
  envelopeMarks(): readonly number[];
  /** The first and the latest prompt, as the model got them; null before the first one. */
  tasks(): { first: string | null; latest: string | null };
  /** True if the endpoint of this model refused the image. */
  isImageRefused(model: string, blob: string): boolean;
}

/** The agents of turns without a prompt: a shell command of the user, and a compaction that the user asked for. */
export const SHELL_AGENT = "shell";
export const COMPACT_AGENT = "compact";

export const isCommandAgent = (agent: string | undefined): boolean => agent === SHELL_AGENT || agent === COMPACT_AGENT;

const TURN_END_TEXTS: Readonly<Partial<Record<Outcome, string>>> = {
  interrupted: "[The turn above was interrupted: the program ended before it was finished.]",
  cancelled: "[The turn above was stopped by the user before it was finished.]",
};

interface OpenStep {
  turn: string;
  step: number;
  attempt: number;
  /** Its last envelope. */
  seq: number;
  content: AssistantContent[];
  incomplete: AssistantContent[];
  calls: Map<string, { name: string; result: StoredOutcome | null }>;
}

export function createHistory(): History {
  const list = createMessageList();
  const prompt = createPromptBuffer(list);
  const step = createStepBuffer(list);
  let instructions: LoadedInstructions | null = null;
  let routed: Pick<EventOf<"model.routed">, "model" | "context"> = { model: "", context: null };
  /** The running turn, if it has no prompt. No model requested the user's shell command, so it is sent as a user message. */
  let commandTurn: { turn: string; command: string } | null = null;
  const refusedImages = createImageSet();
  /** Notes and undone changes since the last prompt. */
  let notes: string[] = [];
  let seq = 0;
  const addUser = (text: string): void => prompt.addUser(text, seq);
  const addNotes = (): void => {
    for (const note of notes) addUser(`[${note}]`);
    notes = [];
  };

  const addHookText = ({ effect, turn, call, text }: EventOf<"hook.done">, name: string): void => {
    if (text === undefined || call !== undefined) return;
    if (effect === "rewrote" && turn !== undefined) prompt.rewrite(turn, text);
    if (effect === "context") addUser(`[From ${name}, which is part of your setup:]\n\n${text}`);
    if (effect !== "continued") return;
    closeStep(false);
    addUser(`[${name} asks you to continue:]\n\n${text}`);
  };

  const closeStep = (turnEnded: boolean): void => {
    prompt.flush();
    step.close(turnEnded, routed.model);
  };
  const openStep = (turn: string, number: number, attempt?: number): void => {
    if (!step.isOpen(turn, number)) closeStep(false);
    prompt.flush();
    step.open(turn, number, attempt, seq);
  };

  const startTurn = ({ turn, agent, text, attachments }: EventOf<"turn.started">): void => {
    closeStep(true);
    commandTurn = isCommandAgent(agent) ? { turn, command: text.replace(/^!\s*/, "") } : null;
    if (commandTurn) return;
    addNotes();
    prompt.start({ turn, text, attachments, mark: seq });
  };
  const endTurn = ({ turn, outcome }: EventOf<"turn.ended">): void => {
    closeStep(true);
    const text = turn === commandTurn?.turn ? undefined : TURN_END_TEXTS[outcome];
    if (text !== undefined) addUser(text);
    commandTurn = null;
  };
  const fold = (event: SessionEvent, author: Author): void => {
    switch (event.type) {
      case "instructions.loaded":
        instructions = { ...event, context: routed.context };
        break;
      case "turn.started":
        startTurn(event);
        break;
      case "turn.steered":
        closeStep(false);
        addNotes();
        addUser(event.expanded ?? event.text);
        break;
      case "turn.ended":
        endTurn(event);
        break;
      case "hook.done":
        addHookText(event, author.name);
        break;
      case "notice.shown":
        notes.push(...listNotes(event));
        refusedImages.add(event.refusedImages);
        break;
      case "file.changed":
        notes.push(...listNotes(event));
        break;
      case "model.routed":
        routed = event;
        break;
      case "text.done":
      case "reasoning.done":
        openStep(event.turn, event.step, event.attempt);
        step.addText(event);
        break;
      case "call.asked":
        if (event.turn === commandTurn?.turn) break;
        openStep(event.turn, event.step);
        step.addCall(event);
        break;
      case "call.done":
        if (commandTurn) addUser(formatShellCommand(commandTurn.command, event));
        else step.endCall(event, seq);
        break;
      case "history.compacted":
        prompt.flush();
        list.compact(event.upTo, formatCompacted(event.summary, event.kept ?? []));
        break;
      default:
        break;
    }
  };

  return {
    add(envelope) {
      seq = envelope.seq;
      fold(envelope.event, envelope.by);
    },
    messages(before) {
      if (!before || !step.isOpen(before.turn, before.step)) closeStep(before === undefined);
      prompt.flush();
      return list.all();
    },
    instructions: () => instructions,
    envelopeMarks: list.marks,
    tasks: prompt.tasks,
    isImageRefused: refusedImages.has,
  };
}

/** What the model is told with the next prompt. */
function listNotes(event: EventOf<"notice.shown"> | EventOf<"file.changed">): string[] {
  if (event.type === "notice.shown")
    return event.note === undefined ? [] : [`I noted this for the project: ${event.note}`];
  return event.undo ? [`I undid changes of yours in ${event.change.path}; read it before you change it again.`] : [];
}

/** Images, each with the model that it was sent to. */
function createImageSet() {
  const known = new Set<string>();
  return {
    add(images: EventOf<"notice.shown">["refusedImages"]): void {
      for (const blob of images?.blobs ?? []) known.add(`${images?.model} ${blob}`);
    },
    has: (model: string, blob: string): boolean => known.has(`${model} ${blob}`),
  };
}

/** Messages, each with the sequence number of the envelope that it ended with. */
function createMessageList() {
  let messages: StoredMessage[] = [];
  let marks: number[] = [];
  return {
    all: (): readonly StoredMessage[] => messages,
    marks: (): readonly number[] => marks,
    push(message: StoredMessage, mark: number): void {
      // A damaged record may have been a prompt: endpoints reject a response that comes first, or two in a row.
      if (message.role === "assistant" && (messages.at(-1)?.role ?? "assistant") === "assistant") {
        const content = [{ type: "text" as const, text: "[A message here is damaged and cannot be read.]" }];
        messages.push({ role: "user", content });
        marks.push(mark);
      }
      messages.push(message);
      marks.push(mark);
    },
    compact(upTo: number, summary: string): void {
      const next = marks.findIndex((mark) => mark > upTo);
      const from = next < 0 ? messages.length : next;
      messages = [{ role: "user", content: [{ type: "text", text: summary }] }, ...messages.slice(from)];
      marks = [upTo, ...marks.slice(from)];
    },
  };
}

interface BufferedPrompt {
  turn: string;
  text: string;
  attachments: readonly Attachment[];
  mark: number;
}

/** Buffers the prompt of a turn until the first request: until then hooks may rewrite it. What they add follows it. */
function createPromptBuffer(list: ReturnType<typeof createMessageList>) {
  let buffered: { prompt: BufferedPrompt; following: { text: string; mark: number }[] } | null = null;
  let tasks: ReturnType<History["tasks"]> = { first: null, latest: null };
  const pushUser = (text: string, mark: number, attachments: readonly Attachment[] = []): void =>
    list.push({ role: "user", content: toUserContent(text, attachments) }, mark);
  return {
    tasks: () => tasks,
    start(prompt: BufferedPrompt): void {
      buffered = { prompt, following: [] };
    },
    rewrite(turn: string, text: string): void {
      if (buffered?.prompt.turn === turn) buffered.prompt = { ...buffered.prompt, text };
    },
    addUser(text: string, mark: number): void {
      if (buffered) buffered.following.push({ text, mark });
      else pushUser(text, mark);
    },
    flush(): void {
      if (!buffered) return;
      const { prompt, following } = buffered;
      buffered = null;
      tasks = { first: tasks.first ?? prompt.text, latest: prompt.text };
      pushUser(prompt.text, prompt.mark, prompt.attachments);
      for (const { text, mark } of following) pushUser(text, mark);
    },
  };
}

/** Collects the response of one step and the results of its calls, which become messages when the step is closed. */
function createStepBuffer(list: ReturnType<typeof createMessageList>) {
  let current: OpenStep | null = null;
  return {
    isOpen: (turn: string, step: number): boolean => current?.turn === turn && current.step === step,
    /** Another attempt starts the step again. */
    open(turn: string, step: number, attempt: number | undefined, seq: number): void {
      if (attempt !== undefined && attempt !== current?.attempt) current = null;
      current ??= { turn, step, attempt: attempt ?? 1, seq, content: [], incomplete: [], calls: new Map() };
      current.seq = seq;
    },
    addText(event: EventOf<"text.done"> | EventOf<"reasoning.done">): void {
      if (!current || (event.text === "" && event.type === "text.done")) return;
      (event.incomplete ? current.incomplete : current.content).push(toContent(event));
    },
    addCall({ call, name, input, providerMetadata }: EventOf<"call.asked">): void {
      const metadata = providerMetadata && { providerMetadata };
      current?.content.push({ type: "call", id: call, name, input: input ?? {}, ...metadata });
      current?.calls.set(call, { name, result: null });
    },
    endCall({ call: id, output, state, images = [] }: EventOf<"call.done">, seq: number): void {
      const call = current?.calls.get(id);
      if (!current || !call) return;
      call.result = { id, name: call.name, output, failed: state !== "done", images };
      current.seq = seq;
    },
    /** An incomplete response is sent to the model only if the turn ended with it, since the user may refer to it. */
    close(turnEnded: boolean, model: string): void {
      if (!current) return;
      const { content: complete, incomplete, calls, seq } = current;
      current = null;
      const hasContent = complete.some(({ type }) => type !== "reasoning");
      const content = turnEnded && !hasContent ? incomplete.filter(({ type }) => type === "text") : complete;
      if (content.length > 0) list.push({ role: "assistant", model, content }, seq);
      const results = [...calls].map(([id, { name, result }]) => result ?? createMissingResult(id, name));
      if (results.length > 0) list.push({ role: "tool", results }, seq);
    },
  };
}

const toContent = (event: EventOf<"text.done"> | EventOf<"reasoning.done">): AssistantContent => {
  const { type, text } = event;
  if (type === "text.done") return { type: "text", text };
  const { providerMetadata } = event;
  return { type: "reasoning", text, ...(providerMetadata && { providerMetadata }) };
};

const CALL_END_TEXTS: Readonly<Record<EndedCallState, string>> = {
  done: "It succeeded.",
  failed: "It failed.",
  refused: "It was not run.",
  interrupted: "It was stopped before it was finished.",
};

const formatShellCommand = (command: string, { state, output }: { state: EndedCallState; output: string }): string =>
  ["I ran this command myself:", fenceText(command), CALL_END_TEXTS[state], fenceText(output)].join("\n\n");

/** Uses a fence that is longer than any inside. */
function fenceText(text: string): string {
  const longest = Math.max(2, ...Array.from(text.matchAll(/`+/g), ([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text}\n${fence}`;
}

const createMissingResult = (id: string, name: string): StoredOutcome => ({
  id,
  name,
  output: "interrupted: this call has no result",
  failed: true,
  images: [],
});

const COMPACTED_HEADING = "The conversation so far was replaced by this summary of it:";

export const isCompacted = ({ content }: Extract<StoredMessage, { role: "user" }>): boolean =>
  content[0]?.type === "text" && content[0].text.startsWith(COMPACTED_HEADING);

/** The message that replaces the older part of the history. */
export const formatCompacted = (summary: string, kept: readonly string[]): string =>
  [`${COMPACTED_HEADING}\n\n${summary}`, ...kept, "Continue from there."].join("\n\n");

function toUserContent(text: string, attachments: readonly Attachment[]): StoredUserContent[] {
  const content: StoredUserContent[] = [];
  for (const { name, mediaType, text: inlined, blob } of attachments) {
    if (inlined !== undefined)
      content.push({ type: "text", text: `<file name=${JSON.stringify(name)}>\n${inlined}\n</file>` });
    else if (blob !== undefined) content.push({ type: "image", mediaType, blob });
  }
  content.push({ type: "text", text });
  return content;
}
