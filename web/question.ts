/** Answering what the agent asks. */
import type { Question } from "../protocol/parts.ts";
import type { App } from "./app.ts";

/** A click or a key that was on its way when the question came was not meant for it. */
const GRACE_MS = 350;
const since = new Map<string, number>();

/** Told when a question is drawn. */
export function questionShown(id: string, now: number): void {
  if (!since.has(id)) since.set(id, now);
}

/** `said`: the id of a choice, or what the person says instead. Rejects where somebody else was faster. */
export async function answer(app: App, { id, digest }: Question, said: string): Promise<void> {
  const session = app.state().view?.id;
  const seen = since.get(id);
  if (session === undefined || seen === undefined || performance.now() - seen < GRACE_MS) return;
  await app.server.call("questionAnswer", { session, question: id, digest, answer: said });
}
