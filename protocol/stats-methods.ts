/** Methods about usage over time. */
import { z } from "zod";
import { request, session } from "./method.ts";
import { tiers } from "./settings.ts";

/** What one model was used for on one local day, by one agent, in one session. */
const usageRow = z.object({
  /** `YYYY-MM-DD`, in the time zone of the server. */
  day: z.string(),
  session,
  /** Of the session. */
  title: z.string(),
  model: z.string(),
  agent: z.string(),
  /** Absent if no tier was chosen. */
  tier: z.string().optional(),
  /** The purpose of requests that are not steps of a turn, such as `classifier`. */
  purpose: z.string().optional(),
  requests: z.number(),
  /** Tokens; `cached` are part of `input`. */
  input: z.number(),
  cached: z.number(),
  output: z.number(),
  /** USD of the requests that have a price. */
  cost: z.number(),
  /** Requests without a price. */
  unpriced: z.number(),
});
export type UsageRow = z.infer<typeof usageRow>;

/** What is used of a limit, and the limit. */
const used = z.object({ spent: z.number(), limit: z.number() }).optional();

const budget = z.object({
  /** `tier`: of one tier in the session. */
  scope: z.enum(["session", "day", "tier"]),
  tier: z.enum(tiers).optional(),
  usd: used,
  /** Input and output. */
  tokens: used,
  /** The larger used part of the two; 1 or more if it is used up. */
  share: z.number(),
});
export type BudgetUse = z.infer<typeof budget>;

export const statsRequests = {
  statsRead: request(
    "stats/read",
    "viewer",
    "Tokens and cost by day, model, agent and session, oldest day first: of the last `days` local days with today, or of all. It includes deleted sessions never, archived ones always.",
    z.object({ days: z.number().int().positive().max(3660).optional() }),
    z.object({ rows: z.array(usageRow) }),
  ),
  budgetRead: request(
    "budget/read",
    "viewer",
    "The budgets that the configuration of this folder sets, and what is used of them: of today and, with `session`, of that session with all its subagents.",
    z.object({ cwd: z.string(), session: session.optional() }),
    z.object({ budgets: z.array(budget) }),
    ["notFound", "config"],
  ),
};
