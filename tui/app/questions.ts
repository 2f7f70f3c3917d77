/** Answering what the agent asks. */

import { sentence } from "../../client/words.ts";
import type { Question } from "../../protocol/parts.ts";
import type { App } from "./app.ts";

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

/** The question that is drawn, once it could be read; null while an answer could only be meant for something else. */
export function answerable(app: App): Question | null {
  const question = app.state().view?.questions[0];
  const read = question !== undefined && since.question === question.id && Date.now() - since.at >= GRACE_MS;
  return read ? question : null;
}

/** `said`: the id of a choice, or what the person says instead. Rejects where somebody else was faster. */
export async function reply(app: App, { id, digest }: Question, said: string): Promise<void> {
  const session = app.state().view?.id;
  if (session === undefined) return;
  app.set({ choice: 0 });
  await app.server.call("questionAnswer", { session, question: id, digest, answer: said });
}

function send(app: App, said: string): void {
  const question = answerable(app);
  if (question) reply(app, question, said).catch((error) => app.toast("warning", sentence(error)));
}
