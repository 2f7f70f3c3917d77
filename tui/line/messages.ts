/** Formats calls, questions, durations and progress as text for the line mode. Pure. */
import { computeDiffStats, parseDiff } from "../../client/text/diff.ts";
import type { CallKind } from "../../protocol/events.ts";
import type { CallPart, Question, QueuedPrompt, TurnEnd } from "../../protocol/parts.ts";
import { describeOutcome, headingOf } from "../../protocol/questions.ts";
import type { SessionView } from "../../protocol/view.ts";
import { expandTabs } from "../text/clean.ts";

/** Follows an error about a missing model. */
export const SETUP_HINT = "Or type /setup to choose an available model.";

export const formatCount = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;

export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} seconds`;
  if (seconds < 60) return formatCount(Math.floor(seconds), "second");
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  return rest === 0
    ? formatCount(minutes, "minute")
    : `${formatCount(minutes, "minute")} ${formatCount(rest, "second")}`;
}

export const toOneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, " ⏎ ");

const MAX_BRIEF = 200;
const summarize = (text: string): string => {
  const line = toOneLine(text.trim().split("\n", 1)[0] ?? "");
  return line.length > MAX_BRIEF ? `${line.slice(0, MAX_BRIEF - 1)}…` : line;
};

export const formatCall = ({ kind, title }: Pick<CallPart, "kind" | "title">): string => `${kind} ${toOneLine(title)}`;

export const formatCallStart = (part: CallPart): string => `${formatCall(part)} started`;

export function formatCallEnd(part: CallPart): string {
  const duration = part.endedAt === undefined ? "" : ` after ${formatDuration(part.endedAt - part.askedAt)}`;
  const changed = computeDiffStats(part.diff ?? "").map(
    ({ path, added, removed }) => `+${added} −${removed} in ${path}`,
  );
  const reason = part.state === "failed" || part.state === "refused" ? summarize(part.output) : "";
  const outcomes = (part.outcomes ?? []).map((outcome) => toOneLine(describeOutcome(outcome)));
  return (
    [`${formatCall(part)} ${part.state}${duration}`, ...outcomes, ...changed].join(", ") +
    (reason === "" ? "" : `: ${reason}`)
  );
}

/** The full output or diff of a call. */
export function formatOutput(part: CallPart): string {
  const body = part.diff ? formatDiff(part.diff) : part.output.replace(/\n$/, "");
  if (body === "") return `${formatCall(part)} has no output.`;
  return `Output of ${formatCall(part)}, ${formatCount(body.split("\n").length, "line")}:\n${body}\nEnd of output`;
}

const diffWords = { added: "added", removed: "removed", same: "unchanged", note: "note" } as const;

export const formatDiff = (diff: string): string =>
  parseDiff(diff, expandTabs)
    .flatMap(({ path, hunks }) => [
      `in ${path}:`,
      ...hunks.flatMap(({ rows }) => [
        ...(rows[0]?.after === undefined ? [] : [`line ${rows[0].after}:`]),
        ...rows.map(({ kind, text }) => `${diffWords[kind]}: ${text}`),
      ]),
    ])
    .join("\n");

const isDiff = (detail: string): boolean => /^(---|\+\+\+|@@) /m.test(detail);

export function formatQuestion(question: Question): string {
  const { detail, choices, always, freeText } = question;
  const heading = headingOf(question);
  const body = isDiff(detail) ? formatDiff(detail) : detail;
  const size = body.split("\n").length;
  const shown =
    body === ""
      ? []
      : heading === ""
        ? [body]
        : [size === 1 ? "details:" : `details, ${formatCount(size, "line")}:`, body];
  const rule =
    always === undefined
      ? []
      : [`"always" saves the rule ${always}; to save a different one, type "always" and the rule`];
  const words = choices.map(({ id }) => id).filter((id) => ["yes", "no", "always", "session"].includes(id));
  const options = ["Type a number", ...words, ...(freeText ? ["a reply"] : [])];
  return [
    ...(heading === "" ? [] : [heading]),
    ...shown,
    ...rule,
    formatChoices(choices.map(({ label }) => label)),
    `${joinWithOr(options)}.`,
  ].join("\n");
}

export const formatChoices = (labels: readonly string[]): string =>
  labels.map((label, index) => `${index + 1}: ${toOneLine(label)}`).join("\n");

export const joinWithOr = (all: readonly string[]): string =>
  all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;

const describeActivity: Record<CallKind, (title: string) => string> = {
  read: (title) => `it is reading ${title}`,
  edit: (title) => `it is editing ${title}`,
  execute: (title) => `it is running \`${title}\``,
  search: (title) => `it is searching: ${title}`,
  fetch: (title) => `it is fetching ${title}`,
  think: (title) => `it is thinking: ${title}`,
  ask: (title) => `it is asking: ${title}`,
  task: (title) => `a subagent is working on ${title}`,
  other: (title) => `it is running ${title}`,
};

export function formatProgress(view: SessionView, since: number, now: number): string {
  const call = view.parts.findLast((part) => part.type === "call" && part.endedAt === undefined);
  const last = view.parts.at(-1);
  const activity =
    call?.type === "call"
      ? describeActivity[call.kind](toOneLine(call.title))
      : last?.type === "text" && last.open
        ? "it is writing a response"
        : last?.type === "reasoning" && last.open
          ? "it is thinking"
          : "it is waiting for the model";
  return `The agent has been working for ${formatDuration(now - since)}; ${activity}.`;
}

export function formatTurnEnd(
  { outcome, failure }: TurnEnd,
  duration: number,
): { speaker: "status" | "error"; text: string } {
  if (failure && outcome !== "cancelled")
    return { speaker: "error", text: `${failure.message}${failure.code === "noModel" ? ` ${SETUP_HINT}` : ""}` };
  const outcomes = { done: "finished", cancelled: "was stopped", failed: "failed", interrupted: "was interrupted" };
  const result = outcome === "limit" ? "reached a limit" : outcomes[outcome];
  return { speaker: "status", text: `The agent ${result} after ${formatDuration(duration)}.` };
}

export function formatQueued({ text, steers }: QueuedPrompt, waiting: number): string {
  if (steers !== undefined) return `Will steer the agent at its next step: ${toOneLine(text)}`;
  return `Queued until the turn ends${waiting === 1 ? "" : `, in position ${waiting}`}: ${toOneLine(text)}`;
}
