/** Methods of several people in one session: who drives, what each one is doing, comments. */
import { z } from "zod";
import { ok, request, session } from "./method.ts";
import { commentTarget } from "./together-events.ts";

export const MAX_COMMENT = 2000;

const comment = z.string();

export const togetherRequests = {
  presenceUpdate: request(
    "presence/update",
    "viewer",
    "What this participant is doing, shown to all others. `typing` ends by itself after some seconds; `viewing` is the part at the end of what this client shows, empty where it follows the session; `hand`: asks for the wheel, or to be heard. What is absent stays as it is.",
    z.object({
      session,
      typing: z.boolean().optional(),
      viewing: z.string().max(200).optional(),
      hand: z.boolean().optional(),
    }),
    ok,
  ),
  wheelMode: request(
    "wheel/mode",
    "owner",
    "Decides who may send prompts: `everyone` with the role driver, or `one` at a time. With `one`, the owner drives first.",
    z.object({ session, mode: z.enum(["everyone", "one"]) }),
    ok,
    ["notFound"],
  ),
  wheelTake: request(
    "wheel/take",
    "driver",
    "Takes the wheel. A guest can while it is free, the owner always.",
    z.object({ session }),
    ok,
    ["notFound", "conflict"],
  ),
  wheelGive: request(
    "wheel/give",
    "driver",
    "Gives the wheel to a participant with the role driver or more; null makes it free. Only its driver and the owner can.",
    z.object({ session, to: z.string().nullable() }),
    ok,
    ["notFound", "conflict"],
  ),
  commentAdd: request(
    "comment/add",
    "commenter",
    `Comments on the session, a part of it or a line of a diff. At most ${MAX_COMMENT} characters; what is invisible or changes the reading direction is written as escapes.`,
    z.object({ session, target: commentTarget.optional(), text: z.string().min(1).max(MAX_COMMENT) }),
    z.object({ comment }),
    ["notFound", "busy", "storage"],
  ),
  commentResolve: request(
    "comment/resolve",
    "commenter",
    "Marks a comment as resolved, or as open again. Its author can, and those with the role driver or more.",
    z.object({ session, comment, resolved: z.boolean().optional() }),
    ok,
    ["notFound", "storage"],
  ),
  commentDelete: request(
    "comment/delete",
    "commenter",
    "Deletes a comment from the view of all; the log keeps it. Its author can, and the owner.",
    z.object({ session, comment }),
    ok,
    ["notFound", "storage"],
  ),
  commentSend: request(
    "comment/send",
    "driver",
    "Sends a comment to the agent with its author and what it is about: steers the running turn, or starts one.",
    z.object({ session, comment }),
    ok,
    ["notFound", "busy", "storage"],
  ),
};
