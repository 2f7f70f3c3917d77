/** Describes who drives, what others are doing, and how a vote stands, in the same words in all clients. */
import type { Author, SessionEvent } from "../protocol/events.ts";
import type { Participant } from "../protocol/method.ts";
import type { ParticipantList } from "../protocol/participants.ts";
import type { Question } from "../protocol/parts.ts";
import type { Comment, Wheel } from "../protocol/together.ts";
import type { ApprovalPolicy } from "../protocol/together-events.ts";

const OWNER = "owner";

export const isDriver = (wheel: Wheel | undefined, { id, role }: Pick<Participant, "id" | "role">): boolean =>
  wheel?.driver != null && (role === "owner" ? wheel.driver.id === OWNER : wheel.driver.id === id);

/** Empty while everyone may drive. */
export function describeWheel(wheel: Wheel | undefined): string {
  if (wheel?.mode !== "one") return "";
  return wheel.driver === null ? "The wheel is free" : `${wheel.driver.name} drives`;
}

/** Empty if there is nothing to show about this participant. */
export function describeParticipant(wheel: Wheel | undefined, participant: Participant): string {
  const { typing, hand } = participant;
  return [isDriver(wheel, participant) ? "drives" : "", hand ? "raised a hand" : "", typing ? "types" : ""]
    .filter((text) => text !== "")
    .join(", ");
}

const MAX_NAMES = 2;

/** One line about all others, empty if none types and no hand is raised. */
export function describeActivity(
  { participants }: ParticipantList,
  isSelf: (participant: Participant) => boolean,
): string {
  const others = participants.filter((participant) => !isSelf(participant));
  const hands = others.filter(({ hand }) => hand);
  const typing = others.filter((participant) => participant.typing);
  return [
    ...(hands.length > 0 ? [`✋ ${nameAll(hands)}`] : []),
    ...(typing.length > 0 ? [`${nameAll(typing)} ${typing.length === 1 ? "types" : "type"}…`] : []),
  ].join(" · ");
}

const nameAll = (all: readonly Participant[]): string =>
  all.length > MAX_NAMES ? `${all.length} people` : all.map(({ name }) => name).join(" and ");

/** Empty where one answer is enough. */
export function describeVotes({ votes = [], kind }: Question, policy: ApprovalPolicy | undefined): string {
  if (kind !== "approval" || policy?.type !== "count") return "";
  const names = votes.map(({ by }) => by.name).join(", ");
  return `${votes.length} of ${policy.needed} approved${names === "" ? "" : `: ${names}`}`;
}

export function describePolicy(policy: ApprovalPolicy = { type: "owner" }): string {
  switch (policy.type) {
    case "owner":
      return "the owner only";
    case "first":
      return "the owner and of guests with the role approver";
    case "person":
      return `the owner and of ${policy.name}`;
    case "count":
      return `the owner, or of ${policy.needed} guests with the role approver`;
    default:
      return policy satisfies never;
  }
}

/** What a comment is about; empty where it is about the session, or a part that is shown with it. */
export function describeTarget({ target: { at } }: Comment, cwd: string): string {
  if (!at) return "";
  const path = cwd !== "" && at.path.startsWith(`${cwd}/`) ? at.path.slice(cwd.length + 1) : at.path;
  return `${path}:${at.line}${at.side === "before" ? " (before)" : ""}`;
}

/** What happened between the people of a session, as a sentence; null for other events. */
export function describeTogether(event: SessionEvent, by: Author): string | null {
  switch (event.type) {
    case "wheel.moved":
      return event.mode === "everyone" ? "Everyone with the role driver can send prompts." : `${describeWheel(event)}.`;
    case "comment.added":
      return `${by.name} commented: ${event.text}`;
    case "question.voted":
      return `${by.name} approved; more approvals are needed.`;
    case "approvals.changed":
      return `Approvals count of ${describePolicy(event.policy)}.`;
    default:
      return null;
  }
}
