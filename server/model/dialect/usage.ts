/** Tokens and cost of one request, from what the endpoint reports, or estimated if it reports nothing. Pure. */
import type { Usage } from "../../../protocol/events.ts";
import type { Price, Target } from "../target.ts";

type Json = Record<string, unknown>;

const record = (value: unknown): Json => (typeof value === "object" && value !== null ? (value as Json) : {});
const count = (...values: unknown[]): number => {
  for (const value of values) if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  return 0;
};

export interface TokenCounts {
  input: number;
  cached: number;
  written: number;
  output: number;
  reasoning: number;
}

export function readUsage(raw: Json, separateReasoning: boolean): TokenCounts {
  const details = record(raw.prompt_tokens_details ?? raw.input_tokens_details);
  const outputDetails = record(raw.completion_tokens_details ?? raw.output_tokens_details);
  const prompt = count(raw.prompt_tokens, raw.input_tokens);
  const cached = count(
    details.cached_tokens,
    raw.prompt_cache_hit_tokens,
    raw.cached_tokens,
    raw.cache_read_input_tokens,
  );
  const written = count(
    details.cache_creation_input_tokens,
    details.cache_write_tokens,
    raw.cache_creation_input_tokens,
  );
  const outside = raw.prompt_tokens === undefined && raw.cache_read_input_tokens !== undefined;
  const input = outside || cached + written > prompt ? prompt + cached + written : prompt;
  const reasoning = count(outputDetails.reasoning_tokens, raw.reasoning_tokens);
  const completion = count(raw.completion_tokens, raw.output_tokens);
  const summed = reasoning > 0 && raw.total_tokens === prompt + completion + reasoning;
  const apart = separateReasoning || summed || reasoning > completion;
  return { input, cached, written, output: apart ? completion + reasoning : completion, reasoning };
}

export function calculateCost(counts: TokenCounts, price: Price | null): number | null {
  if (price === null) return null;
  const { input, cached, written, output } = counts;
  const fresh = Math.max(0, input - cached - written);
  const inputCost =
    fresh * price.input + cached * (price.cached ?? price.input) + written * (price.cacheWrite ?? price.input);
  return (inputCost + output * price.output) / 1e6;
}

/** About four characters a token. */
export const estimateTokens = (characters: number) => Math.ceil(characters / 4);

export interface EstimatedTokens {
  input: number;
  output: number;
  reasoning: number;
}

/** Uses `estimates` for endpoints that report nothing, and for local servers that count only uncached input. */
export function buildUsage(raw: Json | null, estimates: EstimatedTokens, target: Target): Usage {
  const separate = target.compat.usageDialect === "separate-reasoning";
  const counts: TokenCounts = raw === null ? { ...estimates, cached: 0, written: 0 } : readUsage(raw, separate);
  const isImplausible = target.local && raw !== null && counts.input < estimates.input / 10;
  const isEmpty = raw !== null && counts.input === 0 && counts.output === 0;
  const finalCounts: TokenCounts = isEmpty
    ? { ...estimates, cached: 0, written: 0 }
    : isImplausible
      ? { ...counts, input: estimates.input }
      : counts;
  const { input, cached, output, reasoning } = finalCounts;
  return {
    input,
    cached,
    output,
    reasoning,
    cost: calculateCost(finalCounts, target.price),
    estimated: raw === null || isEmpty || isImplausible,
  };
}
