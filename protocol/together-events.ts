/** Events of several people in one session: who drives, comments, and votes on approval requests. */
import { z } from "zod";

/** Who holds the wheel: `owner` for every client of the owner, else the id of a guest's connection, as in the list of participants. */
const driver = z.object({ id: z.string(), name: z.string() });

/**
 * Whose answers to approval requests count in addition to the owner's: no one's, the first guest's with the role approver, those of one
 * link, or as many links' as needed. Links are counted, not connections: a guest who joins twice with one link has one vote.
 */
export const approvalPolicy = z.discriminatedUnion("type", [
  z.object({ type: z.literal("owner") }),
  z.object({ type: z.literal("first") }),
  z.object({ type: z.literal("person"), invite: z.string(), name: z.string() }),
  z.object({ type: z.literal("count"), needed: z.number().int().min(2).max(20) }),
]);

/** A line of a file as a diff shows it: `before` are removed lines, `after` all others. `line` counts from 1. */
const commentLine = z.object({
  path: z.string().max(4096),
  line: z.number().int().positive(),
  side: z.enum(["before", "after"]),
});

export const commentTarget = z.object({
  /** The part of the conversation that it is about. */
  part: z.string().max(200).optional(),
  at: commentLine.optional(),
});

export const togetherEvents = [
  /** `one`: only the driver sends prompts; null while the wheel is free. `everyone`: all who have the role may. */
  z.object({ type: z.literal("wheel.moved"), mode: z.enum(["everyone", "one"]), driver: driver.nullable() }),
  /** The model does not see comments until someone sends them as a prompt. */
  z.object({ type: z.literal("comment.added"), comment: z.string(), target: commentTarget, text: z.string() }),
  z.object({ type: z.literal("comment.resolved"), comment: z.string(), resolved: z.boolean() }),
  z.object({ type: z.literal("comment.deleted"), comment: z.string() }),
  z.object({ type: z.literal("approvals.changed"), policy: approvalPolicy }),
  /** An approval that is not enough by itself. `voter`: the link of the guest. A denial answers the request at once. */
  z.object({ type: z.literal("question.voted"), question: z.string(), voter: z.string() }),
] as const;

export type ApprovalPolicy = z.infer<typeof approvalPolicy>;
export type CommentTarget = z.infer<typeof commentTarget>;
export type Driver = z.infer<typeof driver>;
