/** Several people in one session, as a fold of its events: who drives, what they have commented, and how they vote. Pure. */
import type { Author, EventOf } from "./events.ts";
import type { Question } from "./parts.ts";
import type { ApprovalPolicy, CommentTarget, Driver } from "./together-events.ts";

export interface Wheel {
  mode: "everyone" | "one";
  /** Null while it is free. */
  driver: Driver | null;
}

export interface Comment {
  id: string;
  target: CommentTarget;
  text: string;
  resolved: boolean;
  by: Author;
  at: number;
}

/** Of a view. Absent where nothing has happened: everyone may drive, there are no comments, only the owner approves. */
export interface Together {
  wheel?: Wheel;
  comments?: readonly Comment[];
  approvals?: ApprovalPolicy;
}

export type TogetherEvent = EventOf<
  "wheel.moved" | "comment.added" | "comment.resolved" | "comment.deleted" | "approvals.changed" | "question.voted"
>;

export function foldTogether<V extends Together & { questions: readonly Question[] }>(
  view: V,
  event: TogetherEvent,
  by: Author,
  at: number,
): V {
  const { comments = [], questions } = view;
  switch (event.type) {
    case "wheel.moved":
      return { ...view, wheel: { mode: event.mode, driver: event.driver } };
    case "comment.added": {
      const { comment: id, target, text } = event;
      return { ...view, comments: [...comments, { id, target, text, resolved: false, by, at }] };
    }
    case "comment.resolved": {
      const { comment, resolved } = event;
      return { ...view, comments: comments.map((one) => (one.id === comment ? { ...one, resolved } : one)) };
    }
    case "comment.deleted":
      return { ...view, comments: comments.filter(({ id }) => id !== event.comment) };
    case "approvals.changed":
      // Votes under another policy do not count.
      return { ...view, approvals: event.policy, questions: questions.map(({ votes: _, ...question }) => question) };
    default: {
      const vote = { voter: event.voter, by };
      return {
        ...view,
        questions: questions.map((one) =>
          one.id === event.question ? { ...one, votes: [...(one.votes ?? []), vote] } : one,
        ),
      };
    }
  }
}
