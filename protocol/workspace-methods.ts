/** The methods about the folder that a session works in: its files and its branch. */
import { z } from "zod";
import { request } from "./method.ts";

export const workspaceRequests = {
  workspaceInfo: request(
    "workspace/info",
    "viewer",
    "The root that a session in this folder would have, and the branch that is checked out there: its name, the short hash where the head is detached, null where there is no repository.",
    z.object({ cwd: z.string() }),
    z.object({ root: z.string(), branch: z.string().nullable() }),
  ),
  filesFind: request(
    "files/find",
    "viewer",
    "Files and folders below `cwd` whose path holds the characters of `text` in this order, best first; what .gitignore names is left out, and what is hidden unless a part of the text begins with a dot. Without a text: what open sessions changed there, then what lies at the top.",
    z.object({ cwd: z.string(), text: z.string().max(1000), limit: z.number().int().positive().max(500).optional() }),
    z.object({
      /** `name` is relative to `cwd`, with `/` at the end of a folder. More is a better `score`. */
      files: z.array(z.object({ path: z.string(), name: z.string(), score: z.number() })),
      /** True where there are more than these, or not all have been looked at. */
      more: z.boolean(),
    }),
  ),
  symbolsFind: request(
    "symbols/find",
    "viewer",
    "Definitions below `cwd` whose name holds the text, as far as single lines tell; one second at most.",
    z.object({
      cwd: z.string(),
      text: z.string().min(2).max(200),
      limit: z.number().int().positive().max(500).optional(),
    }),
    z.object({
      /** `line` counts from 1. */
      symbols: z.array(z.object({ name: z.string(), kind: z.string(), path: z.string(), line: z.number() })),
    }),
  ),
} as const;
