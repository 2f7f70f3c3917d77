/**
 * What to announce of a session since the last time: a pure step from one view to the next. Nothing is missed or announced twice, no
 * matter whether events came one by one or as a whole new view after a lost connection.
 */
import { formatCompaction } from "../../client/format.ts";
import type { Part } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";
import {
  formatCallEnd,
  formatCallStart,
  formatCount,
  formatProgress,
  formatQuestion,
  formatQueued,
  formatTurnEnd,
} from "./messages.ts";
import { feedText, flushRest, flushWords, initialSpeech, type SpeechState } from "./speech-text.ts";
import type { Announcement } from "./writer.ts";

/** `isDone`: nothing more will be announced of the part. */
type PartState =
  | { type: "text"; isDone: boolean; speech: SpeechState; isStarted: boolean; length: number; receivedAt: number }
  | { type: "other"; isDone: boolean };

const announcedPart: PartState = { type: "other", isDone: true };

export interface AnnouncerState {
  session: string;
  /** The number of parts from the start of which nothing more will be announced. */
  settledParts: number;
  parts: ReadonlyMap<string, PartState>;
  question: string | null;
  queued: readonly string[];
  /** The running turn, and the last one that ended. */
  turn: string | null;
  ended: string | null;
  /** Texts that the user typed here. They are not announced when they come back. */
  typed: readonly string[];
  /** When something was last announced, in milliseconds since 1970. */
  announcedAt: number;
}

export interface Announced {
  state: AnnouncerState;
  announcements: Announcement[];
}

const STALL_MS = 2_000;
const PROGRESS_MS = 10_000;

/** Starts with an existing session. Its last prompt and everything after it will be announced. */
export function announceSession(view: SessionView, now: number): Announced {
  const lastPrompt = view.parts.findLastIndex((part) => part.type === "prompt" && part.id === part.turn);
  const count = formatCount(view.turns, "prompt");
  return {
    state: {
      session: view.id,
      settledParts: view.earlier + Math.max(0, lastPrompt),
      parts: new Map(),
      question: null,
      queued: view.queue.map(({ id }) => id),
      turn: null,
      ended: view.lastEnd?.turn ?? null,
      typed: [],
      announcedAt: now,
    },
    announcements: view.turns === 0 ? [] : [{ speaker: "status", text: `Session ${view.title}, ${count} so far.` }],
  };
}

export function announceChanges(before: AnnouncerState, view: SessionView, now: number): Announced {
  const announcements: Announcement[] = [];
  const queue = announceQueue(before, view, announcements);
  const parts = announceParts({ ...before, ...queue }, view, now, announcements);
  const turn = view.activity.state === "running" ? view.activity.turn : null;
  const ended = view.lastEnd?.turn ?? null;
  if (view.queueWaits && ended !== before.ended && turn === null)
    announcements.push({
      speaker: "status",
      text: `${formatCount(view.queue.length, "queued prompt")} waiting. /next sends them, /queue removes them.`,
    });
  const question = view.questions[0] ?? null;
  if (question && question.id !== before.question)
    announcements.push({ speaker: "question", text: formatQuestion(question) });
  const running = view.activity.state === "running" && question === null ? view.activity : null;
  if (running && announcements.length === 0 && now - Math.max(before.announcedAt, running.since) >= PROGRESS_MS)
    announcements.push({ speaker: "status", text: formatProgress(view, running.since, now) });
  const announcedAt = announcements.length > 0 ? now : before.announcedAt;
  const state = { ...before, ...queue, ...parts, turn, ended, question: question?.id ?? null, announcedAt };
  return { state, announcements };
}

function announceQueue(
  before: AnnouncerState,
  view: SessionView,
  announcements: Announcement[],
): Pick<AnnouncerState, "queued" | "typed"> {
  let typed = before.typed;
  for (const prompt of view.queue) {
    if (before.queued.includes(prompt.id)) continue;
    typed = removeOnce(typed, prompt.text);
    announcements.push({ speaker: "status", text: formatQueued(prompt, view.queue.length) });
  }
  return { typed, queued: view.queue.map(({ id }) => id) };
}

function announceEnd({ ended }: AnnouncerState, { lastEnd, parts }: SessionView): Announcement | null {
  if (!lastEnd || lastEnd.turn === ended) return null;
  const prompt = parts.findLast(({ id }) => id === lastEnd.turn);
  return formatTurnEnd(lastEnd, prompt?.type === "prompt" ? lastEnd.at - prompt.at : 0);
}

function announceParts(
  before: AnnouncerState,
  view: SessionView,
  now: number,
  announcements: Announcement[],
): Pick<AnnouncerState, "settledParts" | "parts" | "typed"> {
  let { typed } = before;
  const skipped = view.earlier - before.settledParts;
  if (skipped > 0) announcements.push({ speaker: "notice", text: `${formatCount(skipped, "item")} skipped.` });
  const start = Math.max(0, before.settledParts - view.earlier);
  let end = announceEnd(before, view);
  const parts = new Map<string, PartState>();
  let settledParts = view.earlier + start;
  for (const [index, part] of view.parts.slice(start).entries()) {
    // The end of a turn is announced before the start of the next one, if both came at once.
    if (end && view.activity.state === "running" && part.id === view.activity.turn) {
      announcements.push(end);
      end = null;
    }
    if (part.type === "prompt" && !before.parts.has(part.id) && typed.includes(part.text)) {
      typed = removeOnce(typed, part.text);
      parts.set(part.id, announcedPart);
    } else parts.set(part.id, announcePart(before.parts.get(part.id), part, now, announcements));
    if (settledParts === view.earlier + start + index && parts.get(part.id)?.isDone) settledParts++;
  }
  if (end) announcements.push(end);
  return { settledParts, parts, typed };
}

function announcePart(
  before: PartState | undefined,
  part: Part,
  now: number,
  announcements: Announcement[],
): PartState {
  switch (part.type) {
    case "text":
      return announceText(before?.type === "text" ? before : undefined, part, now, announcements);
    case "call": {
      const isDone = part.endedAt !== undefined;
      if (!before) announcements.push({ speaker: "tool", text: formatCallStart(part) });
      if (isDone && !before?.isDone) announcements.push({ speaker: "tool", text: formatCallEnd(part) });
      return { type: "other", isDone };
    }
    case "reasoning":
      // Reasoning is long and rarely meant to be read. Progress announcements mention it.
      return { type: "other", isDone: !part.open };
    case "prompt":
      if (!before) announcements.push({ speaker: "you", text: part.text });
      return announcedPart;
    case "notice": {
      const text = part.level === "warning" ? `warning: ${part.text}` : part.text;
      if (!before && !part.endsTurn) announcements.push({ speaker: part.level === "error" ? "error" : "notice", text });
      return announcedPart;
    }
    case "compaction":
      if (!before) announcements.push({ speaker: "notice", text: formatCompaction(part) });
      return announcedPart;
    default:
      return part satisfies never;
  }
}

function announceText(
  state: Extract<PartState, { type: "text" }> | undefined,
  { text, open, incomplete }: Extract<Part, { type: "text" | "reasoning" }>,
  now: number,
  announcements: Announcement[],
): PartState {
  if (state?.isDone) return state;
  const before = state ?? { speech: initialSpeech, isStarted: false, length: 0, receivedAt: now };
  const hasGrown = text.length > before.length;
  let { state: speech, text: words } = feedText(before.speech, text.slice(before.length));
  const isStalled = !hasGrown && open && now - before.receivedAt >= STALL_MS;
  if (isStalled) ({ state: speech, text: words } = flushWords(speech));
  if (!open) words += flushRest(speech) + (incomplete ? "(incomplete)\n" : "");
  const piece = before.isStarted ? "next" : "first";
  if (words !== "") announcements.push({ speaker: "agent", text: words, piece });
  return {
    type: "text",
    isDone: !open,
    speech,
    isStarted: before.isStarted || words !== "",
    length: text.length,
    receivedAt: hasGrown ? now : before.receivedAt,
  };
}

function removeOnce(texts: readonly string[], text: string): readonly string[] {
  const index = texts.indexOf(text);
  return index < 0 ? texts : texts.toSpliced(index, 1);
}
