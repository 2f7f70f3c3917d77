/** How the tier of a turn was chosen, as its events say it. */
import { z } from "zod";
import { routeSources, routingModes, tiers } from "./settings.ts";

/** How the tier of a turn was chosen. `score` is the sum of the signals, null if the task was not assessed. */
export const routing = z.object({
  source: z.enum(routeSources),
  agent: z.string(),
  /** The tier that the turn used before. */
  from: z.enum(tiers).nullable(),
  mode: z.enum(routingModes),
  score: z.number().nullable(),
  signals: z.array(z.object({ id: z.string(), points: z.number() })),
  /** At most `quick` is quick, at least `advanced` is advanced. */
  thresholds: z.object({ quick: z.number(), advanced: z.number() }),
  /** Tiers and models that were not used, and why. */
  rejected: z.array(z.object({ tier: z.enum(tiers), model: z.string().optional(), why: z.string() })),
  /** A quick model was to rate the task, because the score is near a threshold. `tier` is absent if its answer was not used: `reason` says why. */
  classifier: z
    .object({
      model: z.string().optional(),
      tier: z.enum(tiers).optional(),
      confidence: z.number().optional(),
      reason: z.string(),
    })
    .optional(),
  /** USD of the next request, roughly; absent without a price. */
  estimate: z.number().optional(),
  /** USD of this session, and its limit. */
  budget: z.object({ spent: z.number(), limit: z.number() }).optional(),
  /** 1 for the first model of a turn, then one more for each other tier. */
  attempt: z.number().int().positive(),
});

export type Routing = z.infer<typeof routing>;
