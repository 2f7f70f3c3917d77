/** Chooses and opens the models of one turn: at its start, when it is escalated, and when a provider fails. */
import { TuttiError } from "../../protocol/errors.ts";
import type { SessionEvent } from "../../protocol/events.ts";
import type { Routing } from "../../protocol/routing.ts";
import { formatRouteReason } from "../../protocol/routing-text.ts";
import type { Effort, Tier } from "../../protocol/settings.ts";
import type { Config } from "../config/config.ts";
import type { Model } from "../ports.ts";
import type { TaskAssessment } from "../routing/assess-turn.ts";
import { type Candidate, chooseTier, isHigher, type RouteRequest, settleRoute } from "../routing/choose-tier.ts";
import { chooseDeescalation, foldPlanProgress, startPlanProgress } from "../routing/deescalation.ts";
import { chooseEscalation, foldEscalation, startEscalation, trip } from "../routing/escalation.ts";
import { THRESHOLDS } from "../routing/thresholds.ts";
import {
  explainFallback,
  nameTier,
  type OpenCandidateDeps,
  type OpenedCandidate,
  openFirst,
} from "./open-candidate.ts";
import type { TaskRating } from "./rate-task.ts";

export interface TurnRoute {
  model: Model;
  /** Shown to the user. */
  reason: string;
  warnings: string[];
  effort?: Effort;
  /** Limits of the tier. */
  maxSteps?: number;
  maxCostUsd?: number;
  tier?: Tier;
  routing?: Routing;
}

/** The task of a turn, without what is assessed. */
export interface RoutedTask extends Omit<RouteRequest, "assessment"> {
  turn: string;
  /** The prompt. */
  text: string;
  cwd: string;
  routing: NonNullable<Config["routing"]>;
  images: boolean;
  /** Tokens of the prompt. */
  context: number;
  /** Tokens of the last request; 0 before the first. */
  contextUsed: number;
  /** USD of this session and its limit. */
  budget?: Routing["budget"];
  /** Called only if something can be routed. */
  assess(): Promise<TaskAssessment>;
  /** The tier that a step of a plan needs, by its wording. */
  createAssessor(): Promise<(text: string) => Tier>;
  /** A quick model's rating of the task; absent where no request may be sent. `open` opens that model. */
  rate?(open: () => Promise<{ model: Model; tier: Tier }>): Promise<TaskRating>;
}

/** `step`: a step has ended. `stuck`: the model repeats itself. `limit`: the steps of its tier are used up. `fault`: its provider failed. */
export type ReplaceCause = "step" | "stuck" | "limit" | "fault";

export interface TurnRouter {
  open(): Promise<TurnRoute>;
  observe(event: SessionEvent): void;
  /** Another model that continues the turn; null if this one does. */
  replace(cause: ReplaceCause): Promise<TurnRoute | null>;
}

export function createTurnRouter(deps: OpenCandidateDeps, task: RoutedTask): TurnRouter {
  let escalation = startEscalation(task.turn);
  let progress = startPlanProgress();
  let assessment: TaskAssessment | null = null;
  let current: { route: TurnRoute; candidate: Candidate } | null = null;
  /** No model of a higher tier can be used, or a provider failed: not tried again in this turn. */
  let isHighest = false;
  let isLowest = false;
  const failed: (Candidate & { why: string })[] = [];

  const openUsable = (candidates: readonly Candidate[]): Promise<OpenedCandidate> =>
    openFirst(
      deps,
      task,
      candidates.filter(({ model }) => !failed.some((one) => one.model === model)),
    );

  const take = (opened: OpenedCandidate, settled: Settled | null, notice?: string): TurnRoute => {
    const route = describeRoute(task, assessment, opened, settled);
    current = { candidate: opened.candidate, route };
    return notice === undefined ? route : { ...route, warnings: [notice, ...route.warnings] };
  };

  async function open(): Promise<TurnRoute> {
    assessment = await task.assess();
    const classifier = await rate(assessment);
    const rating = classifier?.tier && { rating: classifier.tier };
    const choice = chooseTier({ ...task, assessment: assessment.assessment, ...rating });
    const opened = await openUsable(choice.candidates);
    const settled = settleRoute(choice, opened.candidate, opened.refused);
    return take(opened, settled && { ...settled, ...(classifier && { classifier }), from: null, attempt: 1 });
  }

  /** Null if no rating is wanted: the tier was chosen, or the wording is clear. */
  async function rate({ isUncertain }: TaskAssessment): Promise<TaskRating | null> {
    const { callTier, userTier, budgetTier } = task;
    if (!task.routing.classifier || !isUncertain || callTier || userTier || task.agent?.tier) return null;
    if (!task.rate) return { reason: "no request is sent here; a turn asks the quick model" };
    if (budgetTier) return { reason: "the budget is almost used up" };
    return task.rate(async () => {
      const { candidates } = chooseTier({ ...task, callTier: "quick", assessment: null });
      const quick = candidates.filter(({ tier }) => tier === "quick");
      if (quick.length === 0) throw new TuttiError("config", "the quick tier has no model");
      const { route } = await openFirst(deps, { ...task, images: false }, quick);
      return { model: route.model, tier: "quick" };
    });
  }

  /** Continues in the tier `next`, or in another one on that side of `from`. Null if none has a usable model. */
  async function switchTier(
    source: "escalation" | "deescalation",
    from: Tier,
    next: Tier,
    why: string,
  ): Promise<TurnRoute | null> {
    const choice = chooseTier({ ...task, callTier: next, assessment: null });
    const isBeyond = (tier: Tier): boolean => (source === "escalation" ? isHigher(tier, from) : isHigher(from, tier));
    const candidates = choice.candidates.filter(({ tier }) => tier !== null && isBeyond(tier));
    const opened = await openUsable(candidates).catch(() => null);
    if (!opened) return null;
    const { rejected = [] } = settleRoute(choice, opened.candidate, opened.refused) ?? {};
    const attempt = (current?.route.routing?.attempt ?? 0) + 1;
    const notice = `${why} ${opened.route.model.id}${nameTier(opened.candidate)} continues.`;
    return take(opened, { source, rejected, from, attempt }, notice);
  }

  /** The person's choice of a tier is not overruled. */
  async function escalate(cause: "step" | "stuck" | "limit"): Promise<TurnRoute | null> {
    const tier = current?.candidate.tier;
    if (!tier || isHighest || task.userTier || !current?.route.routing) return null;
    const state = cause === "step" ? escalation : trip(escalation);
    const next = chooseEscalation(state, tier, task.budgetTier ?? task.routing.maxTier);
    if (next === null) return null;
    const why = cause === "limit" ? `The ${tier} tier reached its step limit.` : "The model made no progress.";
    const route = await switchTier("escalation", tier, next, why);
    isHighest = route === null;
    return route;
  }

  /** Images would be lost with the history. A tier that was chosen for the turn is kept. */
  async function deescalate(): Promise<TurnRoute | null> {
    const { routing, userTier, callTier } = task;
    const tier = current?.candidate.tier;
    if (!tier || !current?.route.routing || isLowest || routing.deescalate === false) return null;
    if (userTier || callTier || task.images || progress.plan.length === 0) return null;
    const next = chooseDeescalation(progress, escalation.score, tier, await task.createAssessor());
    if (next === null) return null;
    const route = await switchTier("deescalation", tier, next, "The rest of the plan is easier.");
    isLowest = route === null;
    return route;
  }

  async function failOver(): Promise<TurnRoute | null> {
    if (!current?.route.routing || current.candidate.tier === null) return null;
    const { candidate, route } = current;
    failed.push({ ...candidate, why: "its provider failed" });
    const choice = chooseTier({ ...task, ...(candidate.tier && { callTier: candidate.tier }), assessment: null });
    const same = choice.candidates.filter((one) => one.tier === candidate.tier);
    const opened = await openUsable(same).catch(() => null);
    if (!opened) return null;
    const rejected = settleRoute(choice, opened.candidate, [...failed, ...opened.refused])?.rejected ?? [];
    const { from, attempt } = route.routing as Routing;
    const notice = `The provider of ${route.model.id} failed. ${opened.route.model.id} continues.`;
    return take(opened, { source: "fallback", rejected, from, attempt }, notice);
  }

  return {
    open,
    observe(event) {
      if (!current?.route.routing) return;
      escalation = foldEscalation(escalation, event);
      progress = foldPlanProgress(progress, event);
    },
    async replace(cause) {
      if (cause === "fault") return failOver();
      return (await escalate(cause)) ?? (cause === "step" ? deescalate() : null);
    },
  };
}

/** The tier that a task would get, where no model is configured for any. */
export async function explainWithoutModel(task: RoutedTask): Promise<Pick<TurnRoute, "tier" | "routing">> {
  const assessed = await task.assess();
  const unnamed = [{ model: "" }];
  const tiers = { quick: unnamed, standard: unnamed, advanced: unnamed };
  const { route, rejected } = chooseTier({ ...task, tiers, assessment: assessed.assessment });
  if (!route) return {};
  const settled = { source: route.source, rejected: [...rejected], from: null, attempt: 1 };
  return { tier: route.tier, routing: createRouting(task, assessed, settled) };
}

type Settled = Pick<Routing, "source" | "rejected" | "from" | "attempt" | "classifier">;

/** `settled` is null if nothing was routed. */
function describeRoute(
  task: RoutedTask,
  assessed: TaskAssessment | null,
  opened: OpenedCandidate,
  settled: Settled | null,
): TurnRoute {
  const { route, candidate } = opened;
  if (!settled) return route;
  const { tier } = candidate;
  const routing = { ...createRouting(task, assessed, settled), ...estimate(route.model, task) };
  return {
    ...route,
    reason: tier === null ? route.reason : formatRouteReason(tier, routing),
    warnings: [...route.warnings, ...explainFallback(opened)],
    ...(tier && { tier }),
    routing,
  };
}

const createRouting = (task: RoutedTask, assessed: TaskAssessment | null, settled: Settled): Routing => ({
  ...settled,
  agent: task.agent?.name ?? DEFAULT_AGENT,
  mode: task.routing.mode ?? "balanced",
  score: assessed?.assessment.score ?? null,
  signals: [...(assessed?.assessment.signals ?? [])],
  thresholds: assessed?.thresholds ?? THRESHOLDS,
  ...(task.budget && { budget: task.budget }),
});

const DEFAULT_AGENT = "build";
/** Tokens of the system prompt and the tools, and of a response. */
const FIRST_REQUEST = 3_000;
const RESPONSE = 1_000;

function estimate({ inputPrice, outputPrice }: Model, { context, contextUsed }: RoutedTask): Pick<Routing, "estimate"> {
  if (inputPrice === null || outputPrice == null) return {};
  const input = Math.max(contextUsed, FIRST_REQUEST) + context;
  return { estimate: (input * inputPrice + RESPONSE * outputPrice) / 1e6 };
}
