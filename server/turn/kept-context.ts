/**
 * What a compaction keeps word for word next to the summary: it is taken from the log, so it survives any number of compactions, whatever
 * the model writes into its summaries.
 */
import { relative } from "node:path";
import type { Author } from "../../protocol/events.ts";
import type { ToolContext } from "../ports.ts";
import type { TurnSession } from "../session/turn-lifecycle.ts";
import { cutMiddle } from "./context-budget.ts";

export interface KeptContext {
  session: TurnSession;
  /** The texts of hooks that were called again for this compaction. */
  restarted: readonly { by: Author; text: string }[];
  toolContext: Pick<ToolContext, "cwd" | "readTracker">;
}

/** Returns the texts to keep of one kind. */
export type ContextKeeper = (context: KeptContext) => string[];

/** In the order in which the model reads them. Skills in use are kept by skills.ts. */
const KEEPERS: readonly ContextKeeper[] = [keepStart, keepTasks, keepPlan, keepFiles];

const MAX_CHARS = 16_000;
/** The share of the budget that all kept texts may use, about as characters. */
const MAX_SHARE = 0.4;

/** `budget`: tokens that messages may use. `more`: texts of hooks. */
export function collectKeptTexts(context: KeptContext, budget: number | null, more: readonly string[]): string[] {
  const max = Math.floor(Math.min(MAX_CHARS, (budget ?? Number.POSITIVE_INFINITY) * MAX_SHARE));
  const texts = KEEPERS.flatMap((keep) => keep(context));
  const longest = findLongest(
    texts.map(({ length }) => length),
    max,
  );
  return [...texts.map((text) => shorten(text, longest)), ...more];
}

/** The largest length to which texts can be cut so that all of them together use at most `max`. */
function findLongest(lengths: readonly number[], max: number): number {
  let left = max;
  for (const [index, length] of lengths.toSorted((a, b) => a - b).entries()) {
    const share = Math.floor(left / (lengths.length - index));
    if (length > share) return share;
    left -= length;
  }
  return max;
}

const shorten = (text: string, max: number): string =>
  text.length <= max ? text : cutMiddle(text, max, `[… ${text.length - max} characters …]`);

/** What hooks added when they were called for this compaction, or else when the session was started or resumed last. */
function keepStart({ session, restarted }: KeptContext): string[] {
  const isRestarted = (author: Author): boolean =>
    restarted.some(({ by }) => by.kind === author.kind && by.id === author.id);
  const added = session
    .envelopes()
    .filter(
      ({ event }) => event.type === "hook.done" && event.hook === "session.started" && event.effect === "context",
    );
  const last = added.at(-1)?.event;
  const turn = last?.type === "hook.done" ? last.turn : undefined;
  const earlier = added.flatMap(({ event, by }) =>
    event.type === "hook.done" && event.turn === turn && event.text !== undefined && !isRestarted(by)
      ? [{ by, text: event.text }]
      : [],
  );
  return [...earlier, ...restarted].map(
    ({ by, text }) => `From ${by.name}, which is part of the user's setup:\n\n${text}`,
  );
}

function keepTasks({ session }: KeptContext): string[] {
  const { first, latest } = session.history.tasks();
  return [
    ...(first === null ? [] : [`The first task of the user was, word for word:\n\n${first}`]),
    ...(latest === null || latest === first ? [] : [`The latest prompt of the user was, word for word:\n\n${latest}`]),
  ];
}

function keepPlan({ session }: KeptContext): string[] {
  const { plan } = session.view();
  if (plan.length === 0) return [];
  return [`The plan:\n${plan.map(({ text, state }) => `- [${state}] ${text}`).join("\n")}`];
}

const MAX_FILES = 100;

/** Names only: the content is read again when it is needed. */
function keepFiles({ session, toolContext: { cwd, readTracker } }: KeptContext): string[] {
  const changed = [...new Set(session.changes().map(({ path }) => path))];
  const read = readTracker.paths().filter((path) => !changed.includes(path));
  const list = (label: string, paths: readonly string[]): string[] => {
    const names = paths.slice(-MAX_FILES).map((path) => relative(cwd, path) || path);
    return names.length === 0 ? [] : [`${label}: ${names.join(", ")}`];
  };
  return [...list("Files that were changed so far", changed), ...list("Other files that were read", read)];
}
