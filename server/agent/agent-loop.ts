/**
 * The agent loop of one turn: request a response, run its tool calls, repeat until a response has none. Failures of a model, a tool or
 * a user never throw: the result states how the turn ended.
 */
import { type ErrorName, endSentence } from "../../protocol/errors.ts";
import type { Failure } from "../../protocol/events.ts";
import type { ModelFailure } from "../ports.ts";
import { createLoopDetector, type LoopDetector } from "./loop-detector.ts";
import { type ModelResponse, streamResponse } from "./stream-response.ts";
import { runCalls } from "./tool-calls.ts";
import { TURN_START, type TurnContext, type TurnPosition, type TurnResult } from "./turn-context.ts";

/** How often a step is retried after its response broke off, after its request did not fit, and after it was refused. */
const RETRIES = { cut: 1, overflow: 2, refused: 1 };

/** `from` continues a turn; the result is `next` if another model continues it. */
export async function runTurn(
  context: TurnContext,
  from: TurnPosition = TURN_START,
): Promise<TurnResult | { next: TurnPosition }> {
  const loopDetector = createLoopDetector(context.limits, context.earlierCalls);
  let refused: Failure | null = null;
  let { cost } = from;
  const { tier } = context.limits;
  /** The same tier goes on with another model after a fault of a provider. */
  const goOn = (step: number, isSameTier = false): { next: TurnPosition } => ({
    next: { step, cost, tier: isSameTier ? from.tier : { step, cost } },
  });
  const append: TurnContext["append"] = (event) => {
    if (event.type === "usage.counted") cost += event.usage.cost ?? 0;
    context.append(event);
  };
  for (let { step } = from; ; step++) {
    if (step > context.limits.steps)
      return endAtLimit(`The turn reached its step limit (${context.limits.steps}). Prompt again to continue.`);
    if (tier && step >= from.tier.step + tier.steps) {
      if (await context.replaceModel("limit", step)) return goOn(step);
      return endAtLimit(
        `The turn reached the step limit of the ${tier.name} tier (${tier.steps}). Prompt again to continue.`,
      );
    }
    for (const steering of await context.takeSteering()) append(steering);
    const response = await requestResponse({ ...context, append }, step, loopDetector);
    if (response === "replaced" || response === "failedOver") return goOn(step + 1, response === "failedOver");
    if ("outcome" in response) return response;
    if (context.limits.cost !== null && cost >= context.limits.cost) {
      if (response.calls.length > 0 || response.stop.reason === "length")
        return endOverBudget("turn", context.limits.cost, cost);
    }
    if (tier && cost - from.tier.cost >= tier.cost && response.calls.length > 0)
      return endOverBudget(`${tier.name} tier`, tier.cost, cost - from.tier.cost);
    if (response.calls.length === 0) {
      if (response.stop.reason === "length")
        return endAtLimit("The response was cut off at the model's output limit.", "outputLimit");
      if (response.stop.reason === "filtered") {
        return {
          outcome: "failed",
          failure: { code: "model", message: "The provider's content filter stopped the response." },
        };
      }
      if (refused) return { outcome: "failed", failure: refused };
      if (await context.hooks.turnEnding()) continue;
      return { outcome: "done" };
    }
    const result = await runCalls(context, step, response.calls, loopDetector);
    if (context.signal.aborted) return { outcome: "cancelled" };
    const isStuck = result.failure?.code === "limit";
    if ((isStuck || !result.failure) && (await context.replaceModel(isStuck ? "stuck" : "step", step + 1)))
      return goOn(step + 1);
    if (result.failure)
      return { outcome: result.failure.code === "limit" ? "limit" : "failed", failure: result.failure };
    refused = result.refused;
  }
}

/** A response with text or calls, or the turn's result if there is none; `replaced` if another tier continues, `failedOver` if another model. */
async function requestResponse(
  context: TurnContext,
  step: number,
  loopDetector: LoopDetector,
): Promise<ModelResponse | TurnResult | "replaced" | "failedOver"> {
  const retries = { ...RETRIES };
  for (let attempt = 1; ; attempt++) {
    if (context.signal.aborted) return { outcome: "cancelled" };
    // The disk write overlaps with building the request; if it fails, the error is thrown below and nothing was sent.
    const synced = context.sync();
    synced.catch(() => undefined);
    const messages = await context.history(step);
    const { block, ...overrides } = await context.hooks.modelBefore(step, messages.length);
    if (block !== undefined) return { outcome: "failed", failure: { code: "refused", message: block } };
    const { system, toolSpecs, settings } = context;
    const request = { after: synced, system: system(), messages, tools: [...toolSpecs()], ...settings, ...overrides };
    const position = { turn: context.turn, step, attempt };
    const response = await streamResponse(context.model, request, position, context.append, context);
    await synced;
    await context.hooks.modelAfter(step);
    const { stop } = response;
    if (stop.reason === "cancelled" || context.signal.aborted) return { outcome: "cancelled" };
    if (stop.reason === "failed") {
      const { failure } = stop;
      if (failure.kind === "cut" && retries.cut-- > 0) {
        context.append({
          type: "notice.shown",
          level: "info",
          text: `${endSentence(failure.message)} Requesting it again.`,
        });
        continue;
      }
      const retry = failure.kind === "overflow" ? "overflow" : "refused";
      if (canRecover(failure) && retries[retry]-- > 0 && (await context.recover(failure, step))) continue;
      if (context.signal.aborted) return { outcome: "cancelled" };
      if (isFault(failure) && (await context.replaceModel("fault", step + 1))) return "failedOver";
      return { outcome: failure.kind === "budget" ? "limit" : "failed", failure: toFailure(failure) };
    }
    context.onAccepted();
    const empty = response.calls.length === 0 && !response.hasText && stop.reason === "done";
    const loopFailure = loopDetector.onResponse(empty);
    if (loopFailure) {
      if (await context.replaceModel("stuck", step + 1)) return "replaced";
      return { outcome: "failed", failure: loopFailure };
    }
    if (!empty) return response;
  }
}

const canRecover = ({ kind }: ModelFailure): boolean =>
  kind === "overflow" || kind === "request" || kind === "unsupported" || kind === "server";

/** A fault of the provider, which another one may not have. */
const isFault = ({ kind }: ModelFailure): boolean =>
  kind !== "overflow" && kind !== "diverged" && kind !== "request" && kind !== "budget";

const endAtLimit = (message: string, code: ErrorName = "limit"): TurnResult => ({
  outcome: "limit",
  failure: { code, message },
});

const endOverBudget = (subject: string, limit: number, cost: number): TurnResult => ({
  outcome: "limit",
  failure: { code: "budget", message: `The ${subject} has cost $${cost.toFixed(4)}, and its budget is $${limit}.` },
});

/** Maps a provider failure to an error name of protocol/errors.ts. */
function toFailure({ kind, message, retryAt }: ModelFailure): Failure {
  const code =
    kind === "auth" || kind === "overflow" || kind === "budget" ? kind : kind === "diverged" ? "failed" : "model";
  return { code, message, ...(retryAt !== undefined && { retryAt }) };
}
