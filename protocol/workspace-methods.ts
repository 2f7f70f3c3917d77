/** Methods about the folder that a session works in: its files, symbols and branch. */
import { z } from "zod";
import { request } from "./method.ts";

export const workspaceRequests = {
  workspaceInfo: request(
    "workspace/info",
    "viewer",
    "The workspace root of a session in this folder, and its checked-out branch: the name, the short commit hash where HEAD is detached, null where there is no repository.",
    z.object({ cwd: z.string() }),
    z.object({ root: z.string(), branch: z.string().nullable() }),
  ),
  filesFind: request(
    "files/find",
    "viewer",
    "Fuzzy search for files and folders below `cwd` by path, best match first. Leaves out ignored files (.gitignore), and hidden ones unless a part of the text starts with a dot. With an empty text: files that open sessions changed, then the top-level entries.",
    z.object({ cwd: z.string(), text: z.string().max(1000), limit: z.number().int().positive().max(500).optional() }),
    z.object({
      /** `name` is relative to `cwd`, with a trailing `/` for folders. A higher `score` is better. */
      files: z.array(z.object({ path: z.string(), name: z.string(), score: z.number() })),
      /** True where there are more matches, or not all files were searched. */
      more: z.boolean(),
    }),
  ),
  symbolsFind: request(
    "symbols/find",
    "viewer",
    "Definitions below `cwd` whose name contains the text, found line by line, in at most one second.",
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
