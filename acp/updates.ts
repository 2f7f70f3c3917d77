/** What happened in a session, and what stands in it, as updates for an editor. Pure; calls are in calls.ts. */
import type { ContentBlock, PlanEntry, SessionUpdate } from "@agentclientprotocol/sdk";
import type { Attachment, PlanItem } from "../protocol/events.ts";
import type { Part, SpokenPart } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { callEnded, callStarted } from "./calls.ts";
import { plannedDiffs } from "./diffs.ts";

/** What the editor said it shows beside messages and calls. */
export interface Shows {
  notices: boolean;
  compaction: boolean;
}

const block = (text: string): ContentBlock => ({ type: "text", text });

export const said = (type: SpokenPart["type"], text: string, id: string): SessionUpdate => ({
  sessionUpdate: type === "text" ? "agent_message_chunk" : "agent_thought_chunk",
  content: block(text),
  messageId: id,
});

export const prompted = (text: string, attachments: readonly Attachment[], id: string): SessionUpdate[] =>
  [text, ...attachments.map(({ name }) => `\n[${name}]`)]
    .filter((one) => one !== "")
    .map((one) => ({ sessionUpdate: "user_message_chunk", content: block(one), messageId: id }));

/** An editor that shows no notices is told of what is wrong among the thoughts, and of nothing else. */
export function noticed(level: "info" | "warning" | "error", text: string, shows: Shows, id: string): SessionUpdate[] {
  if (shows.notices) return [{ sessionUpdate: "notice", severity: level, title: text }];
  return level === "info" ? [] : [said("reasoning", `${level}: ${text}\n\n`, id)];
}

export const compacted = (id: string, summary: string, shows: Shows): SessionUpdate[] =>
  shows.compaction
    ? [{ sessionUpdate: "compaction_update", compactionId: id, status: "completed", summary: [block(summary)] }]
    : [];

const steps: Readonly<Record<Exclude<PlanItem["state"], "dropped">, PlanEntry["status"]>> = {
  pending: "pending",
  active: "in_progress",
  done: "completed",
};

export const planned = (items: readonly PlanItem[]): SessionUpdate => ({
  sessionUpdate: "plan",
  entries: items.flatMap(({ text, state }) =>
    state === "dropped" ? [] : [{ content: text, priority: "medium", status: steps[state] }],
  ),
});

/** Null where nobody knows how much fits the model. */
export function used({ context, contextUsed, usage }: SessionView): SessionUpdate | null {
  if (context === null || contextUsed === 0) return null;
  const priced = usage.every(({ cost }) => cost !== null);
  const amount = usage.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  const cost = priced ? { cost: { amount, currency: "USD" } } : {};
  return { sessionUpdate: "usage_update", used: contextUsed, size: context, ...cost };
}

export const titled = ({ title, updatedAt }: SessionView): SessionUpdate => ({
  sessionUpdate: "session_info_update",
  title,
  updatedAt: new Date(updatedAt).toISOString(),
});

/** A whole session, as if it had happened just now. */
export function replayed(view: SessionView, shows: Shows): SessionUpdate[] {
  const usage = used(view);
  return [
    ...view.parts.flatMap((part) => partUpdates(part, shows)),
    ...(view.plan.length > 0 ? [planned(view.plan)] : []),
    ...(usage ? [usage] : []),
    ...(view.title === "" ? [] : [titled(view)]),
  ];
}

function partUpdates(part: Part, shows: Shows): SessionUpdate[] {
  switch (part.type) {
    case "prompt":
      return prompted(part.text, part.attachments, part.id);
    case "text":
    case "reasoning":
      return part.text === "" ? [] : [said(part.type, part.text, spokenId(part))];
    case "call": {
      const started: SessionUpdate = { sessionUpdate: "tool_call", ...callStarted(part) };
      if (part.endedAt === undefined) return [started];
      const paths = part.locations.map(({ path }) => path);
      return [
        started,
        { sessionUpdate: "tool_call_update", ...callEnded(part, plannedDiffs(part.diff ?? "", paths), []) },
      ];
    }
    case "notice":
      return noticed(part.level, part.text, shows, part.id);
    case "compaction":
      return compacted(part.id, part.summary, shows);
    default:
      return part satisfies never;
  }
}

export const spokenId = ({ turn, step, id }: Pick<SpokenPart, "turn" | "step" | "id">): string =>
  `${turn}.${step}.${id}`;
