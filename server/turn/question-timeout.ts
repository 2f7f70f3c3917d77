/** Refuses questions if no user is available to answer them for some time, so that no turn waits forever. */
import type { Answer, Author } from "../../protocol/events.ts";
import { monotonic } from "../../protocol/monotonic.ts";
import type { Question } from "../../protocol/parts.ts";
import { SERVER_AUTHOR } from "../session/session.ts";

type UnansweredQuestion = Pick<Question, "id" | "digest" | "choices" | "freeText">;

export interface SessionWithQuestions {
  view(): { questions: readonly UnansweredQuestion[] };
  answer(question: string, digest: string, answer: Answer, by: Author): Promise<void>;
  cancel(): Promise<void>;
}

const CHECKS_PER_PERIOD = 20;
const MAX_INTERVAL_MS = 1000;
const UNANSWERED =
  "No one is available to answer. Continue without the answer if that is safe, or stop and say what you need.";

/** `onError` is called if an answer is rejected, for example because a user answered first. */
export function refuseUnanswered(
  listSessions: () => readonly SessionWithQuestions[],
  canAnswer: () => boolean,
  afterMs: number,
  onError: (error: unknown) => void,
): () => void {
  let lastAnswerable = monotonic();
  const timer = setInterval(
    () => {
      const now = monotonic();
      if (canAnswer()) lastAnswerable = now;
      if (now - lastAnswerable < afterMs) return;
      for (const session of listSessions())
        for (const question of session.view().questions) refuse(session, question).catch(onError);
    },
    Math.min(MAX_INTERVAL_MS, Math.max(10, afterMs / CHECKS_PER_PERIOD)),
  );
  return () => clearInterval(timer);
}

async function refuse(session: SessionWithQuestions, question: UnansweredQuestion): Promise<void> {
  const answer = createRefusal(question);
  if (answer === null) await session.cancel();
  else await session.answer(question.id, question.digest, answer, SERVER_AUTHOR);
}

/** Null if no available answer means no. */
function createRefusal({ choices, freeText }: UnansweredQuestion): Answer | null {
  if (choices.some(({ id }) => id === "no")) return { choice: "no" };
  return freeText ? { text: UNANSWERED } : null;
}
