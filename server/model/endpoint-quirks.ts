/**
 * Quirks of one endpoint, learned from its error responses and applied to later requests while the model is open. A table of rules,
 * each recognized by the error text.
 */

import type { RequestError } from "./request-error.ts";
import type { Compat, Target } from "./target.ts";

export interface EndpointQuirks {
  streamUsage: boolean;
  toolsEffort: Compat["toolsEffort"];
  effort: boolean;
  maxTokensField: NonNullable<Compat["maxTokensField"]>;
  dropped: string[];
}

export const createQuirks = (target: Target): EndpointQuirks => ({
  streamUsage: target.compat.streamUsage !== "none",
  toolsEffort: target.compat.toolsEffort,
  effort: true,
  maxTokensField: target.compat.maxTokensField ?? "max_tokens",
  dropped: [],
});

interface QuirkRule {
  pattern: RegExp;
  /** Null if the quirk is already applied and so did not help. */
  apply(quirks: EndpointQuirks): Partial<EndpointQuirks> | null;
  notice?(target: Target): string;
}

const quirkRules: QuirkRule[] = [
  {
    pattern: /stream_options|include_usage/,
    apply: (quirks) => (quirks.streamUsage ? { streamUsage: false } : null),
  },
  {
    pattern:
      /tools? .{0,30}(with|and) .{0,20}reasoning_effort|reasoning_effort.{0,60}(with|and) .{0,20}tools|tools? .{0,60}reasoning_effort.{0,20}none/,
    apply: (quirks) => (quirks.toolsEffort === "none" ? null : { toolsEffort: "none" }),
    notice: (target) => `${target.model} cannot reason and use tools together at this endpoint. Reasoning is off.`,
  },
  {
    pattern: /max_tokens.{0,80}max_completion_tokens/,
    apply: (quirks) => (quirks.maxTokensField === "max_tokens" ? { maxTokensField: "max_completion_tokens" } : null),
  },
  {
    pattern:
      /(reasoning_effort|enable_thinking|chat_template_kwargs|thinking).{0,80}(not support|unsupported|unknown|unrecognized|not permitted|invalid|extra)|(not support|unsupported|unknown|unrecognized|unexpected).{0,60}(reasoning_effort|enable_thinking|chat_template_kwargs)/,
    apply: (quirks) => (quirks.effort ? { effort: false } : null),
    notice: (target) => `${target.model} does not accept an effort at this endpoint. None is sent.`,
  },
  ...["parallel_tool_calls", "prompt_cache_key", "response_format", "tool_choice"].map(
    (name): QuirkRule => ({
      pattern: new RegExp(
        `(not support|unsupported|unknown|unrecognized|unexpected|extra inputs).{0,60}${name}|${name}.{0,40}(not support|unsupported|unknown|unrecognized|not permitted|extra inputs)`,
      ),
      apply: (quirks) => (quirks.dropped.includes(name) ? null : { dropped: [...quirks.dropped, name] }),
    }),
  ),
];

/** The quirk that explains this error, or null. The request is then retried at once. */
export function learnQuirk(
  error: RequestError,
  quirks: EndpointQuirks,
  target: Target,
): { quirks: EndpointQuirks; notice: string | null } | null {
  const status = error.status ?? 0;
  if ((status !== 400 && status !== 422 && status !== 404) || error.failure.kind === "overflow") return null;
  const text = (error.endpointText ?? "").toLowerCase();
  for (const rule of quirkRules) {
    if (!rule.pattern.test(text)) continue;
    const changes = rule.apply(quirks);
    if (changes !== null) return { quirks: { ...quirks, ...changes }, notice: rule.notice?.(target) ?? null };
  }
  return null;
}
