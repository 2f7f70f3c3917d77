/**
 * What there is to say of a session since it was last told: a pure step from one view to the next, so that nothing is missed or said
 * twice, whether events came one by one or a whole new view after a connection was lost.
 */
import type { Part } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";
import { type Heard, hear, hearEnd, hearWords, silence } from "./aloud.ts";
import type { Said } from "./paper.ts";
import { callEnd, callStart, count, endText, questionText, queuedText, workingText } from "./words.ts";

/** `over`: there is nothing more to come of it. */
type ToldPart =
  | { type: "speech"; over: boolean; heard: Heard; begun: boolean; length: number; cameAt: number }
  | { type: "other"; over: boolean };

const whole: ToldPart = { type: "other", over: true };

export interface Told {
  session: string;
  /** How many parts from the beginning have nothing more to tell. */
  settled: number;
  parts: ReadonlyMap<string, ToldPart>;
  question: string | null;
  queued: readonly string[];
  /** The turns that ran and ended last. */
  turn: string | null;
  ended: string | null;
  /** Texts that were written here: they are not repeated when they come back. */
  typed: readonly string[];
  /** When something was last said, in milliseconds since 1970. */
  saidAt: number;
}

const WORDS_MS = 2_000;
const WORKING_MS = 10_000;

/** A session as one finds it: its last prompt, and what came after it, are still to be told. */
export function foundAs(view: SessionView, now: number): { told: Told; said: Said[] } {
  const last = view.parts.findLastIndex((part) => part.type === "prompt" && part.id === part.turn);
  const begun = view.turns === 0 ? "" : `, ${count(view.turns, "prompt")} so far`;
  return {
    told: {
      session: view.id,
      settled: view.earlier + Math.max(0, last),
      parts: new Map(),
      question: null,
      queued: view.queue.map(({ id }) => id),
      turn: null,
      ended: view.lastEnd?.turn ?? null,
      typed: [],
      saidAt: now,
    },
    said: view.turns === 0 ? [] : [{ speaker: "status", text: `This is the session ${view.title}${begun}.` }],
  };
}

export function tell(before: Told, view: SessionView, now: number): { told: Told; said: Said[] } {
  const said: Said[] = [];
  const queue = tellQueue(before, view, said);
  const parts = tellParts({ ...before, ...queue }, view, now, said);
  const turn = view.activity.state === "running" ? view.activity.turn : null;
  const ended = view.lastEnd?.turn ?? null;
  const question = view.questions[0] ?? null;
  if (question && question.id !== before.question) said.push({ speaker: "question", text: questionText(question) });
  const running = view.activity.state === "running" && question === null ? view.activity : null;
  if (running && said.length === 0 && now - Math.max(before.saidAt, running.since) >= WORKING_MS)
    said.push({ speaker: "status", text: workingText(view, running.since, now) });
  const saidAt = said.length > 0 ? now : before.saidAt;
  return { told: { ...before, ...queue, ...parts, turn, ended, question: question?.id ?? null, saidAt }, said };
}

function tellQueue(before: Told, view: SessionView, said: Said[]): Pick<Told, "queued" | "typed"> {
  let typed = before.typed;
  for (const prompt of view.queue) {
    if (before.queued.includes(prompt.id)) continue;
    typed = without(typed, prompt.text);
    said.push({ speaker: "status", text: queuedText(prompt, view.queue.length) });
  }
  return { typed, queued: view.queue.map(({ id }) => id) };
}

function endOf({ ended }: Told, { lastEnd, parts }: SessionView): Said | null {
  if (!lastEnd || lastEnd.turn === ended) return null;
  const prompt = parts.findLast(({ id }) => id === lastEnd.turn);
  return endText(lastEnd, prompt?.type === "prompt" ? lastEnd.at - prompt.at : 0);
}

function tellParts(
  before: Told,
  view: SessionView,
  now: number,
  said: Said[],
): Pick<Told, "settled" | "parts" | "typed"> {
  let { typed } = before;
  if (before.settled < view.earlier)
    said.push({ speaker: "notice", text: `${count(view.earlier - before.settled, "part")} came meanwhile, unheard.` });
  const start = Math.max(0, before.settled - view.earlier);
  let end = endOf(before, view);
  const parts = new Map<string, ToldPart>();
  let settled = view.earlier + start;
  for (const [index, part] of view.parts.slice(start).entries()) {
    // The end of a turn comes before the next one, where both have come at once.
    if (end && view.activity.state === "running" && part.id === view.activity.turn) {
      said.push(end);
      end = null;
    }
    if (part.type === "prompt" && !before.parts.has(part.id) && typed.includes(part.text)) {
      typed = without(typed, part.text);
      parts.set(part.id, whole);
    } else parts.set(part.id, tellPart(before.parts.get(part.id), part, now, said));
    if (settled === view.earlier + start + index && parts.get(part.id)?.over) settled++;
  }
  if (end) said.push(end);
  return { settled, parts, typed };
}

function tellPart(told: ToldPart | undefined, part: Part, now: number, said: Said[]): ToldPart {
  switch (part.type) {
    case "text":
      return tellSpeech(told?.type === "speech" ? told : undefined, part, now, said);
    case "call": {
      const over = part.endedAt !== undefined;
      if (!told) said.push({ speaker: "tool", text: callStart(part) });
      if (over && !told?.over) said.push({ speaker: "tool", text: callEnd(part) });
      return { type: "other", over };
    }
    case "reasoning":
      // Thoughts are long and seldom meant to be read: that it thinks is in what is said of the time.
      return { type: "other", over: !part.open };
    case "prompt":
      if (!told) said.push({ speaker: "you", text: part.text });
      return whole;
    case "notice": {
      const text = part.level === "warning" ? `warning: ${part.text}` : part.text;
      if (!told) said.push({ speaker: part.level === "error" ? "error" : "notice", text });
      return whole;
    }
    case "compaction":
      if (!told) said.push({ speaker: "notice", text: `The history was summarized: ${part.reason}` });
      return whole;
    default:
      return part satisfies never;
  }
}

function tellSpeech(
  told: Extract<ToldPart, { type: "speech" }> | undefined,
  { text, open, cut }: Extract<Part, { type: "text" | "reasoning" }>,
  now: number,
  said: Said[],
): ToldPart {
  if (told?.over) return told;
  const before = told ?? { heard: silence, begun: false, length: 0, cameAt: now };
  const came = text.length > before.length;
  let { heard, said: words } = hear(before.heard, text.slice(before.length));
  if (!came && open && now - before.cameAt >= WORDS_MS) ({ heard, said: words } = hearWords(heard));
  if (!open) words += hearEnd(heard) + (cut ? "(cut off)\n" : "");
  if (words !== "") said.push({ speaker: "agent", text: words, piece: before.begun ? "next" : "first" });
  return {
    type: "speech",
    over: !open,
    heard,
    begun: before.begun || words !== "",
    length: text.length,
    cameAt: came ? now : before.cameAt,
  };
}

function without(all: readonly string[], one: string): readonly string[] {
  const at = all.indexOf(one);
  return at < 0 ? all : all.toSpliced(at, 1);
}
