/**
 * Decides when a turn continues with a cheaper model: its plan is written, its steps succeed, and the rest of the plan is easier. Folded from the
 * session's events. A turn goes down once at most, so that two models do not take turns.
 */
import type { PlanItem, SessionEvent } from "../../protocol/events.ts";
import type { Tier } from "../../protocol/settings.ts";
import { isHigher } from "./choose-tier.ts";

export interface PlanProgress {
  /** As written in this turn. */
  plan: readonly PlanItem[];
  /** Steps in a row in which every call worked, since the plan was written and since this model took over; without the current step. */
  calmSteps: number;
  /** The step whose calls are seen; null before the first. */
  step: { number: number; works: boolean } | null;
  attempt: number;
  /** How many of the next successful steps do not count, because a model took over from a cheaper one. */
  pause: number;
  hasGoneDown: boolean;
}

/** As many steps as show that the model does what it planned. */
const CALM_STEPS = 3;
/** After going up, one more: within this many steps a turn does not go down. */
const PAUSE_AFTER_UP = 1;
/** Fewer open items are not worth a hand-over. */
const MIN_REMAINING = 2;

export const startPlanProgress = (): PlanProgress => ({
  plan: [],
  calmSteps: 0,
  step: null,
  attempt: 1,
  pause: 0,
  hasGoneDown: false,
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
      return { ...state, calmSteps: countCalmSteps(state), step: { number: event.step, works: true } };
    case "call.done":
      return event.state === "done" ? state : { ...state, ...restart(state) };
    default:
      return state;
  }
}

const restart = ({ step }: PlanProgress): Pick<PlanProgress, "calmSteps" | "step"> => ({
  calmSteps: 0,
  step: step && { ...step, works: false },
});

function takeOver(state: PlanProgress, routing: { attempt: number; source: string } | undefined): PlanProgress {
  if (routing === undefined || routing.attempt <= state.attempt) return state;
  const { attempt, source } = routing;
  return {
    ...state,
    ...restart(state),
    attempt,
    pause: source === "escalation" ? PAUSE_AFTER_UP : 0,
    hasGoneDown: state.hasGoneDown || source === "deescalation",
  };
}

const countCalmSteps = ({ calmSteps, step }: PlanProgress): number => (step?.works ? calmSteps + 1 : 0);

/**
 * The tier for the rest of the plan, if that is cheaper. `score` is that of the mistakes, `assess` the tier that a text needs.
 */
export function chooseDeescalation(
  state: PlanProgress,
  score: number,
  tier: Tier,
  assess: (text: string) => Tier,
): Tier | null {
  if (tier !== "advanced" || score > 0 || state.hasGoneDown) return null;
  if (countCalmSteps(state) < CALM_STEPS + state.pause) return null;
  const remaining = state.plan.filter((item) => item.state === "pending" || item.state === "active");
  const isFollowed = state.plan.some((item) => item.state === "done");
  if (!isFollowed || remaining.length < MIN_REMAINING) return null;
  const needed = remaining.map((item) => assess(item.text)).reduce((a, b) => (isHigher(a, b) ? a : b));
  return isHigher(tier, needed) ? needed : null;
}
