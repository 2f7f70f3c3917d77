/** Calls of tools as an editor shows them: kind, state, places, and what came of it as text, pictures or changes of files. */
import type { ToolCall, ToolCallContent, ToolCallStatus, ToolCallUpdate, ToolKind } from "@agentclientprotocol/sdk";
import type { CallKind, CallState, Location } from "../protocol/events.ts";
import type { CallPart } from "../protocol/parts.ts";

const kinds: Readonly<Record<CallKind, ToolKind>> = {
  read: "read",
  edit: "edit",
  execute: "execute",
  search: "search",
  fetch: "fetch",
  think: "think",
  ask: "other",
  task: "other",
  other: "other",
};

const states: Readonly<Record<CallState, ToolCallStatus>> = {
  asked: "pending",
  running: "in_progress",
  done: "completed",
  failed: "failed",
  refused: "failed",
  interrupted: "failed",
};

/** Output that an editor shows as it is written, not as Markdown. */
const VERBATIM: ReadonlySet<CallKind> = new Set(["execute", "read", "search"]);

/** What is shown of a call that still writes: the end of it. */
const MOST_SHOWN = 16_000;

const placed = (locations: readonly Location[]): { path: string; line?: number }[] =>
  locations.map(({ path, line }) => ({ path, ...(line !== undefined && { line }) }));

export const callStarted = (part: CallPart): ToolCall => ({
  toolCallId: part.id,
  title: part.title,
  name: part.name,
  kind: kinds[part.kind],
  status: states[part.state],
  locations: placed(part.locations),
  ...(part.input !== null && part.input !== undefined && { rawInput: part.input }),
});

export const callRuns = ({ id, state }: CallPart): ToolCallUpdate => ({ toolCallId: id, status: states[state] });

export const callWrites = (part: CallPart): ToolCallUpdate => ({
  toolCallId: part.id,
  content: outputOf(part.kind, part.output.slice(-MOST_SHOWN)),
});

/** `diffs` stand in place of the words that say so; a call that failed keeps its words. */
export const callEnded = (part: CallPart, diffs: ToolCallContent[], images: ToolCallContent[]): ToolCallUpdate => ({
  toolCallId: part.id,
  title: part.title,
  status: states[part.state],
  content: [...(diffs.length > 0 && part.state === "done" ? diffs : outputOf(part.kind, part.output)), ...images],
});

export const callAsked = ({ id, title, kind, locations }: CallPart, content: ToolCallContent[]): ToolCallUpdate => ({
  toolCallId: id,
  title,
  kind: kinds[kind],
  status: "pending",
  locations: placed(locations),
  content,
});

const outputOf = (kind: CallKind, output: string): ToolCallContent[] =>
  output === "" ? [] : [words(VERBATIM.has(kind) ? fenced(output) : output)];

export const words = (text: string): ToolCallContent => ({ type: "content", content: { type: "text", text } });

export const picture = (data: string, mimeType: string): ToolCallContent => ({
  type: "content",
  content: { type: "image", data, mimeType },
});

/** As Markdown that shows it to the letter, whatever fences are in it. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}
