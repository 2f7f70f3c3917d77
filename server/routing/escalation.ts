/**
 * Decides when a turn continues with a more capable model: a score of what went wrong, folded from the session's events, so that it can be
 * rebuilt from the log. Failures of a provider are not among these events, and never escalate.
 */
import type { EventOf, SessionEvent } from "../../protocol/events.ts";
import type { Routing } from "../../protocol/routing.ts";
import type { Tier } from "../../protocol/settings.ts";
import { isHigher, nextTier } from "./choose-tier.ts";
import { readTestRun, type TestRun } from "./test-runs.ts";

/** Points by what happened. */
export const ESCALATION_POINTS = {
  "tool.error": 1,
  "tool.error-repeated": 2,
  "call.invalid": 1,
  "edit.not-applied": 2,
  "tests.worse": 3,
  "tests.same-failure": 3,
  "response.empty": 3,
  "call.loop": 4,
  "edit.applied": -1,
} as const;

/** The score that escalates. */
const TRIP = 5;
/** Escalations in one turn. */
const MAX_ESCALATIONS = 2;
/** The same call with the same result, this often in a row, is a loop. */
const LOOP = 3;

export interface EscalationState {
  /** Of the running turn. */
  turn: string;
  score: number;
  /** What the score consists of since it was last 0, oldest first. */
  reasons: readonly (keyof typeof ESCALATION_POINTS)[];
  /** How often this turn was escalated. */
  escalations: number;
  /** The number of its model. */
  attempt: number;
  /** Reached, for example because the steps of the tier are used up. */
  tripped: boolean;
  /** The last test run by its command. */
  runs: Readonly<Record<string, TestRun>>;
  editedSinceRun: boolean;
  /** Calls that have not ended. */
  open: Readonly<Record<string, EventOf<"call.asked">>>;
  failedCalls: readonly string[];
  recent: readonly string[];
  /** A response was counted, and neither text nor a call of it was seen yet. */
  silent: boolean;
}

export const startEscalation = (turn = ""): EscalationState => ({
  turn,
  score: 0,
  reasons: [],
  escalations: 0,
  attempt: 1,
  tripped: false,
  runs: {},
  editedSinceRun: false,
  open: {},
  failedCalls: [],
  recent: [],
  silent: false,
});

export function foldEscalation(state: EscalationState, event: SessionEvent): EscalationState {
  switch (event.type) {
    case "turn.started":
      return startEscalation(event.turn);
    case "model.routed":
      return event.turn === state.turn && event.routing ? takeOver(state, event.routing) : state;
    case "usage.counted":
      if (event.purpose) return state;
      return { ...(state.silent ? add(state, "response.empty") : state), silent: true };
    case "text.done":
      return event.text.trim() === "" ? state : { ...state, silent: false };
    case "call.asked":
      return { ...state, silent: false, open: { ...state.open, [event.call]: event } };
    case "call.done":
      return endCall(state, event);
    default:
      return state;
  }
}

/** Another model starts with a score of 0. */
function takeOver(state: EscalationState, { attempt, source }: Routing): EscalationState {
  if (attempt <= state.attempt) return state;
  const escalations = state.escalations + (source === "escalation" ? 1 : 0);
  return { ...startEscalation(state.turn), runs: state.runs, escalations, attempt };
}

/** The next tier, if the score asks for it and it is allowed; null otherwise. */
export function chooseEscalation(state: EscalationState, tier: Tier, maxTier: Tier = "advanced"): Tier | null {
  const next = nextTier(tier);
  if (next === null || isHigher(next, maxTier) || state.escalations >= MAX_ESCALATIONS) return null;
  return state.tripped || state.score >= TRIP ? next : null;
}

/** A trigger that is reached at once: the model repeats itself, or its steps are used up. */
export const trip = (state: EscalationState): EscalationState => ({ ...state, tripped: true });

function add(state: EscalationState, reason: keyof typeof ESCALATION_POINTS): EscalationState {
  const score = Math.max(0, state.score + ESCALATION_POINTS[reason]);
  return { ...state, score, reasons: score === 0 ? [] : [...state.reasons, reason] };
}

function endCall(state: EscalationState, event: EventOf<"call.done">): EscalationState {
  const asked = state.open[event.call];
  if (!asked) return state;
  const { [event.call]: _, ...open } = state.open;
  const ended = { ...state, open };
  // A refusal or an interruption says nothing about the model.
  if (event.state !== "done" && event.state !== "failed") return ended;
  return countLoop(countResult(ended, asked, event), signCall(asked, event.output));
}

function countResult(
  state: EscalationState,
  asked: EventOf<"call.asked">,
  { state: end, output }: EventOf<"call.done">,
): EscalationState {
  const ok = end === "done";
  const run = asked.kind === "execute" ? readTestRun(readCommand(asked.input), ok, output) : null;
  if (run) return countRun(state, run);
  if (ok) return asked.kind === "edit" ? { ...add(state, "edit.applied"), editedSinceRun: true } : state;
  if (asked.raw !== undefined) return add(state, "call.invalid");
  if (asked.kind === "edit") return add(state, "edit.not-applied");
  const signature = signCall(asked);
  const repeated = state.failedCalls.includes(signature);
  const failed = { ...state, failedCalls: [...state.failedCalls, signature] };
  return add(failed, repeated ? "tool.error-repeated" : "tool.error");
}

/** A failing run alone is a finding, no mistake; it counts if it is worse than before, or the same after an edit. */
function countRun(state: EscalationState, run: TestRun): EscalationState {
  const before = state.runs[run.key];
  const next = { ...state, runs: { ...state.runs, [run.key]: run }, editedSinceRun: false };
  if (run.passed) return { ...next, score: 0, reasons: [] };
  if (before && isWorse(before, run)) return add(next, "tests.worse");
  const isSame = before !== undefined && !before.passed && isSameFailure(before, run);
  return isSame && state.editedSinceRun ? add(next, "tests.same-failure") : next;
}

const isWorse = (before: TestRun, after: TestRun): boolean =>
  before.passed || (before.failures !== null && after.failures !== null && after.failures > before.failures);

/** A test that failed before fails again; without names, as many failures. */
const isSameFailure = (before: TestRun, after: TestRun): boolean =>
  before.failing.length > 0 && after.failing.length > 0
    ? after.failing.some((name) => before.failing.includes(name))
    : before.failures === after.failures;

function countLoop(state: EscalationState, signature: string): EscalationState {
  const recent = [...state.recent, signature].slice(-LOOP);
  const isLoop = recent.length === LOOP && recent.every((one) => one === signature);
  return isLoop ? { ...add(state, "call.loop"), recent: [] } : { ...state, recent };
}

const signCall = ({ name, input, raw }: EventOf<"call.asked">, output = ""): string =>
  JSON.stringify([name, raw ?? input, output]);

const readCommand = (input: unknown): string => {
  const command = Object(input).command;
  return typeof command === "string" ? command : "";
};
