/** Calls of tools as an editor shows them: kind, state, places, and what came of it as text, pictures or changes of files. */
import type { CallKind, Location } from "../protocol/events.ts";
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

/** Output that is no Markdown. */
const VERBATIM: ReadonlySet<CallKind> = new Set(["execute", "read", "search"]);

const placed = (locations: readonly Location[]): NonNullable<Call["locations"]> =>
  locations.map(({ path, line }) => ({ path, ...(line !== undefined && { line }) }));

export const callStarted = (part: CallPart): Call & { title: string } => ({
  id: part.id,
  title: part.title,
  name: part.name,
  kind: kinds[part.kind],
  state: part.state,
  locations: placed(part.locations),
  ...(part.input !== null && { input: part.input }),
});

export const callRuns = ({ id, state }: CallPart): Call => ({ id, state });

export const callWrites = (part: CallPart): Call => ({
  id: part.id,
  content: outputOf(part, false),
});

/** `diffs` stand in place of the words that say so; a call that failed keeps its words. */
export const callEnded = (part: CallPart, diffs: readonly FileDiff[], images: readonly Content[]): Call => ({
  id: part.id,
  title: part.title,
  state: part.state,
  content: [...(diffs.length > 0 && part.state === "done" ? shown(diffs) : outputOf(part, true)), ...images],
});

export const callWaits = ({ id, title, kind, locations }: CallPart): Call => ({
  id,
  title,
  kind: kinds[kind],
  state: "asked",
  locations: placed(locations),
});

export const shown = (diffs: readonly FileDiff[]): Content[] => diffs.map((diff) => ({ type: "diff", ...diff }));

function outputOf({ kind, output }: CallPart, whole: boolean): Content[] {
  if (output === "") return [];
  return VERBATIM.has(kind) ? [{ type: "output", text: output, whole }] : [{ type: "text", text: output }];
}

/** What is shown of a call that still writes: the end of it. */
const MOST_SHOWN = 16_000;

/** As Markdown. */
export const outputText = ({ text, whole }: Extract<Content, { type: "output" }>): string =>
  fenced(whole ? text : text.slice(-MOST_SHOWN));

/** As Markdown that shows it to the letter, whatever fences are in it. */
export function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/^`{3,}/gm)].map(([ticks]) => ticks.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${text.replace(/\n$/, "")}\n${fence}`;
}
