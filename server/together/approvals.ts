/**
 * Answers of guests to approval requests, under the policy that the owner has chosen. One denial is enough; so is one answer of the owner,
 * so a request never waits for guests who have left.
 */
import { TuttiError } from "../../protocol/errors.ts";
import type { Caller, Handlers, ParamsOf } from "../../protocol/methods.ts";
import { isDenial } from "../../protocol/questions.ts";
import type { ApprovalPolicy } from "../../protocol/together-events.ts";
import type { SessionView } from "../../protocol/view.ts";
import type { Session } from "../session/session.ts";

/** A guest with this link may approve. */
export const countsVote = (policy: ApprovalPolicy | undefined, invite: string): boolean =>
  policy?.type === "first" || policy?.type === "count" || (policy?.type === "person" && policy.invite === invite);

export function guardApprovals(
  handler: Handlers["questionAnswer"],
  open: (session: string) => Promise<Session>,
): Handlers["questionAnswer"] {
  return async (params, caller, signal) => {
    if (caller.role === "owner") return handler(params, caller, signal);
    const session = await open(params.session);
    let isEnough = true;
    await session.decide((view) => {
      const vote = countVote(view, params, caller);
      isEnough = vote.isEnough;
      return vote.event;
    }, caller.author);
    return isEnough ? handler(params, caller, signal) : {};
  };
}

type Answer = Pick<ParamsOf<"questionAnswer">, "question" | "digest" | "answer">;

/** `isEnough`: this answers the request. An approval that is not enough by itself is an event of its own. */
export function countVote(
  { approvals, questions }: SessionView,
  { question: id, digest, answer }: Answer,
  caller: Caller,
) {
  const question = questions.find((one) => one.id === id);
  const needed = approvals?.type === "count" ? approvals.needed : 1;
  // What is not open, or not an approval request, is decided by the handler.
  if (question?.kind !== "approval") return { isEnough: true, event: null };
  const { invite = "" } = caller;
  if (!countsVote(approvals, invite)) throw notCounted(approvals);
  const { votes = [] } = question;
  if (needed === 1 || isDenial(answer) || digest !== question.digest) return { isEnough: true, event: null };
  if (votes.some(({ voter }) => voter === invite))
    throw new TuttiError("conflict", `An approval with your link was counted already; ${needed} links are needed.`);
  const event = { type: "question.voted", question: id, voter: invite } as const;
  return { isEnough: votes.length + 1 >= needed, event };
}

const notCounted = (policy: ApprovalPolicy | undefined): TuttiError =>
  new TuttiError(
    "forbidden",
    policy?.type === "person"
      ? `Only ${policy.name} and the owner can approve this.`
      : "Only the owner of this session can approve this.",
  );
