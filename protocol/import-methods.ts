/** Methods that bring over settings of other programs. */
import { z } from "zod";
import { request } from "./method.ts";

const what = {
  source: z.enum(["claude", "opencode", "codex", "mcp"]),
  /** The profile to import, if the program has several. */
  profile: z.string().optional(),
};

const plan = z.object({
  /** Values for the user's configuration file, by dotted key; secrets are masked. `from`: the file and its key. */
  changes: z.array(z.object({ key: z.string(), value: z.unknown(), from: z.string() })),
  /** What is not imported, and why. */
  skipped: z.array(z.object({ from: z.string(), reason: z.string() })),
  /** The files that were read. */
  files: z.array(z.string()),
  /** The files that were looked for. */
  searched: z.array(z.string()),
  /** SHA-256 of the changes, so that a decision can be bound to them. */
  digest: z.string(),
});

export const importRequests = {
  importPlan: request(
    "import/plan",
    "owner",
    "What an import of another program's settings would change in the user's configuration file. Changes nothing.",
    z.object(what),
    plan.extend({ path: z.string() }),
  ),
  importApply: request(
    "import/apply",
    "owner",
    "Applies the plan with this digest. The file is backed up before, with its comments kept; values that the user has set stay.",
    z.object({ ...what, digest: z.string() }),
    plan.extend({ path: z.string(), backup: z.string().nullable() }),
    ["conflict"],
  ),
} as const;
