/** The methods about what a folder's own files may do: what they ask for, and what a person grants. */
import { z } from "zod";
import { ok, request } from "./method.ts";

const trustItem = z.object({
  /** SHA-256 of what it says, where it stands, and the files that it would run. */
  id: z.string(),
  kind: z.enum(["provider", "hook", "agent", "permission", "instructions", "setting"]),
  /** The file that asks for it. */
  source: z.string(),
  /** Where it stands there, dotted. */
  key: z.string(),
  /** What stands there, literally: it may hold control characters, which whoever draws it makes visible. */
  shown: z.string(),
  /** It starts a program, sends to an address, reads outside of the project, or takes a question or a wall away. */
  runs: z.boolean(),
  granted: z.boolean(),
  /** It stands where something else was granted before. */
  changed: z.boolean(),
  /** The file is the person's own (`~/.claude/settings.json`): a grant counts in every folder. */
  own: z.boolean(),
});

export const trustRequests = {
  trustRead: request(
    "trust/read",
    "owner",
    "What the files of the folder ask for beside being stricter, item by item. `root` is the real path that trust is bound to: the folder that is opened, not its repository.",
    z.object({ cwd: z.string() }),
    z.object({
      root: z.string(),
      items: z.array(trustItem),
      /** They are approved one by one, never here. `shown`: the whole command or address, and the names of variables and headers. */
      plugins: z.array(z.object({ name: z.string(), source: z.string(), shown: z.string(), how: z.string() })),
      /** Sentences on what could not be read. */
      problems: z.array(z.string()),
      /** SHA-256 of all of this, for a yes that is bound to it. */
      digest: z.string(),
    }),
  ),
  trustGrant: request(
    "trust/grant",
    "owner",
    "Grants these items, by their ids, so that a yes is bound to what was shown: refused whole where one of them is not there any more.",
    z.object({ cwd: z.string(), items: z.array(z.string()).max(20_000) }),
    z.object({ granted: z.number() }),
    ["conflict"],
  ),
  trustRevoke: request(
    "trust/revoke",
    "owner",
    "Takes back everything that was granted to this folder; false where nothing was.",
    z.object({ cwd: z.string() }),
    z.object({ revoked: z.boolean() }),
  ),
  trustList: request(
    "trust/list",
    "owner",
    "Every folder to which something was granted, and how many items.",
    ok,
    z.object({ folders: z.array(z.object({ root: z.string(), items: z.number() })) }),
  ),
} as const;
