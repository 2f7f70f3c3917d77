/** Converts views and their differences to updates for an editor. Pure. Tool calls are converted in calls.ts. */
import type { Attachment } from "../protocol/events.ts";
import type { CallPart, Part, ResponsePart } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { toEndedCall, toOutputCall, toRunningCall, toStartedCall } from "./calls.ts";
import { pendingDiffs } from "./diffs.ts";
import type { Block, Call, SessionStatus, Update } from "./editor.ts";

/** The blocks of another client's prompt: attachments are shown by name. */
export const blocksOf = (text: string, attachments: readonly Attachment[]): Block[] =>
  [text, ...attachments.map(({ name }) => `\n[${name}]`)]
    .filter((one) => one !== "")
    .map((one) => ({ type: "text", text: one }));

/** Null if the model's context size is unknown. */
export function toUsageUpdate({ context, contextUsed, usage }: SessionView): Update | null {
  if (context === null || contextUsed === 0) return null;
  const priced = usage.every(({ cost }) => cost !== null);
  const amount = usage.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  return { type: "usage", used: contextUsed, size: context, cost: priced ? amount : null };
}

export const toTitleUpdate = ({ title, updatedAt }: SessionView): Update => ({ type: "title", title, updatedAt });

/** While other calls are still running, a question does not make the session wait. */
export function statusOf({ activity, questions, parts, lastEnd }: SessionView): SessionStatus {
  if (activity.state === "idle") return { status: "idle", end: lastEnd };
  if (questions.length === 0) return { status: "running" };
  const asking = new Set(questions.map(({ call }) => call));
  const isCallRunning = parts.some((part) => part.type === "call" && part.state === "running" && !asking.has(part.id));
  return { status: isCallRunning ? "running" : "waiting" };
}

/** Replays a whole session. Notices are not repeated. */
export function toReplayUpdates(view: SessionView): Update[] {
  const usage = toUsageUpdate(view);
  return [
    ...view.parts.flatMap(partUpdates),
    ...(view.plan.length > 0 ? [{ type: "plan" as const, items: view.plan }] : []),
    ...(usage ? [usage] : []),
    ...(view.title === "" ? [] : [toTitleUpdate(view)]),
  ];
}

function partUpdates(part: Part): Update[] {
  switch (part.type) {
    case "prompt":
      return [{ type: "prompt", id: part.id, blocks: blocksOf(part.text, part.attachments), own: false }];
    case "text":
    case "reasoning":
      return part.text === ""
        ? []
        : [{ type: "response.done", as: part.type, id: responseIdOf(part), text: part.text, sent: "" }];
    case "call": {
      const asked: Update = { type: "call", call: toStartedCall(part) };
      return part.endedAt === undefined ? [asked] : [asked, { type: "call.changed", call: toCurrentCall(part) }];
    }
    case "notice":
      return [];
    case "compaction":
      return [{ type: "compaction", id: part.id, summary: part.summary }];
    default:
      return part satisfies never;
  }
}

function toCurrentCall(part: CallPart): Call {
  if (part.endedAt === undefined) return { ...toOutputCall(part), ...toRunningCall(part) };
  const paths = part.locations.map(({ path }) => path);
  return toEndedCall(part, pendingDiffs(part.diff ?? "", paths), []);
}

/** The updates from one view to the next, when a snapshot replaces events. */
export function toMissedUpdates(before: SessionView, now: SessionView): Update[] {
  const known = new Map(before.parts.map((part) => [part.id, part]));
  const usage = toUsageUpdate(now);
  return [
    ...now.parts.flatMap((part) => updatesSince(part, known.get(part.id))),
    ...(isSame(before.plan, now.plan) ? [] : [{ type: "plan" as const, items: now.plan }]),
    ...(usage === null || isSame(toUsageUpdate(before), usage) ? [] : [usage]),
    ...(before.title === now.title ? [] : [toTitleUpdate(now)]),
  ];
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function updatesSince(part: Part, known: Part | undefined): Update[] {
  if (!known && part.type === "notice") return part.endsTurn ? [] : [toNoticeUpdate(part)];
  if (!known) return partUpdates(part);
  if (part.type === "call" && known.type === "call")
    return part.state === known.state && part.output === known.output
      ? []
      : [{ type: "call.changed", call: toCurrentCall(part) }];
  if ((part.type === "text" || part.type === "reasoning") && known.type === part.type)
    return [{ type: "response.done", as: part.type, id: responseIdOf(part), text: part.text, sent: known.text }];
  return [];
}

export const toNoticeUpdate = ({ id, level, text }: Extract<Part, { type: "notice" }>): Update => ({
  type: "notice",
  id,
  level,
  text,
});

export const responseIdOf = ({ turn, step, id }: Pick<ResponsePart, "turn" | "step" | "id">): string =>
  `${turn}.${step}.${id}`;
