/** Questions that nobody is there to answer: after a while they count as refused, so that no turn waits for ever. */
import type { Author } from "../protocol/events.ts";
import type { Question } from "../protocol/parts.ts";
import { server } from "./session/session.ts";

type Open = Pick<Question, "id" | "digest" | "choices" | "freeText">;

export interface Asking {
  view(): { questions: readonly Open[] };
  answer(question: string, digest: string, answer: string, by: Author): Promise<void>;
  cancel(): Promise<void>;
}

const CHECKS = 20;
const LOOK_MS = 1000;
const NOBODY =
  "Nobody is there to answer. Go on without the answer where that is safe, or stop and say what is needed.";

/** `lost` gets why an answer was not taken, as when a person was faster. */
export function refuseUnanswered(
  opened: () => readonly Asking[],
  canAnswer: () => boolean,
  afterMs: number,
  lost: (error: unknown) => void,
): () => void {
  let aloneSince = performance.now();
  const timer = setInterval(
    () => {
      const now = performance.now();
      if (canAnswer()) aloneSince = now;
      if (now - aloneSince < afterMs) return;
      for (const session of opened())
        for (const question of session.view().questions) refuse(session, question).catch(lost);
    },
    Math.min(LOOK_MS, Math.max(10, afterMs / CHECKS)),
  );
  return () => clearInterval(timer);
}

async function refuse(session: Asking, question: Open): Promise<void> {
  const answer = answerOf(question);
  if (answer === null) await session.cancel();
  else await session.answer(question.id, question.digest, answer, server);
}

/** Null where there is no answer that means no. */
function answerOf({ choices, freeText }: Open): string | null {
  if (choices.some(({ id }) => id === "no")) return "no";
  return freeText ? NOBODY : null;
}
