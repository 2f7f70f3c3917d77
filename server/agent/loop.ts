/**
 * One turn: ask the model, run what it calls, again, until it rests. It reads top to bottom; what each line means is in the
 * file that it calls. It never throws for what a model, a tool or a person does: a turn has one end, and says which.
 */
import type { Failure } from "../../protocol/events.ts";
import type { ModelFailure } from "../ports.ts";
import { runCalls } from "./calls.ts";
import { createGuard, type Guard } from "./guard.ts";
import { type Spoken, speak } from "./speak.ts";
import type { TurnResult, TurnWorld } from "./turn.ts";

/** How often the same step is asked again after its answer broke off, and after its history was made to fit. */
const RETRIES = { cut: 1, overflow: 1 };

export async function runTurn(world: TurnWorld): Promise<TurnResult> {
  const guard = createGuard(world.limits, world.earlierCalls);
  let refused: Failure | null = null;
  let spent = 0;
  const append: TurnWorld["append"] = (event) => {
    if (event.type === "usage.counted") spent += event.usage.cost ?? 0;
    world.append(event);
  };
  for (let step = 1; ; step++) {
    if (step > world.limits.steps)
      return stopped(`${world.limits.steps} steps were taken, which is the limit of a turn. Prompt again to go on.`);
    for (const steering of world.takeSteering()) append(steering);
    const spoken = await answer({ ...world, append }, step, guard);
    if ("outcome" in spoken) return spoken;
    if (world.limits.cost !== null && spent >= world.limits.cost) {
      if (spoken.calls.length > 0 || spoken.stop.reason === "length") return overBudget(world.limits.cost, spent);
    }
    if (spoken.calls.length === 0) {
      if (spoken.stop.reason === "length") return stopped("The answer was cut off at the model's output limit.");
      if (spoken.stop.reason === "filtered") {
        return {
          outcome: "failed",
          failure: { code: "model", message: "The provider's content filter stopped the answer." },
        };
      }
      if (refused) return { outcome: "failed", failure: refused };
      if (await world.hooks.turnEnding()) continue;
      return { outcome: "done" };
    }
    const result = await runCalls(world, step, spoken.calls, guard);
    if (world.signal.aborted) return { outcome: "cancelled" };
    if (result.failure)
      return { outcome: result.failure.code === "limit" ? "limit" : "failed", failure: result.failure };
    refused = result.refused;
  }
}

/** An answer that says something or calls something, or how the turn ends without one. */
async function answer(world: TurnWorld, step: number, guard: Guard): Promise<Spoken | TurnResult> {
  const left = { ...RETRIES };
  for (let attempt = 1; ; attempt++) {
    if (world.signal.aborted) return { outcome: "cancelled" };
    // The disk works while the request is built; what the disk refuses is thrown below, when nothing was sent.
    const synced = world.sync();
    synced.catch(() => undefined);
    const messages = await world.history(step);
    const { block, ...wanted } = await world.hooks.modelBefore(step, messages.length);
    if (block !== undefined) return { outcome: "failed", failure: { code: "refused", message: block } };
    const { system, specs, settings } = world;
    const request = { after: synced, system: system(), messages, tools: [...specs], ...settings, ...wanted };
    const at = { turn: world.turn, step, attempt };
    const spoken = await speak(world.model, request, at, world.append, world);
    await synced;
    await world.hooks.modelAfter(step);
    const { stop } = spoken;
    if (stop.reason === "cancelled" || world.signal.aborted) return { outcome: "cancelled" };
    if (stop.reason === "failed") {
      const { failure } = stop;
      if (failure.kind === "cut" && left.cut-- > 0) continue;
      if (failure.kind === "overflow" && left.overflow-- > 0 && (await world.compact(failure.message, step))) continue;
      if (world.signal.aborted) return { outcome: "cancelled" };
      return { outcome: "failed", failure: failed(failure) };
    }
    const empty = spoken.calls.length === 0 && !spoken.text && stop.reason === "done";
    const enough = guard.answered(empty);
    if (enough) return { outcome: "failed", failure: enough };
    if (!empty) return spoken;
  }
}

const stopped = (message: string): TurnResult => ({ outcome: "limit", failure: { code: "limit", message } });

const overBudget = (limit: number, spent: number): TurnResult => ({
  outcome: "limit",
  failure: { code: "budget", message: `The turn has cost $${spent.toFixed(4)}, and its budget is $${limit}.` },
});

/** The name in protocol/errors.ts for what a provider did. */
function failed({ kind, message, retryAt }: ModelFailure): Failure {
  const code = kind === "auth" || kind === "overflow" ? kind : kind === "diverged" ? "failed" : "model";
  return { code, message, ...(retryAt !== undefined && { retryAt }) };
}
