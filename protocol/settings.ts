/** What a prompt may set for its turn. The lists of values stand apart from the schema, so that a client pays for no schema. */

/** What runs without an approval, from least to most: only reading; reading, the rest asks; edits too; all that no rule denies. */
export const modes = ["plan", "ask", "edit", "auto"] as const;
export type Mode = (typeof modes)[number];

/** How much a model reasons before it responds. */
export const efforts = ["none", "low", "medium", "high"] as const;
export type Effort = (typeof efforts)[number];

/** What the permission policy decides about a call. */
export const decisions = ["allow", "ask", "deny"] as const;

/** How capable, and how expensive, the model of a task should be, from least to most. */
export const tiers = ["quick", "standard", "advanced"] as const;
export type Tier = (typeof tiers)[number];

/** How easily a task gets a higher tier. */
export const routingModes = ["cost", "balanced", "quality"] as const;
export type RoutingMode = (typeof routingModes)[number];

/**
 * Who chose the tier of a turn: the call of a subagent, the user, the wording of the task, a quick model that rated it, the agent's default, a
 * model that made no progress, a plan whose rest is easier, a budget, or what could be used.
 */
export const routeSources = [
  "caller",
  "user",
  "heuristic",
  "classifier",
  "agent",
  "escalation",
  "deescalation",
  "budget",
  "fallback",
] as const;
export type RouteSource = (typeof routeSources)[number];

/** Requests that are not steps of a turn: `classifier` rated its task, `summary` compacted its history, `title` named the session. */
export const requestPurposes = ["classifier", "summary", "title"] as const;
