/** What is told of calls, questions and time, in words that can be read aloud. Pure. */
import { diffStat, parseDiff } from "../../client/text/diff.ts";
import type { CallKind } from "../../protocol/events.ts";
import type { CallPart, Question, QueuedPrompt, TurnEnd } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";
import { expandTabs } from "../text/clean.ts";

export const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? "" : "s"}`;

export function duration(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} seconds`;
  if (seconds < 60) return count(Math.floor(seconds), "second");
  const minutes = Math.floor(seconds / 60);
  const rest = Math.floor(seconds % 60);
  return rest === 0 ? count(minutes, "minute") : `${count(minutes, "minute")} ${count(rest, "second")}`;
}

export const oneLine = (text: string): string => text.trim().replaceAll(/\s*\n\s*/g, " ⏎ ");

const MOST = 200;
const brief = (text: string): string => {
  const line = oneLine(text.trim().split("\n", 1)[0] ?? "");
  return line.length > MOST ? `${line.slice(0, MOST - 1)}…` : line;
};

export const named = ({ kind, title }: Pick<CallPart, "kind" | "title">): string => `${kind} ${oneLine(title)}`;

export const callStart = (part: CallPart): string => `${named(part)} begins`;

export function callEnd(part: CallPart): string {
  const took = part.endedAt === undefined ? "" : ` after ${duration(part.endedAt - part.askedAt)}`;
  const changed = diffStat(part.diff ?? "").map(({ path, added, removed }) => `+${added} −${removed} in ${path}`);
  const why = part.state === "failed" || part.state === "refused" ? brief(part.output) : "";
  return [`${named(part)} ${part.state}${took}`, ...changed].join(", ") + (why === "" ? "" : `: ${why}`);
}

/** What a call did or said, when it is asked for. */
export function outputOf(part: CallPart): string {
  const body = part.diff ? diffAloud(part.diff) : part.output.replace(/\n$/, "");
  if (body === "") return `${named(part)} has no output.`;
  return `output of ${named(part)}, ${count(body.split("\n").length, "line")}:\n${body}\nend of output`;
}

const signs = { added: "added", removed: "removed", same: "unchanged", note: "note" } as const;

export const diffAloud = (diff: string): string =>
  parseDiff(diff, expandTabs)
    .flatMap(({ path, hunks }) => [
      `in ${path}:`,
      ...hunks.flatMap(({ rows }) => [
        ...(rows[0]?.after === undefined ? [] : [`line ${rows[0].after}:`]),
        ...rows.map(({ kind, text }) => `${signs[kind]}: ${text}`),
      ]),
    ])
    .join("\n");

const isDiff = (detail: string): boolean => /^(---|\+\+\+|@@) /m.test(detail);

export function questionText({ title, detail, choices, always, freeText }: Question): string {
  const body = isDiff(detail) ? diffAloud(detail) : detail;
  const size = body.split("\n").length;
  const shown = body === "" ? [] : [size === 1 ? "exactly:" : `exactly, in ${count(size, "line")}:`, body];
  const kept = always === undefined ? [] : [`"always" keeps the rule ${always}`];
  const words = choices.map(({ id }) => id).filter((id) => ["yes", "no", "always"].includes(id));
  const how = ["Type a number", ...words, ...(freeText ? ["what to say instead"] : [])];
  return [title, ...shown, ...kept, menuText(choices.map(({ label }) => label)), `${listed(how)}.`].join("\n");
}

export const menuText = (labels: readonly string[]): string =>
  labels.map((label, index) => `${index + 1}: ${oneLine(label)}`).join("\n");

export const listed = (all: readonly string[]): string =>
  all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} or ${all.at(-1)}`;

const doing: Record<CallKind, (title: string) => string> = {
  read: (title) => `it reads ${title}`,
  edit: (title) => `it edits ${title}`,
  execute: (title) => `it runs \`${title}\``,
  search: (title) => `it searches: ${title}`,
  fetch: (title) => `it fetches ${title}`,
  think: (title) => `it thinks: ${title}`,
  ask: (title) => `it asks: ${title}`,
  task: (title) => `a helper works on ${title}`,
  other: (title) => `it does ${title}`,
};

export function workingText(view: SessionView, since: number, now: number): string {
  const call = view.parts.findLast((part) => part.type === "call" && part.endedAt === undefined);
  const last = view.parts.at(-1);
  const what =
    call?.type === "call"
      ? doing[call.kind](oneLine(call.title))
      : last?.type === "text" && last.open
        ? "it writes an answer"
        : last?.type === "reasoning" && last.open
          ? "it thinks"
          : "it waits for the model";
  return `The agent has worked for ${duration(now - since)}; ${what}.`;
}

export function endText({ outcome, failure }: TurnEnd, took: number): { speaker: "status" | "error"; text: string } {
  if (failure && outcome !== "cancelled") return { speaker: "error", text: failure.message };
  const how = { done: "is done", cancelled: "was stopped", failed: "failed", interrupted: "was interrupted" };
  const said = outcome === "limit" ? "reached a limit" : how[outcome];
  return { speaker: "status", text: `The agent ${said} after ${duration(took)}.` };
}

export function queuedText({ text, steers }: QueuedPrompt, waiting: number): string {
  if (steers !== undefined) return `The agent will be told at its next step: ${oneLine(text)}`;
  return `Queued until the turn has ended${waiting === 1 ? "" : `, as number ${waiting}`}: ${oneLine(text)}`;
}
