/** Chooses and opens the models of one turn: at its start, when it is escalated, and when a provider fails. */
import { describeError, endSentence, TuttiError } from "../../protocol/errors.ts";
import type { Routing, SessionEvent } from "../../protocol/events.ts";
import { formatRouteReason } from "../../protocol/routing-text.ts";
import type { Effort, Tier } from "../../protocol/settings.ts";
import type { Config } from "../config/config.ts";
import type { Model } from "../ports.ts";
import type { TaskAssessment } from "../routing/assess-turn.ts";
import {
  type Candidate,
  chooseTier,
  explainUnfit,
  isHigher,
  type RouteChoice,
  type RouteRequest,
  settleRoute,
} from "../routing/choose-tier.ts";
import { chooseEscalation, foldEscalation, startEscalation, trip } from "../routing/escalation.ts";

export interface TurnRoute {
  model: Model;
  /** Shown to the user. */
  reason: string;
  warnings: string[];
  effort?: Effort;
  tier?: Tier;
  routing?: Routing;
}

export interface TurnRouterDeps {
  openModel(name: string | undefined, cwd: string): Promise<Pick<TurnRoute, "model" | "reason" | "warnings">>;
}

/** The task of a turn, without what is assessed. */
export interface RoutedTask extends Omit<RouteRequest, "assessment"> {
  turn: string;
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
}

/** `step`: a step has ended. `stuck`: the model repeats itself. `fault`: its provider failed. */
export type ReplaceCause = "step" | "stuck" | "fault";

export interface TurnRouter {
  open(): Promise<TurnRoute>;
  observe(event: SessionEvent): void;
  /** Another model that continues the turn; null if this one does. */
  replace(cause: ReplaceCause): Promise<TurnRoute | null>;
}

interface Opened {
  route: TurnRoute;
  candidate: Candidate;
  refused: (Candidate & { why: string })[];
}

export function createTurnRouter(deps: TurnRouterDeps, task: RoutedTask): TurnRouter {
  let escalation = startEscalation(task.turn);
  let assessment: TaskAssessment | null = null;
  let current: { route: TurnRoute; candidate: Candidate } | null = null;
  /** No model of a higher tier can be used, or a provider failed: not tried again in this turn. */
  let isHighest = false;
  const failed: (Candidate & { why: string })[] = [];

  const take = ({ route, candidate }: Opened): TurnRoute => {
    current = { route, candidate };
    return route;
  };

  async function open(): Promise<TurnRoute> {
    assessment = await task.assess();
    const choice = chooseTier({ ...task, assessment: assessment?.assessment ?? null });
    const opened = await openFirst(choice);
    const settled = settleRoute(choice, opened.candidate, opened.refused);
    return take(describe(opened, settled && { ...settled, from: null, attempt: 1 }));
  }

  async function openFirst({ candidates }: RouteChoice): Promise<Opened> {
    const refused: Opened["refused"] = [];
    const usable = candidates.filter(({ model }) => !failed.some((one) => one.model === model));
    for (const candidate of usable) {
      const isLast = candidate === usable.at(-1);
      try {
        const opened = await deps.openModel(candidate.model, task.cwd);
        const needs = { tools: true, images: task.images, context: task.context };
        const unfit = isLast ? null : explainUnfit(opened.model, needs);
        if (unfit === null)
          return { candidate, refused, route: { ...opened, ...(candidate.effort && { effort: candidate.effort }) } };
        refused.push({ ...candidate, why: unfit });
      } catch (error) {
        if (isLast) throw refused.length > 0 ? explainAllRefused(refused, error) : error;
        refused.push({ ...candidate, why: describeError(error) });
      }
    }
    throw new Error("No candidate is left.");
  }

  type Settled = Pick<Routing, "source" | "rejected" | "from" | "attempt">;

  function describe(opened: Opened, settled: Settled | null): Opened {
    const { route, candidate } = opened;
    if (!settled) return opened;
    const { tier } = candidate;
    const routing: Routing = {
      ...settled,
      agent: task.agent?.name ?? DEFAULT_AGENT,
      mode: task.routing.mode ?? "balanced",
      score: assessment?.assessment.score ?? null,
      signals: [...(assessment?.assessment.signals ?? [])],
      thresholds: assessment?.thresholds ?? DEFAULT_THRESHOLDS,
      ...(task.budget && { budget: task.budget }),
      ...estimate(route.model, task),
    };
    return {
      ...opened,
      route: {
        ...route,
        reason: tier === null ? route.reason : formatRouteReason(tier, routing),
        warnings: [...route.warnings, ...explainFallback(opened)],
        ...(tier && { tier }),
        routing,
      },
    };
  }

  /** The person's choice of a tier is not overruled. */
  async function escalate(stuck: boolean): Promise<TurnRoute | null> {
    const tier = current?.candidate.tier;
    if (!tier || isHighest || task.userTier || !current?.route.routing) return null;
    const state = stuck ? trip(escalation) : escalation;
    const next = chooseEscalation(state, tier, task.budgetTier ?? task.routing.maxTier);
    if (next === null) return null;
    const choice = chooseTier({ ...task, callTier: next, assessment: null });
    const higher = choice.candidates.filter((one) => one.tier !== null && isHigher(one.tier, tier));
    const opened = await openFirst({ ...choice, candidates: higher }).catch(() => null);
    isHighest = opened === null;
    if (!opened) return null;
    const { rejected = [] } = settleRoute(choice, opened.candidate, opened.refused) ?? {};
    const attempt = current.route.routing.attempt + 1;
    const described = describe(opened, { source: "escalation", rejected, from: tier, attempt });
    const text = `The model made no progress. ${opened.route.model.id}${nameTier(opened.candidate)} continues.`;
    return take(addWarning(described, text));
  }

  async function failOver(): Promise<TurnRoute | null> {
    if (!current?.route.routing || current.candidate.tier === null) return null;
    const { candidate, route } = current;
    failed.push({ ...candidate, why: "its provider failed" });
    const choice = chooseTier({ ...task, ...(candidate.tier && { callTier: candidate.tier }), assessment: null });
    const same = choice.candidates.filter((one) => one.tier === candidate.tier);
    const opened = await openFirst({ ...choice, candidates: same }).catch(() => null);
    if (!opened) return null;
    const rejected = settleRoute(choice, opened.candidate, [...failed, ...opened.refused])?.rejected ?? [];
    const { from, attempt } = route.routing as Routing;
    const text = `The provider of ${route.model.id} failed. ${opened.route.model.id} continues.`;
    return take(addWarning(describe(opened, { source: "fallback", rejected, from, attempt }), text));
  }

  return {
    open,
    observe(event) {
      if (current?.route.routing) escalation = foldEscalation(escalation, event);
    },
    replace: (cause) => (cause === "fault" ? failOver() : escalate(cause === "stuck")),
  };
}

const DEFAULT_AGENT = "build";
/** Tokens of the system prompt and the tools, and of a response. */
const FIRST_REQUEST = 3_000;
const RESPONSE = 1_000;

function estimate({ inputPrice, outputPrice }: Model, { context, contextUsed }: RoutedTask): Pick<Routing, "estimate"> {
  if (inputPrice === null || outputPrice == null) return {};
  const input = Math.max(contextUsed, FIRST_REQUEST) + context;
  return { estimate: (input * inputPrice + RESPONSE * outputPrice) / 1e6 };
}

const DEFAULT_THRESHOLDS = { quick: -2, advanced: 4 };

const explainFallback = ({ refused, candidate, route }: Opened): string[] => {
  const [first] = refused;
  if (!first?.tier || candidate.tier === first.tier) return [];
  return [
    `No model of the ${first.tier} tier can be used (${first.model}: ${first.why.replace(/\.$/, "")}). Using ${route.model.id}${nameTier(candidate)}.`,
  ];
};

/** The code is that of the default model, for which there is a remedy; the reasons are those of the tiers. */
const explainAllRefused = (refused: Opened["refused"], error: unknown): TuttiError =>
  new TuttiError(
    error instanceof TuttiError ? error.code : "config",
    `No model of a tier can be used: ${refused.map(({ tier, model, why }) => `${tier} (${model}): ${endSentence(why)}`).join(" ")} The default model cannot be used, either: ${describeError(error)}`,
  );

const nameTier = ({ tier }: Candidate): string => (tier === null ? "" : ` of the ${tier} tier`);

const addWarning = (opened: Opened, text: string): Opened => ({
  ...opened,
  route: { ...opened.route, warnings: [text, ...opened.route.warnings] },
});
