/** What happened in a session, and what stands in it, as updates for an editor. Pure; calls are in calls.ts. */
import type { Attachment } from "../protocol/events.ts";
import type { CallPart, Part, SpokenPart } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { callEnded, callRuns, callStarted, callWrites } from "./calls.ts";
import { plannedDiffs } from "./diffs.ts";
import type { Block, Call, Foreground, Update } from "./editor.ts";

/** As what came from another client is shown: the names of files in place of what is in them. */
export const blocksOf = (text: string, attachments: readonly Attachment[]): Block[] =>
  [text, ...attachments.map(({ name }) => `\n[${name}]`)]
    .filter((one) => one !== "")
    .map((one) => ({ type: "text", text: one }));

/** Null where nobody knows how much fits the model. */
export function used({ context, contextUsed, usage }: SessionView): Update | null {
  if (context === null || contextUsed === 0) return null;
  const priced = usage.every(({ cost }) => cost !== null);
  const amount = usage.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  return { type: "usage", used: contextUsed, size: context, cost: priced ? amount : null };
}

export const titled = ({ title, updatedAt }: SessionView): Update => ({ type: "titled", title, updatedAt });

/** A question that other calls run beside keeps nothing waiting. */
export function foregroundOf({ activity, questions, parts, lastEnd }: SessionView): Foreground {
  if (activity.state === "idle") return { is: "idle", end: lastEnd };
  if (questions.length === 0) return { is: "running" };
  const asking = new Set(questions.map(({ call }) => call));
  const goesOn = parts.some((part) => part.type === "call" && part.state === "running" && !asking.has(part.id));
  return { is: goesOn ? "running" : "waiting" };
}

/** A whole session, as if it had happened just now. Notices are for the moment, and not told again. */
export function replayed(view: SessionView): Update[] {
  const usage = used(view);
  return [
    ...view.parts.flatMap(partUpdates),
    ...(view.plan.length > 0 ? [{ type: "plan" as const, items: view.plan }] : []),
    ...(usage ? [usage] : []),
    ...(view.title === "" ? [] : [titled(view)]),
  ];
}

function partUpdates(part: Part): Update[] {
  switch (part.type) {
    case "prompt":
      return [{ type: "prompted", id: part.id, blocks: blocksOf(part.text, part.attachments), own: false }];
    case "text":
    case "reasoning":
      return part.text === "" ? [] : [{ type: "spoken", as: part.type, id: spokenId(part), text: part.text, told: "" }];
    case "call": {
      const asked: Update = { type: "call", call: callStarted(part) };
      return part.endedAt === undefined ? [asked] : [asked, { type: "call.changed", call: callNow(part) }];
    }
    case "notice":
      return [];
    case "compaction":
      return [{ type: "compacted", id: part.id, summary: part.summary }];
    default:
      return part satisfies never;
  }
}

function callNow(part: CallPart): Call {
  if (part.endedAt === undefined) return { ...callWrites(part), ...callRuns(part) };
  const paths = part.locations.map(({ path }) => path);
  return callEnded(part, plannedDiffs(part.diff ?? "", paths), []);
}

/** What a view has that the one before had not, for where it came in place of events. */
export function missed(before: SessionView, now: SessionView): Update[] {
  const known = new Map(before.parts.map((part) => [part.id, part]));
  const usage = used(now);
  return [
    ...now.parts.flatMap((part) => partSince(part, known.get(part.id))),
    ...(isSame(before.plan, now.plan) ? [] : [{ type: "plan" as const, items: now.plan }]),
    ...(usage === null || isSame(used(before), usage) ? [] : [usage]),
    ...(before.title === now.title ? [] : [titled(now)]),
  ];
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function partSince(part: Part, known: Part | undefined): Update[] {
  if (!known) return part.type === "notice" ? [noticed(part)] : partUpdates(part);
  if (part.type === "call" && known.type === "call")
    return part.state === known.state && part.output === known.output
      ? []
      : [{ type: "call.changed", call: callNow(part) }];
  if ((part.type === "text" || part.type === "reasoning") && known.type === part.type)
    return [{ type: "spoken", as: part.type, id: spokenId(part), text: part.text, told: known.text }];
  return [];
}

export const noticed = ({ id, level, text }: Extract<Part, { type: "notice" }>): Update => ({
  type: "notice",
  id,
  level,
  text,
});

export const spokenId = ({ turn, step, id }: Pick<SpokenPart, "turn" | "step" | "id">): string =>
  `${turn}.${step}.${id}`;
