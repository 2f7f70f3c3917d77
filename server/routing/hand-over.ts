/**
 * What a model gets in place of the history when it continues a turn: the task, the plan, the changes so far, the last failing command and
 * what was tried. Made from the log, without a model.
 */
import type { Envelope, EventOf } from "../../protocol/events.ts";
import { findTestCommand } from "./test-runs.ts";

const COMMAND_LINES = 40;
/** Characters. */
const MAX_DIFF = 12_000;
const MAX_TASK = 20_000;
const MAX_EARLIER = 4_000;
const MAX_LINE = 300;
const MAX_TRIED = 30;

const INTRODUCTIONS = {
  stuck:
    "Another, less capable model has worked on the task below and made no progress. Continue with a fresh look: check what it did before you build on it.",
  plan: "Another, more capable model has planned the task below and done the first part. Continue with the open items of its plan, in its way, and keep the plan current.",
};

/** `reason`: the model before made no progress, or what remains of its plan is easier. */
export function writeHandOver(
  envelopes: readonly Envelope[],
  turn: string,
  reason: keyof typeof INTRODUCTIONS = "stuck",
): string {
  const start = envelopes.findLastIndex(({ event }) => event.type === "turn.started" && event.turn === turn);
  const earlier = envelopes.slice(0, Math.max(0, start)).map(({ event }) => event);
  const events = envelopes.slice(Math.max(0, start)).map(({ event }) => event);
  const prompts = earlier.flatMap((event) => (event.type === "turn.started" ? [`- ${oneLine(event.text)}`] : []));
  const asked = new Map(events.flatMap((event) => (event.type === "call.asked" ? [[event.call, event] as const] : [])));
  const ended = events.flatMap((event) => {
    const call = event.type === "call.done" ? asked.get(event.call) : undefined;
    return event.type === "call.done" && call ? [{ call, end: event }] : [];
  });
  const diffs = ended.flatMap(({ end }) => (end.state === "done" && end.diff !== undefined ? [end.diff] : []));
  const failed = ended.findLast(({ call, end }) => end.state === "failed" && call.kind === "execute");
  return [
    INTRODUCTIONS[reason],
    section("The task", cutEnd(readTask(events, turn), MAX_TASK)),
    section("Earlier prompts of this conversation", cutStart(prompts.join("\n"), MAX_EARLIER)),
    section("The plan", describePlan(events)),
    section("Changes so far, which are in the files", cutStart(diffs.join("\n"), MAX_DIFF)),
    section("The last failing command", failed ? describeFailure(failed.call, failed.end) : ""),
    section("What was tried", ended.slice(-MAX_TRIED).map(describeCall).join("\n")),
    section(
      "What it wrote last",
      cutStart(
        listTexts(events)
          .slice(reason === "plan" ? 0 : -1)
          .join("\n\n"),
        MAX_EARLIER,
      ),
    ),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

const section = (title: string, text: string): string => (text.trim() === "" ? "" : `## ${title}\n\n${text}`);

function readTask(events: readonly Envelope["event"][], turn: string): string {
  const texts = events.flatMap((event) => {
    if (event.type === "turn.started" && event.turn === turn)
      return [
        event.text,
        ...event.attachments.map(({ name, text }) =>
          text === undefined ? `[attached: ${name}]` : `<file name=${JSON.stringify(name)}>\n${text}\n</file>`,
        ),
      ];
    if (event.type === "hook.done" && event.effect === "context" && event.call === undefined) return [event.text ?? ""];
    return event.type === "turn.steered" ? [event.expanded ?? event.text] : [];
  });
  return texts.filter((text) => text !== "").join("\n\n");
}

const listTexts = (events: readonly Envelope["event"][]): string[] =>
  events.flatMap((event) => (event.type === "text.done" && event.text.trim() !== "" ? [event.text] : []));

function describePlan(events: readonly Envelope["event"][]): string {
  const { items } = events.findLast((event) => event.type === "plan.updated") ?? { items: [] };
  return items.map(({ text, state }) => `- ${state}: ${oneLine(text)}`).join("\n");
}

function describeFailure(call: EventOf<"call.asked">, { output }: EventOf<"call.done">): string {
  const command = Object(call.input).command;
  const shown = typeof command === "string" ? (findTestCommand(command) ?? command) : call.title;
  const lines = output.split("\n").slice(-COMMAND_LINES);
  return [shown, ...lines].map((line) => `    ${cutEnd(line, MAX_LINE)}`).join("\n");
}

const describeCall = ({ call, end }: { call: EventOf<"call.asked">; end: EventOf<"call.done"> }): string =>
  `- ${oneLine(`${call.name}: ${end.title ?? call.title}`)}: ${end.state === "done" ? "worked" : `${end.state}: ${oneLine(end.output)}`}`;

const oneLine = (text: string): string => cutEnd(text.replace(/\s+/g, " ").trim(), MAX_LINE);
const cutEnd = (text: string, max: number): string => (text.length <= max ? text : `${text.slice(0, max)} […]`);
const cutStart = (text: string, max: number): string => (text.length <= max ? text : `[…] ${text.slice(-max)}`);
