/** What stands next in a text: completion at the cursor of an editor. */
import { z } from "zod";
import { request } from "./method.ts";

export const completionMethods = {
  completionInline: request(
    "completion/inline",
    "driver",
    "What could be inserted at the cursor of a file; `text` is null where there is nothing, and `why` says why not. Of `before` the last 4,000 characters are looked at, of `after` the first 1,000. `automatic` is true where nobody asked for it. Cancelling the request ends the one to the model.",
    z.object({
      cwd: z.string(),
      path: z.string(),
      language: z.string().optional(),
      before: z.string().max(1_000_000),
      after: z.string().max(1_000_000),
      automatic: z.boolean(),
    }),
    z.object({ text: z.string().nullable(), why: z.string().optional(), model: z.string().optional() }),
  ),
} as const;
