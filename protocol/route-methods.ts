/** Methods about routing: which tier and model a task gets. */
import { z } from "zod";
import { request } from "./method.ts";
import { routing } from "./routing.ts";
import { tiers } from "./settings.ts";

export const routeRequests = {
  routeExplain: request(
    "route/explain",
    "viewer",
    "Which tier and model a prompt would get in this folder, and why; nothing is run. `agent` names the agent that would do it, `tier` one that the user chose. The result has the fields of `model.routed`.",
    z.object({
      cwd: z.string(),
      text: z.string(),
      agent: z.string().optional(),
      tier: z.enum(tiers).optional(),
    }),
    z.object({
      model: z.string(),
      reason: z.string(),
      tier: z.enum(tiers).optional(),
      routing: routing.optional(),
      warnings: z.array(z.string()),
    }),
    ["config", "auth", "noModel"],
  ),
};
