/** Converts tool calls for an editor: kind, state, locations, and results as text, images or diffs. */
import type { CallKind, CallState, Location } from "../protocol/events.ts";
import type { CallPart } from "../protocol/parts.ts";
import type { Call, Content, FileDiff } from "./editor.ts";

const kinds: Readonly<Record<CallKind, NonNullable<Call["kind"]>>> = {
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

/** The protocol's status of a call, in both versions; the draft also has a status for cancelled calls. */
export const callStatuses = {
  asked: "pending",
  running: "in_progress",
  done: "completed",
  failed: "failed",
  refused: "failed",
  interrupted: "failed",
} as const satisfies Readonly<Record<CallState, string>>;

/** Kinds whose output is not Markdown. */
const VERBATIM: ReadonlySet<CallKind> = new Set(["execute", "read", "search"]);

const toLocations = (locations: readonly Location[]): NonNullable<Call["locations"]> =>
  locations.map(({ path, line }) => ({ path, ...(line !== undefined && { line }) }));

export const toStartedCall = (part: CallPart): Call & { title: string } => ({
  id: part.id,
  title: part.title,
  name: part.name,
  kind: kinds[part.kind],
  state: part.state,
  locations: toLocations(part.locations),
  ...(part.input !== null && { input: part.input }),
});

export const toRunningCall = ({ id, state }: CallPart): Call => ({ id, state });

export const toOutputCall = (part: CallPart): Call => ({
  id: part.id,
  content: outputOf(part, false),
});

/** Diffs replace the output text, except for failed calls. */
export const toEndedCall = (part: CallPart, diffs: readonly FileDiff[], images: readonly Content[]): Call => ({
  id: part.id,
  title: part.title,
  state: part.state,
  content: [...(diffs.length > 0 && part.state === "done" ? diffContent(diffs) : outputOf(part, true)), ...images],
});

export const toPendingCall = ({ id, title, kind, locations }: CallPart): Call => ({
  id,
  title,
  kind: kinds[kind],
  state: "asked",
  locations: toLocations(locations),
});

export const diffContent = (diffs: readonly FileDiff[]): Content[] => diffs.map((diff) => ({ type: "diff", ...diff }));

function outputOf({ kind, output }: CallPart, whole: boolean): Content[] {
  if (output === "") return [];
  return VERBATIM.has(kind) ? [{ type: "output", text: output, whole }] : [{ type: "text", text: output }];
}

/** Of a running call, only the end of the output is shown. */
const MAX_SHOWN = 16_000;

/** As Markdown. */
export const formatOutput = ({ text, whole }: Extract<Content, { type: "output" }>): string =>
  fenceText(whole ? text : text.slice(-MAX_SHOWN));

/** A Markdown code block with the text verbatim, whatever fences it contains. */
export function fenceText(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}
