/** Answers the questions and approval requests of the agent. */
import { describeError } from "../../protocol/errors.ts";
import type { Answer } from "../../protocol/events.ts";
import type { Question } from "../../protocol/parts.ts";
import type { App } from "./app.ts";
import type { State } from "./state.ts";

/** How long a question is shown before it accepts an answer: a key that was already on its way was not meant for it. */
const GRACE_MS = 350;

/** Calls back once after this many milliseconds. */
export type StartTimer = (callback: () => void, milliseconds: number) => void;

/** Call the returned function with each drawn state. It lets a question accept answers once it was shown long enough to be read. */
export function createQuestionGate(app: Pick<App, "state" | "set">, startTimer: StartTimer): (drawn: State) => void {
  let shown: string | null = null;
  return ({ view }) => {
    const question = view?.questions[0]?.id ?? null;
    if (question === shown) return;
    shown = question;
    if (question === null) return;
    startTimer(() => {
      if (app.state().view?.questions[0]?.id === question) app.set({ answerable: question });
    }, GRACE_MS);
  };
}

/** The first open question if it accepts answers now. */
export function answerableQuestion({ view, answerable }: Pick<State, "view" | "answerable">): Question | null {
  const question = view?.questions[0];
  return question && question.id === answerable ? question : null;
}

/** How the open question is scrolled. */
export function questionScroll({ view, questionScroll: scroll }: Pick<State, "view" | "questionScroll">): {
  top: number;
  isFullScreen: boolean;
} {
  return scroll && scroll.question === view?.questions[0]?.id ? scroll : { top: 0, isFullScreen: false };
}

/** Scrolls the detail of the open question, and returns false if it is shown completely. */
export function scrollQuestion(app: App, rows: number): boolean {
  const detail = app.questionDetail();
  const question = app.state().view?.questions[0]?.id;
  if (!detail || question === undefined || detail.total <= detail.room) return false;
  const top = Math.max(0, Math.min(detail.top + rows, detail.total - detail.room));
  const { isFullScreen } = questionScroll(app.state());
  app.set({ questionScroll: { question, top, isFullScreen } }, "key");
  return true;
}

/** Scrolls by most of what is shown. */
export const pageQuestion = (app: App, direction: 1 | -1): boolean =>
  scrollQuestion(app, direction * Math.max(1, (app.questionDetail()?.room ?? 0) - 1));

/** Lets the open question fill the screen, or returns it to its size. */
export function toggleFullScreen(app: App): void {
  const question = app.state().view?.questions[0]?.id;
  if (question === undefined) return;
  const { top, isFullScreen } = questionScroll(app.state());
  app.set({ questionScroll: { question, top, isFullScreen: !isFullScreen } }, "key");
}

export function moveChoice(app: App, by: number): void {
  const { view, selectedChoice } = app.state();
  const count = view?.questions[0]?.choices.length ?? 0;
  if (count > 0) app.set({ selectedChoice: (selectedChoice + by + count) % count }, "key");
}

export function answerByIndex(app: App, index: number): void {
  const choice = app.state().view?.questions[0]?.choices[index];
  if (choice) trySendAnswer(app, choice.id);
}

/** Does nothing if the question has no such choice. */
export function answerById(app: App, id: "yes" | "no" | "always"): void {
  if (app.state().view?.questions[0]?.choices.some((choice) => choice.id === id)) trySendAnswer(app, id);
}

/** Rejects if someone else has already answered, or the answer is invalid. */
export async function sendAnswer(app: App, question: Question, answer: Answer): Promise<void> {
  const { id, digest } = question;
  const session = app.state().view?.id;
  if (session === undefined) return;
  app.set({ selectedChoice: 0 });
  await app.server.call("questionAnswer", { session, question: id, digest, answer });
}

/** Lets the user edit the rule that "always" saves. A rule that the server rejects is offered for editing again. */
export function editRule(app: App): void {
  const question = answerableQuestion(app.state());
  if (question?.always === undefined) return;
  const ask = (text: string): void =>
    app.openInput("Rule to save", "Enter approves the request and saves this rule", text, (rule) => {
      sendAnswer(app, question, { choice: "always", rule: rule.trim() }).catch((error) => {
        app.toast("warning", describeError(error));
        if (app.state().view?.questions[0]?.id === question.id) ask(rule);
      });
    });
  ask(question.always);
}

function trySendAnswer(app: App, choice: string): void {
  const question = answerableQuestion(app.state());
  if (question) sendAnswer(app, question, { choice }).catch((error) => app.toast("warning", describeError(error)));
}
