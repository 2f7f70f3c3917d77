/** Methods about trust: what the configuration files of a folder ask for, and what a person grants. */
import { z } from "zod";
import { ok, request } from "./method.ts";

const trustItem = z.object({
  /** SHA-256 of its value, its location, and the files that it would run. */
  id: z.string(),
  kind: z.enum(["provider", "hook", "agent", "skill", "command", "permission", "instructions", "setting"]),
  /** The file that asks for it. */
  source: z.string(),
  /** Its dotted key in that file. */
  key: z.string(),
  /** Its value as written; it may contain control characters, which a client must make visible. */
  text: z.string(),
  /** It starts a program, sends data to an address, reads outside the project, or removes an approval or another protection. */
  runs: z.boolean(),
  granted: z.boolean(),
  /** Another value was granted for this key before. */
  changed: z.boolean(),
  /** The file is the user's own (`~/.claude/settings.json`): a grant applies to every folder. */
  userOwned: z.boolean(),
});

export const trustRequests = {
  trustRead: request(
    "trust/read",
    "owner",
    "Everything that the files of the folder ask for, item by item, except what only makes permissions stricter. `root` is the real path that trust is bound to: the opened folder, not its repository.",
    z.object({ cwd: z.string() }),
    z.object({
      root: z.string(),
      items: z.array(trustItem),
      /** Plugins are approved one by one, by `approveCommand`. `text`: the whole command or address, and the names of variables and headers. */
      plugins: z.array(
        z.object({ name: z.string(), source: z.string(), text: z.string(), approveCommand: z.string() }),
      ),
      /** What could not be read, one sentence each. */
      problems: z.array(z.string()),
      /** SHA-256 of all of this, so that a decision can be bound to it. */
      digest: z.string(),
    }),
  ),
  trustGrant: request(
    "trust/grant",
    "owner",
    "Grants these items by their ids. If one of them no longer exists, nothing is granted.",
    z.object({ cwd: z.string(), items: z.array(z.string()).max(20_000) }),
    z.object({ granted: z.number() }),
    ["conflict"],
  ),
  trustRevoke: request(
    "trust/revoke",
    "owner",
    "Revokes everything that was granted to this folder; false where there was nothing.",
    z.object({ cwd: z.string() }),
    z.object({ revoked: z.boolean() }),
  ),
  trustList: request(
    "trust/list",
    "owner",
    "Every folder with granted items, and their number.",
    ok,
    z.object({ folders: z.array(z.object({ root: z.string(), items: z.number() })) }),
  ),
} as const;
