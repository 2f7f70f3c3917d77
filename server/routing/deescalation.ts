/**
 * Decides when a turn continues with a cheaper model: its plan is written, its steps succeed, and the rest of the plan is easier. Folded from the
 * session's events. A turn de-escalates at most once, so that it does not switch back and forth between two models.
 */
import type { PlanItem, SessionEvent } from "../../protocol/events.ts";
import type { Tier } from "../../protocol/settings.ts";
import { isHigher } from "./choose-tier.ts";

export interface PlanProgress {
  /** As written in this turn. */
  plan: readonly PlanItem[];
  /** Steps in a row in which every call worked, since the plan was written and since this model took over; without the current step. */
  successfulSteps: number;
  /** The step whose calls are seen; null before the first. */
  step: { number: number; succeeds: boolean } | null;
  attempt: number;
  /** Successful steps that are needed in addition, after an escalation. */
  extraSteps: number;
  hasDeescalated: boolean;
}

/** How many successful steps show that the model follows its plan. */
const MIN_SUCCESSFUL_STEPS = 3;
/** So that a turn does not de-escalate within three steps of an escalation. */
const EXTRA_STEPS_AFTER_ESCALATION = 1;
/** Fewer open items are not worth a hand-over. */
const MIN_REMAINING = 2;

export const startPlanProgress = (): PlanProgress => ({
  plan: [],
  successfulSteps: 0,
  step: null,
  attempt: 1,
  extraSteps: 0,
  hasDeescalated: false,
});

export function foldPlanProgress(state: PlanProgress, event: SessionEvent): PlanProgress {
  switch (event.type) {
    case "turn.started":
      return startPlanProgress();
    case "plan.updated":
      // The step that writes the plan is not one that follows it.
      return { ...state, plan: event.items, ...(state.plan.length === 0 && restart(state)) };
    case "model.routed":
      return takeOver(state, event.routing);
    case "call.asked":
      if (state.step?.number === event.step) return state;
      return { ...state, successfulSteps: countSuccessfulSteps(state), step: { number: event.step, succeeds: true } };
    case "call.done":
      return event.state === "done" ? state : { ...state, ...restart(state) };
    default:
      return state;
  }
}

const restart = ({ step }: PlanProgress): Pick<PlanProgress, "successfulSteps" | "step"> => ({
  successfulSteps: 0,
  step: step && { ...step, succeeds: false },
});

function takeOver(state: PlanProgress, routing: { attempt: number; source: string } | undefined): PlanProgress {
  if (routing === undefined || routing.attempt <= state.attempt) return state;
  const { attempt, source } = routing;
  return {
    ...state,
    ...restart(state),
    attempt,
    extraSteps: source === "escalation" ? EXTRA_STEPS_AFTER_ESCALATION : 0,
    hasDeescalated: state.hasDeescalated || source === "deescalation",
  };
}

const countSuccessfulSteps = ({ successfulSteps, step }: PlanProgress): number =>
  step?.succeeds ? successfulSteps + 1 : 0;

/**
 * The tier for the rest of the plan, if that is cheaper. `score` is that of the mistakes, `assess` the tier that a text needs.
 */
export function chooseDeescalation(
  state: PlanProgress,
  score: number,
  tier: Tier,
  assess: (text: string) => Tier,
): Tier | null {
  if (tier !== "advanced" || score > 0 || state.hasDeescalated) return null;
  if (countSuccessfulSteps(state) < MIN_SUCCESSFUL_STEPS + state.extraSteps) return null;
  const remaining = state.plan.filter((item) => item.state === "pending" || item.state === "active");
  const isFollowed = state.plan.some((item) => item.state === "done");
  if (!isFollowed || remaining.length < MIN_REMAINING) return null;
  const needed = remaining.map((item) => assess(item.text)).reduce((a, b) => (isHigher(a, b) ? a : b));
  return isHigher(tier, needed) ? needed : null;
}
