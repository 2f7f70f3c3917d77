/** The usage of a session by model, as a fold. Pure. */
import type { Usage } from "./events.ts";
import type { ModelUsage } from "./parts.ts";

export function addUsage(all: readonly ModelUsage[], model: string, usage: Usage): readonly ModelUsage[] {
  const index = all.findIndex((known) => known.model === model);
  const known = all[index];
  if (!known) return [...all, { model, requests: 1, ...usage }];
  return all.with(index, {
    model,
    requests: known.requests + 1,
    input: known.input + usage.input,
    cached: known.cached + usage.cached,
    output: known.output + usage.output,
    reasoning: known.reasoning + usage.reasoning,
    cost: known.cost === null || usage.cost === null ? null : known.cost + usage.cost,
    estimated: known.estimated || usage.estimated,
  });
}
