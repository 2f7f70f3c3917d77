/** How far a subagent is, from the view of its session. Pure. */
import type { Failure, Outcome } from "../../protocol/events.ts";
import type { Part } from "../../protocol/parts.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { TaskState } from "../subagents.ts";
import { countUsage, toProgress } from "./watch-task.ts";

export function endOf({ lastEnd }: SessionView): { outcome: Outcome; failure?: Failure } {
  if (!lastEnd) return { outcome: "interrupted" };
  const { outcome, failure } = lastEnd;
  return { outcome, ...(failure && { failure }) };
}

export function describeTask(
  view: SessionView,
  { agent, startedAt }: { agent: string; startedAt: number },
  isRunning: boolean,
  now: number,
): Omit<TaskState, "changedFiles"> {
  const { outcome, failure } = endOf(view);
  const end = view.lastEnd?.at ?? now;
  const { steps, tokens } = countUsage(view);
  return {
    id: view.id,
    agent,
    state: isRunning ? "running" : outcome,
    response: lastResponse(view.parts),
    ...(!isRunning && failure && { problem: failure.message }),
    activity: toProgress(view).activity,
    steps,
    tokens,
    elapsed: Math.max(0, (isRunning ? now : end) - startedAt),
  };
}

/** What the model wrote in its last turn since its last call; while calls run, what it wrote before them. */
function lastResponse(parts: readonly Part[]): string {
  const turn = parts.slice(parts.findLastIndex((part) => part.type === "prompt" && part.agent !== undefined) + 1);
  const last = turn.findLastIndex((part) => part.type === "text" && part.text.trim() !== "");
  const start = turn.findLastIndex((part, index) => index < last && part.type === "call");
  return turn
    .slice(start + 1, last + 1)
    .flatMap((part) => (part.type === "text" ? [part.text] : []))
    .join("\n\n")
    .trim();
}
