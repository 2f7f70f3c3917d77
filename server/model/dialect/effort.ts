/** Maps the effort setting to the fields and values that a target accepts. Pure. */
import type { Target } from "../target.ts";

export type Effort = "none" | "low" | "medium" | "high";

const effortScale = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const budgets: Record<Effort, number> = { none: 0, low: 2_048, medium: 8_192, high: 16_384 };

/** The nearest value that the model accepts, the lower of two equally near; undefined if there is none. */
export function mapEffort(effort: Effort, words: readonly string[] | undefined): string | undefined {
  if (words === undefined) return effort === "none" ? undefined : effort;
  if (effort === "none") return words.find((word) => word === "none" || word === "off");
  const target = effortScale.indexOf(effort);
  const ranked = words
    .filter((word) => effortScale.indexOf(word) > 0)
    .map((word) => ({ word, far: Math.abs(effortScale.indexOf(word) - target), at: effortScale.indexOf(word) }))
    .sort((a, b) => a.far - b.far || a.at - b.at);
  return ranked[0]?.word;
}

type Style = NonNullable<Target["compat"]["effortStyle"]>;
type Body = Record<string, unknown>;

const buildEffortField = (effort: Effort, words: readonly string[] | undefined): Body => {
  const word = mapEffort(effort, words);
  return word === undefined ? {} : { reasoning_effort: word };
};

const styles: Record<Style, (effort: Effort, words: readonly string[] | undefined) => Body> = {
  reasoning_effort: buildEffortField,
  "thinking-type": (effort, words) => ({
    thinking: { type: effort === "none" ? "disabled" : "enabled" },
    ...(effort === "none" || words === undefined ? {} : buildEffortField(effort, words)),
  }),
  "thinking-budget": (effort) => ({
    thinking: effort === "none" ? { type: "disabled" } : { type: "enabled", budget_tokens: budgets[effort] },
  }),
  enable_thinking: (effort) => ({ enable_thinking: effort !== "none" }),
  chat_template_kwargs: (effort) => ({ chat_template_kwargs: { enable_thinking: effort !== "none" } }),
  none: () => ({}),
};

/** The body fields for effort. Some models require effort `none` when tools are present. */
export function buildEffortFields(
  target: Target,
  effort: Effort | undefined,
  tools: boolean,
  toolsEffort: "none" | undefined,
): Body {
  if (tools && toolsEffort === "none") return { reasoning_effort: "none" };
  if (effort === undefined || !target.reasoning) return {};
  return styles[target.compat.effortStyle ?? "reasoning_effort"](effort, target.compat.efforts);
}
