/** Assesses the prompt of a turn in its session: what the tables say, and what was there before. */
import type { Tier } from "../../protocol/settings.ts";
import type { Config } from "../config/config.ts";
import { type Assessment, assess, isContinuation } from "./assess.ts";

export interface TaskAssessment {
  assessment: Assessment;
  thresholds: Assessment["thresholds"];
  /** The score is so near a threshold that a second opinion is worth a request. */
  isUncertain: boolean;
}

export interface PromptInSession {
  text: string;
  agent: string;
  /** The tier of the turn before; undefined if there is none. */
  previousTier?: Tier;
  /** The turn before was stopped because its model made no progress. */
  previousFailed: boolean;
}

export function assessTurn(prompt: PromptInSession, routing: NonNullable<Config["routing"]>): TaskAssessment {
  const { text, agent, previousTier, previousFailed } = prompt;
  const assessment = assess(text, {
    agent,
    failedBefore: previousFailed,
    ...(routing.mode && { mode: routing.mode }),
    ...(routing.weights && { weights: routing.weights }),
    ...(routing.thresholds && { thresholds: routing.thresholds }),
  });
  const { thresholds } = assessment;
  if (previousTier === undefined || !isContinuation(text))
    return { assessment, thresholds, isUncertain: isNearThreshold(assessment) };
  const signals = [{ id: "prompt.continues", points: 0 }];
  return { assessment: { ...assessment, tier: previousTier, score: 0, signals }, thresholds, isUncertain: false };
}

/** One or two points above quick, or at most one point below advanced. */
const isNearThreshold = ({ score, thresholds: { quick, advanced } }: Assessment): boolean =>
  (score > quick && score <= quick + 2) || (score >= advanced - 1 && score <= advanced);
