/** Methods about sharing a live session with guests, through a hub that cannot read it. Times in milliseconds. */
import { z } from "zod";
import { ok, request, session } from "./method.ts";
import { approvalPolicy } from "./together-events.ts";

/** Roles that an invite can give: everything but the owner's. */
export const guestRoles = ["viewer", "commenter", "driver", "approver"] as const;
export type GuestRole = (typeof guestRoles)[number];

const inviteOptions = {
  role: z.enum(guestRoles),
  /** Until the link expires. */
  expiresIn: z.number().int().positive().optional(),
  /** For whom the link is: only the owner sees it. */
  name: z.string().max(100).optional(),
};

const inviteRow = z.object({
  invite: z.string(),
  role: z.enum(guestRoles),
  name: z.string(),
  createdAt: z.number(),
  expiresAt: z.number(),
  revoked: z.boolean(),
  /** The names of those who have joined with it, the latest last. */
  usedBy: z.array(z.string()),
});

const shareRow = z.object({
  session,
  title: z.string(),
  /** The address of the hub. */
  hub: z.string(),
  /** True if this server is the hub: without one elsewhere. */
  local: z.boolean(),
  state: z.enum(["connecting", "connected", "failed"]),
  /** Why it is not connected, as a sentence; empty if it is. */
  problem: z.string(),
  /** Whose answers to approval requests count. */
  approvals: approvalPolicy,
  invites: z.array(inviteRow),
  guests: z.array(z.object({ id: z.string(), name: z.string(), role: z.enum(guestRoles), invite: z.string() })),
});
export type ShareRow = z.infer<typeof shareRow>;

const link = z.object({ invite: z.string(), link: z.string() });

export const shareRequests = {
  sharePreview: request(
    "share/preview",
    "owner",
    "What guests of a session would see: how many prompts, calls and files, how many secrets were removed from its log, and what else is visible.",
    z.object({ session }),
    z.object({
      prompts: z.number(),
      calls: z.number(),
      files: z.number(),
      attachments: z.number(),
      /** Secrets that were replaced before they were stored. */
      redactions: z.number(),
    }),
    ["notFound"],
  ),
  shareStart: request(
    "share/start",
    "owner",
    "Shares a session, and creates its first invite. `hub` is the address of a hub, by default the configured one; with `local`, this server becomes the hub, on the address `listen` or one of the local network. A session that is shared already gets another invite.",
    z.object({
      session,
      ...inviteOptions,
      hub: z.string().optional(),
      local: z.boolean().optional(),
      /** `HOST:PORT`. */
      listen: z.string().optional(),
    }),
    link.extend({ hub: z.string() }),
    ["notFound", "conflict", "usage"],
  ),
  shareInvite: request(
    "share/invite",
    "owner",
    "Creates another link to a shared session. It expires after 7 days by default.",
    z.object({ session, ...inviteOptions }),
    link,
    ["notFound"],
  ),
  shareList: request(
    "share/list",
    "owner",
    "All shared sessions of this server, with their invites and guests.",
    z.object({ session: session.optional() }),
    z.object({ shares: z.array(shareRow) }),
  ),
  shareRename: request(
    "share/rename",
    "owner",
    "Changes the name of an invite.",
    z.object({ session, invite: z.string(), name: z.string().max(100) }),
    ok,
    ["notFound"],
  ),
  shareRevoke: request(
    "share/revoke",
    "owner",
    "Revokes an invite. Its guests are disconnected, and what is shared from then on has another key.",
    z.object({ session, invite: z.string() }),
    ok,
    ["notFound"],
  ),
  shareApprovals: request(
    "share/approvals",
    "owner",
    "Decides whose answers to approval requests count. By default only the owner's do; those always do. One denial is enough. Refused if no guest could ever meet the policy.",
    z.object({ session, policy: approvalPolicy }),
    ok,
    ["notFound", "usage"],
  ),
  shareStop: request(
    "share/stop",
    "owner",
    "Ends a share: guests are disconnected, the hub deletes what it has stored, and all links stop working.",
    z.object({ session }),
    z.object({
      /** False if the hub could not be reached: it deletes what it has when it is reached, or after it was unused for 30 days. */
      deleted: z.boolean(),
    }),
    ["notFound"],
  ),
};
