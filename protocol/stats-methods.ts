/** Methods about usage over time. */
import { z } from "zod";
import { request, session } from "./method.ts";

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
  /** What requests were for that are no step of a turn, such as `classifier`. */
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

export const statsRequests = {
  statsRead: request(
    "stats/read",
    "viewer",
    "Tokens and cost by day, model, agent and session, oldest day first: of the last `days` local days with today, or of all. It includes deleted sessions never, archived ones always.",
    z.object({ days: z.number().int().positive().max(3660).optional() }),
    z.object({ rows: z.array(usageRow) }),
  ),
};
