/**
 * Chooses the tier of a task and the models that may serve it, in order. Pure: whether a model can be used (key, tools, context,
 * vision) is found out by the caller, who takes the first usable one and records the result with `settleRoute`.
 */
import { type Effort, type RouteSource, type Tier, tiers as tierOrder } from "../../protocol/settings.ts";
import type { TierModel } from "../definitions/agent.ts";
import type { Assessment } from "./assess.ts";
import { hasTiers, type TierTable } from "./tier-table.ts";

export interface RouteRequest {
  /** The person named a model: nothing is routed. */
  userModel?: string;
  /** The call of a subagent named a model, or a tier. */
  callModel?: string;
  callTier?: Tier;
  /** The person chose a tier. */
  userTier?: Tier;
  assessment: Assessment | null;
  /** A quick model's rating of the task, which replaces the assessment. */
  rating?: Tier;
  /** The agent that does the task. Its `tier` is used if none was chosen. */
  agent: { name: string; model?: string; effort?: Effort; tier?: Tier; tiers: TierTable } | null;
  /** The configured tiers. */
  tiers: TierTable;
  /** Where no tier has a usable model; undefined is the configured default. */
  sessionModel?: string;
  maxTier?: Tier;
  /** The budget is almost used up: no higher tier than this. */
  budgetTier?: Tier;
}

export interface Candidate extends Omit<TierModel, "model"> {
  /** Null if it serves no tier. */
  tier: Tier | null;
  /** Undefined is the configured default. */
  model: string | undefined;
}

export interface Rejection {
  tier: Tier;
  model?: string;
  why: string;
}

export interface RouteChoice {
  /** Null if nothing is routed. */
  route: { tier: Tier; source: RouteSource } | null;
  /** In the order in which to try them. */
  candidates: readonly Candidate[];
  rejected: readonly Rejection[];
}

const rank = (tier: Tier): number => tierOrder.indexOf(tier);
export const isHigher = (a: Tier, b: Tier): boolean => rank(a) > rank(b);
const lower = (a: Tier, b: Tier): Tier => (isHigher(a, b) ? b : a);
export const nextTier = (tier: Tier): Tier | null => tierOrder[rank(tier) + 1] ?? null;

export function chooseTier(request: RouteRequest): RouteChoice {
  const named = request.userModel ?? request.callModel;
  if (named !== undefined) return { route: null, candidates: [{ tier: null, model: named }], rejected: [] };
  const wanted = chooseWantedTier(request);
  if (!hasTiers(request) || wanted === null)
    return { route: null, candidates: [defaultCandidate(request)], rejected: [] };
  const { rejected, ...route } = capTier(wanted, request);
  return { route, candidates: [...listCandidates(route.tier, request), defaultCandidate(request)], rejected };
}

function chooseWantedTier(request: RouteRequest): { tier: Tier; source: RouteSource } | null {
  const { callTier, userTier, rating, assessment, agent } = request;
  if (callTier) return { tier: callTier, source: "caller" };
  if (userTier) return { tier: userTier, source: "user" };
  if (agent?.tier) return { tier: agent.tier, source: "agent" };
  if (rating) return { tier: rating, source: "classifier" };
  return assessment && { tier: assessment.tier, source: "heuristic" };
}

/** A person's choice is capped by a budget too, but not by `maxTier`, which is for what is chosen automatically. */
function capTier(
  { tier, source }: { tier: Tier; source: RouteSource },
  { maxTier, budgetTier }: RouteRequest,
): { tier: Tier; source: RouteSource; rejected: Rejection[] } {
  const max = source === "user" ? undefined : maxTier;
  if (budgetTier && isHigher(tier, budgetTier)) {
    const capped = max ? lower(budgetTier, max) : budgetTier;
    return { tier: capped, source: "budget", rejected: [{ tier, why: "the budget is almost used up" }] };
  }
  if (max && isHigher(tier, max)) return { tier: max, source, rejected: [{ tier, why: `maxTier is ${max}` }] };
  return { tier, source, rejected: [] };
}

/** The models of the tier, then those of the nearest tiers: first up, then down. A cap applies to all. */
function listCandidates(tier: Tier, { agent, tiers, maxTier, budgetTier }: RouteRequest): Candidate[] {
  const max = [maxTier, budgetTier].reduce<Tier>((cap, one) => (one ? lower(cap, one) : cap), "advanced");
  const up = tierOrder.slice(rank(tier) + 1).filter((one) => !isHigher(one, max));
  const down = tierOrder.slice(0, rank(tier)).toReversed();
  const models = (one: Tier): readonly TierModel[] => agent?.tiers[one] ?? tiers[one] ?? [];
  return [tier, ...up, ...down].flatMap((one) => models(one).map((model) => ({ tier: one, ...model })));
}

const defaultCandidate = ({ agent, sessionModel }: RouteRequest): Candidate => ({
  tier: null,
  model: agent?.model ?? sessionModel,
  ...(agent?.model !== undefined && agent.effort && { effort: agent.effort }),
});

/** The choice, after candidates were refused for these reasons and `used` was taken. */
export function settleRoute(
  { route, rejected }: RouteChoice,
  used: Candidate,
  refused: readonly (Candidate & { why: string })[],
): { source: RouteSource; rejected: Rejection[] } | null {
  if (!route) return null;
  const more = refused.flatMap(({ tier, model, why }) =>
    tier === null ? [] : [{ tier, ...(model !== undefined && { model }), why }],
  );
  return { source: used.tier === route.tier ? route.source : "fallback", rejected: [...rejected, ...more] };
}

/** What a model needs for this turn; null if it has it. */
export function explainUnfit(
  model: { tools: boolean; vision: boolean; context: number | null },
  needs: { tools: boolean; images: boolean; context: number },
): string | null {
  if (needs.tools && !model.tools) return "it cannot call tools";
  if (needs.images && !model.vision) return "it cannot see images";
  if (model.context !== null && model.context < needs.context)
    return `its context of ${model.context} tokens is too small`;
  return null;
}
