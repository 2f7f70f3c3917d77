/** Answering what the agent asks. */
import type { App } from "./app.ts";
import { sentence } from "./server.ts";

/** A key that was on its way when the question came was not meant for it. */
const GRACE_MS = 350;

let since = { question: "", at: 0 };

/** Told when another question is the first one. */
export function questionShown(question: string, now: number): void {
  if (since.question !== question) since = { question, at: now };
}

export function stepChoice(app: App, by: number): void {
  const { view, choice } = app.state();
  const count = view?.questions[0]?.choices.length ?? 0;
  if (count > 0) app.set({ choice: (choice + by + count) % count }, "key");
}

export function answer(app: App, index: number): void {
  const choice = app.state().view?.questions[0]?.choices[index];
  if (choice) send(app, choice.id);
}

/** By what the choice means; where the question has none of that meaning, nothing happens. */
export function answerBy(app: App, id: "yes" | "no" | "always"): void {
  if (app.state().view?.questions[0]?.choices.some((choice) => choice.id === id)) send(app, id);
}

/** `said`: the id of a choice, or what the person says instead. */
export function send(app: App, said: string): void {
  const { view } = app.state();
  const question = view?.questions[0];
  if (!view || !question) return;
  if (since.question === question.id && Date.now() - since.at < GRACE_MS) return;
  const { id, digest } = question;
  app.set({ choice: 0 });
  app.server
    .call("questionAnswer", { session: view.id, question: id, digest, answer: said })
    .catch((error) => app.toast("warning", sentence(error)));
}
