/** The open questions of a session. Each is asked and answered through the log, exactly once. */
import { TuttiError } from "../../protocol/errors.ts";
import type { Answer, Author, SessionEvent } from "../../protocol/events.ts";
import type { Question } from "../../protocol/parts.ts";
import type { QuestionRequest, Resolution } from "../agent/turn-context.ts";
import type { Hash } from "../ports.ts";
import { chosenRule, isAlways, type SessionState } from "./state.ts";

export const MAX_QUESTIONS = 8;

export interface QuestionsDeps {
  state: SessionState;
  append(event: SessionEvent, by: Author): void;
  sync(): Promise<void>;
  hash: Hash;
  /** True if a participant is connected who may answer. */
  canAnswer(): boolean;
  /** Saves an "always allow" rule for later sessions. */
  saveRule(rule: string): Promise<void>;
  agent: Author;
  server: Author;
}

export interface Questions {
  /** Null if no one can answer, or the signal fired first. */
  ask(request: QuestionRequest, signal: AbortSignal, by?: Author): Promise<Resolution | null>;
  /** Rejects with `notFound`, `conflict` (already answered, or another digest) or `usage` (no such choice). */
  answer(question: string, digest: string, answer: Answer, by: Author): Promise<void>;
  /** Resolves every pending `ask` of the session's own agent with null. */
  abandonOwn(): void;
  /** Resolves every pending `ask` with null. */
  abandonAll(): void;
}

export function createQuestions(deps: QuestionsDeps): Questions {
  const { state, append, sync } = deps;
  const pending = new Map<string, { isOwn: boolean; resolve(resolution: Resolution | null): void }>();
  const abandon = (includes: (question: { isOwn: boolean }) => boolean): void => {
    for (const [id, question] of pending) {
      if (!includes(question)) continue;
      pending.delete(id);
      question.resolve(null);
    }
  };

  return {
    async ask(request, signal, by = deps.agent) {
      if (signal.aborted || !deps.canAnswer() || state.view().questions.length >= MAX_QUESTIONS) return null;
      const { title, detail, choices, always = null } = request;
      const digest = deps.hash(JSON.stringify([title, detail, choices, always]));
      const question = `q${state.view().seq + 1}`;
      // A client may answer as soon as it sees the question, so the resolver is registered before the event is appended.
      const { promise, resolve } = Promise.withResolvers<Resolution | null>();
      pending.set(question, { isOwn: !request.task, resolve });
      const expire = (): void => pending.get(question)?.resolve(null);
      signal.addEventListener("abort", expire, { once: true });
      let resolution: Resolution | null;
      try {
        append({ type: "question.asked", question, digest, ...request }, by);
        await sync();
        if (signal.aborted) expire();
        resolution = await promise;
      } finally {
        signal.removeEventListener("abort", expire);
        pending.delete(question);
      }
      const isOpen = state.view().questions.some(({ id }) => id === question);
      if (!resolution && isOpen)
        append({ type: "question.expired", question, reason: describeAbort(signal) }, deps.server);
      return resolution;
    },
    async answer(question, digest, answer, by) {
      const checkEdited = await loadRuleCheck(answer);
      const open = state.view().questions.find(({ id }) => id === question);
      const resolve = pending.get(question)?.resolve;
      if (!open || !resolve) throw notOpenError(question, state.answeredBy(question));
      checkAnswer(open, digest, answer);
      checkRule(open, answer, checkEdited);
      append({ type: "question.answered", question, answer, ...(isAlways(answer) && { remember: true }) }, by);
      pending.delete(question);
      let resolution: Resolution | null = null;
      try {
        await sync();
        resolution = { answer, by };
        if (isAlways(answer) && open.always !== undefined) await deps.saveRule(chosenRule(answer, open.always));
      } finally {
        // An answer that is not on disk does not count, but the turn must not wait for it forever.
        resolve(resolution);
      }
    },
    abandonOwn: () => abandon(({ isOwn }) => isOwn),
    abandonAll: () => abandon(() => true),
  };
}

const describeAbort = ({ reason }: AbortSignal): string =>
  typeof reason === "string" ? reason : "the turn was cancelled";

function notOpenError(question: string, by: Author | undefined): TuttiError {
  if (by) return new TuttiError("conflict", `This was already decided by ${by.name}.`, { by: by.name });
  return new TuttiError("notFound", `There is no open question ${question}.`);
}

function checkAnswer({ digest, choices, freeText }: Question, shownDigest: string, answer: Answer): void {
  if (shownDigest !== digest) {
    throw new TuttiError(
      "conflict",
      "The answer is for another version of this question; read the question again and answer it.",
    );
  }
  if ("text" in answer ? !freeText : !choices.some(({ id }) => id === answer.choice)) {
    throw new TuttiError("usage", `The answer must be one of: ${choices.map(({ id }) => id).join(", ")}.`);
  }
}

type RuleCheck = (offered: string, edited: string) => string | null;

/** Loaded before the question is looked up: nothing may come between that and the answer. */
async function loadRuleCheck(answer: Answer): Promise<RuleCheck | null> {
  if ("text" in answer || answer.rule === undefined) return null;
  return (await import("../permission/edited-rule.ts")).checkEditedRule;
}

function checkRule({ always }: Question, answer: Answer, checkEdited: RuleCheck | null): void {
  if ("text" in answer || answer.rule === undefined) return;
  if (!isAlways(answer) || always === undefined)
    throw new TuttiError("usage", "A rule can only be saved with the answer `always` to a request that offers one.");
  const problem = checkEdited?.(always, answer.rule) ?? null;
  if (problem !== null) throw new TuttiError("usage", problem);
}
