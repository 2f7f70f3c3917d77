/**
 * Shows the agent's questions as messages with choices. Any client may answer; the first answer counts, and a late one gets an error.
 * The command `tutti.answer` answers with free text.
 */

import {
  CancellationTokenSource,
  type MessageActionItem,
  MessageType,
  ShowMessageRequest,
} from "vscode-languageserver/node";
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { Choice } from "../protocol/events.ts";
import type { Question } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import { toAnswer } from "../protocol/questions.ts";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";

/** A longer request cannot be approved in a message, which would not show it completely. */
const MAX_DETAIL = 4_000;

export function showQuestions(lsp: LspContext): void {
  const { connection, sessions } = lsp;
  const open = new Map<string, CancellationTokenSource>();

  const ask = async (session: string, question: Question): Promise<void> => {
    if (open.has(question.id)) return;
    const cancellation = new CancellationTokenSource();
    open.set(question.id, cancellation);
    const choices = choicesOf(question);
    const actions: MessageActionItem[] = choices.map(({ label }) => ({ title: label }));
    const params = { type: MessageType.Info, message: formatMessage(question), actions };
    const response = connection.sendRequest<MessageActionItem | null>(
      ShowMessageRequest.method,
      params,
      cancellation.token,
    );
    const chosen = await response.catch(() => {
      const answers = choices.map(({ id }) => id).join(", ");
      // Not every editor supports message requests, but all support commands.
      if (open.get(question.id) === cancellation)
        lsp.showMessage("warning", `${params.message}\nAnswer with the command tutti.answer: ${answers}`);
      return null;
    });
    const choice = choices.find(({ label }) => label === chosen?.title);
    // If the user closes the message, the question stays open for other clients and `tutti.answer`.
    if (choice) await answerQuestion(lsp, session, question, choice.id);
  };
  const cancel = (question: string): void => {
    open.get(question)?.cancel();
    open.delete(question);
  };
  const askAll = ({ id, questions }: SessionView): void => {
    if (lsp.client().options.questions === false) return;
    for (const question of questions) void ask(id, question);
  };
  sessions.onEvent(({ event }, view) => {
    if (event.type === "question.asked") askAll(view);
    if (event.type === "question.answered" || event.type === "question.expired") cancel(event.question);
  });
  sessions.onView(askAll);
}

export async function answerQuestion(
  face: LspContext,
  session: string,
  question: Question,
  input: string,
): Promise<void> {
  const { id, digest } = question;
  try {
    await face.server.call("questionAnswer", { session, question: id, digest, answer: toAnswer(question, input) });
  } catch (error) {
    const late = error instanceof TuttiError && (error.code === "conflict" || error.code === "notFound");
    face.showMessage(late ? "info" : "error", describeError(error));
  }
}

const fitsMessage = ({ detail }: Question): boolean => detail.length <= MAX_DETAIL;

const choicesOf = (question: Question): readonly Choice[] =>
  question.kind === "choice" || fitsMessage(question)
    ? question.choices
    : question.choices.filter(({ id }) => id === "no");

function formatMessage(question: Question): string {
  const { title, detail, freeText } = question;
  const shown = fitsMessage(question) ? detail : `${detail.slice(0, MAX_DETAIL)}…\nToo long to approve here.`;
  return [`Tutti: ${title}`, shown === title ? "" : shown, freeText ? "(For your own answer, use tutti.answer.)" : ""]
    .filter((line) => line !== "")
    .map((line) => printable(line, { keepNewlines: true }))
    .join("\n");
}
