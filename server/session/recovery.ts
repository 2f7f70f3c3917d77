/** Creates the events that end what a crash left open. Pure: opening a log appends them. */
import type { SessionEvent } from "../../protocol/events.ts";
import type { Question } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { SeqRange } from "./log-format.ts";

const INTERRUPTED = "interrupted: the program ended during this call; changes made until then remain";

export function endOpenItems(view: SessionView): SessionEvent[] {
  const ends: SessionEvent[] = [];
  for (const part of view.parts) {
    if ((part.type === "text" || part.type === "reasoning") && part.open) {
      const { id, turn, step, text } = part;
      ends.push({ type: `${part.type}.done`, part: id, turn, step, text, incomplete: true });
    }
    if (part.type === "call" && (part.state === "asked" || part.state === "running")) {
      const output = part.output ? `${INTERRUPTED}\n${part.output}` : INTERRUPTED;
      ends.push({ type: "call.done", call: part.id, state: "interrupted", output });
    }
  }
  ends.push(...expire(view.questions.filter(({ task }) => !task)));
  if (view.activity.state === "running") {
    ends.push({ type: "turn.ended", turn: view.activity.turn, outcome: "interrupted" });
  }
  return ends;
}

const expire = (questions: readonly Question[]): SessionEvent[] =>
  questions.map(({ id }) => ({
    type: "question.expired",
    question: id,
    reason: "the program ended before anyone answered",
  }));

/** Subagents, and what they asked, do not outlive the program that ran them. */
export const endTasks = ({ tasks, questions }: SessionView): SessionEvent[] => [
  ...expire(questions.filter(({ task }) => task)),
  ...tasks
    .filter(({ state }) => state === "running")
    .map(({ id: task, model, tier, steps, tokens, cost }) => ({
      type: "task.ended" as const,
      task,
      outcome: "interrupted" as const,
      model,
      ...(tier && { tier }),
      steps,
      tokens,
      cost,
    })),
];

const formatDamageNotice = ({ first, last }: SeqRange): string =>
  first === last
    ? `Record ${first} of this session is damaged on disk and was skipped.`
    : `Records ${first} to ${last} of this session are damaged on disk and were skipped.`;

/** One notice for each damaged range that the log does not mention yet. */
export function createDamageNotices(view: SessionView, damaged: readonly SeqRange[]): SessionEvent[] {
  const known = new Set(view.parts.flatMap((part) => (part.type === "notice" ? [part.text] : [])));
  return damaged
    .map(formatDamageNotice)
    .filter((text) => !known.has(text))
    .map((text) => ({ type: "notice.shown", level: "warning", text }));
}
