/** How a tier was chosen, in words, for people. Pure. */
import type { Routing } from "./routing.ts";
import type { RouteSource, Tier } from "./settings.ts";

const SOURCES: Readonly<Record<RouteSource, string>> = {
  caller: "the agent that started this task asked for it",
  user: "you chose it",
  heuristic: "by the wording of the task",
  classifier: "a quick model rated the task",
  agent: "it is the default of the agent",
  escalation: "the model before made no progress",
  deescalation: "the rest of the plan is easier",
  budget: "the budget is almost used up",
  fallback: "the model of the wanted tier could not be used",
};

/** One line: why a model of this tier is used. */
export const formatRouteReason = (tier: Tier, { source }: Pick<Routing, "source">): string =>
  `${tier} tier: ${SOURCES[source]}`;

export interface RouteView {
  model: string;
  modelReason: string;
  tier?: Tier | undefined;
  routing?: Routing | undefined;
}

/** The lines of `/why` and of `tutti route`. */
export function explainRoute({ model, modelReason, tier, routing }: RouteView): string[] {
  if (model === "" && !routing) return ["No model was used yet."];
  if (!routing)
    return [`${model}: ${modelReason}.`, "Nothing was routed: a model was named, or no tiers are configured."];
  const { from, score, signals, thresholds, classifier, rejected, estimate, budget, mode, attempt, agent } = routing;
  const asTier = tier === undefined ? "no tier" : `the ${tier} tier`;
  const used = model === "" ? "No model is configured" : model;
  return [
    `${used}, ${asTier}, for the agent ${agent}: ${SOURCES[routing.source]}.`,
    ...(from === null ? [] : [`Before, the turn used the ${from} tier; this is its model number ${attempt}.`]),
    ...(score === null ? [] : [formatScore(score, thresholds, mode)]),
    ...signals.map(({ id, points }) => `  ${points > 0 ? "+" : ""}${points}  ${id}`),
    ...(classifier ? [formatClassifier(classifier)] : []),
    ...rejected.map((one) => `Not used: ${one.model ?? `the ${one.tier} tier`}: ${one.why}.`.replace(/\.+$/, ".")),
    ...(estimate ? [`Estimated cost of the next request: $${estimate.toFixed(4)}.`] : []),
    ...(budget ? [`Spent in this session: $${budget.spent.toFixed(4)} of $${budget.limit}.`] : []),
  ];
}

const formatScore = (score: number, { quick, advanced }: Routing["thresholds"], mode: Routing["mode"]): string =>
  `Score ${score}: at most ${quick} is quick, at least ${advanced} is advanced (mode ${mode}).`;

function formatClassifier({ model, tier, confidence, reason }: NonNullable<Routing["classifier"]>): string {
  const end = reason.replace(/[.\s]*$/, ".");
  if (tier === undefined) return `The score is near a threshold, but no model rated the task: ${end}`;
  return `The score is near a threshold. ${model} rated the task as ${tier} (confidence ${confidence}): ${end}`;
}
