/**
 * Questions of the agent, shown as messages to choose from. Any client may answer; the first answer counts, and whoever was late is
 * told so. What takes words instead of a choice is said with the command `tutti.answer`.
 */
import {
  CancellationTokenSource,
  type MessageActionItem,
  MessageType,
  ShowMessageRequest,
} from "vscode-languageserver/node";
import { sentence } from "../client/words.ts";
import { TuttiError } from "../protocol/errors.ts";
import type { Choice } from "../protocol/events.ts";
import type { Question } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import type { SessionView } from "../protocol/view.ts";
import type { Face } from "./face.ts";

/** Nobody says yes to what a message cannot show whole. */
const MOST_DETAIL = 4_000;

export function showQuestions(face: Face): void {
  const { connection, sessions } = face;
  const open = new Map<string, CancellationTokenSource>();

  const ask = async (session: string, question: Question): Promise<void> => {
    if (open.has(question.id)) return;
    const settled = new CancellationTokenSource();
    open.set(question.id, settled);
    const choices = choicesOf(question);
    const actions: MessageActionItem[] = choices.map(({ label }) => ({ title: label }));
    const params = { type: MessageType.Info, message: messageOf(question), actions };
    const asked = connection.sendRequest<MessageActionItem | null>(ShowMessageRequest.method, params, settled.token);
    const chosen = await asked.catch(() => {
      const ways = choices.map(({ id }) => id).join(", ");
      // Not every editor has questions; all have commands.
      if (open.get(question.id) === settled)
        face.say("warning", `${params.message}\nAnswer with the command tutti.answer: ${ways}`);
      return null;
    });
    const choice = choices.find(({ label }) => label === chosen?.title);
    // Closed without an answer: it stays open for other clients, and for `tutti.answer`.
    if (choice) await answer(face, session, question, choice.id);
  };
  const settle = (question: string): void => {
    open.get(question)?.cancel();
    open.delete(question);
  };
  const look = ({ id, questions }: SessionView): void => {
    if (face.client().options.questions === false) return;
    for (const question of questions) void ask(id, question);
  };
  sessions.onEvent(({ event }, view) => {
    if (event.type === "question.asked") look(view);
    if (event.type === "question.answered" || event.type === "question.expired") settle(event.question);
  });
  sessions.onView(look);
}

export async function answer(face: Face, session: string, { id, digest }: Question, said: string): Promise<void> {
  try {
    await face.server.call("questionAnswer", { session, question: id, digest, answer: said });
  } catch (error) {
    const late = error instanceof TuttiError && (error.code === "conflict" || error.code === "notFound");
    face.say(late ? "info" : "error", sentence(error));
  }
}

const isShown = ({ detail }: Question): boolean => detail.length <= MOST_DETAIL;

const choicesOf = (question: Question): readonly Choice[] =>
  question.kind === "choice" || isShown(question) ? question.choices : question.choices.filter(({ id }) => id === "no");

function messageOf(question: Question): string {
  const { title, detail, freeText } = question;
  const shown = isShown(question) ? detail : `${detail.slice(0, MOST_DETAIL)}…\nThis is too long to say yes to here.`;
  return [`Tutti: ${title}`, shown === title ? "" : shown, freeText ? "(To say something else: tutti.answer)" : ""]
    .filter((line) => line !== "")
    .map((line) => printable(line, { keepNewlines: true }))
    .join("\n");
}
