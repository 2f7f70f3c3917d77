/** Completion at the cursor of an editor. */
import { z } from "zod";
import { request } from "./method.ts";

export const completionRequests = {
  completionInline: request(
    "completion/inline",
    "driver",
    "The text to insert at the cursor of a file; `text` is null where there is none, with a `reason`. The last 4,000 characters of `before` and the first 1,000 of `after` are used. `automatic` is true where the user did not ask for it. Cancelling this request cancels the one to the model.",
    z.object({
      cwd: z.string(),
      path: z.string(),
      language: z.string().optional(),
      before: z.string().max(1_000_000),
      after: z.string().max(1_000_000),
      automatic: z.boolean(),
    }),
    z.object({ text: z.string().nullable(), reason: z.string().optional(), model: z.string().optional() }),
  ),
} as const;
