/** How much to think, said the way the target understands, and only with words that it accepts. Pure. */
import type { Target } from "../target.ts";

export type Effort = "none" | "low" | "medium" | "high";

const scale = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
const budgets: Record<Effort, number> = { none: 0, low: 2_048, medium: 8_192, high: 16_384 };

/** The nearest word that the model accepts, the smaller of two as near; undefined where it accepts none of this side. */
export function effortWord(effort: Effort, words: readonly string[] | undefined): string | undefined {
  if (words === undefined) return effort === "none" ? undefined : effort;
  if (effort === "none") return words.find((word) => word === "none" || word === "off");
  const wanted = scale.indexOf(effort);
  const ranked = words
    .filter((word) => scale.indexOf(word) > 0)
    .map((word) => ({ word, far: Math.abs(scale.indexOf(word) - wanted), at: scale.indexOf(word) }))
    .sort((a, b) => a.far - b.far || a.at - b.at);
  return ranked[0]?.word;
}

type Style = NonNullable<Target["compat"]["effortStyle"]>;
type Body = Record<string, unknown>;

const field = (effort: Effort, words: readonly string[] | undefined): Body => {
  const word = effortWord(effort, words);
  return word === undefined ? {} : { reasoning_effort: word };
};

const styles: Record<Style, (effort: Effort, words: readonly string[] | undefined) => Body> = {
  reasoning_effort: field,
  "thinking-type": (effort, words) => ({
    thinking: { type: effort === "none" ? "disabled" : "enabled" },
    ...(effort === "none" || words === undefined ? {} : field(effort, words)),
  }),
  "thinking-budget": (effort) => ({
    thinking: effort === "none" ? { type: "disabled" } : { type: "enabled", budget_tokens: budgets[effort] },
  }),
  enable_thinking: (effort) => ({ enable_thinking: effort !== "none" }),
  chat_template_kwargs: (effort) => ({ chat_template_kwargs: { enable_thinking: effort !== "none" } }),
  none: () => ({}),
};

/** What the body says about effort. With tools some models think only where told not to. */
export function effortBody(
  target: Target,
  effort: Effort | undefined,
  tools: boolean,
  toolsEffort: "none" | undefined,
): Body {
  if (tools && toolsEffort === "none") return { reasoning_effort: "none" };
  if (effort === undefined || !target.reasoning) return {};
  return styles[target.compat.effortStyle ?? "reasoning_effort"](effort, target.compat.efforts);
}
