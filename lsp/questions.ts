/**
 * Shows the agent's questions as messages with choices. Any client may answer; the first answer counts, and a late one gets an error.
 * The command `tutti.answer` answers with free text. A long question is opened as a document, and its message shows only the beginning.
 */

import {
  CancellationTokenSource,
  type MessageActionItem,
  MessageType,
  ShowMessageRequest,
} from "vscode-languageserver/node";
import { describeError, TuttiError } from "../protocol/errors.ts";
import type { Question } from "../protocol/parts.ts";
import { printable } from "../protocol/printable.ts";
import { toAnswer } from "../protocol/questions.ts";
import type { SessionView } from "../protocol/view.ts";
import type { LspContext } from "./context.ts";
import type { Pages } from "./pages.ts";

/** The beginning of a longer detail is shown in the message. */
const MAX_DETAIL = 4_000;

export function showQuestions(lsp: LspContext, pages: Pick<Pages, "showQuestion">): void {
  const { connection, sessions } = lsp;
  const open = new Map<string, CancellationTokenSource>();

  /** Where the whole question is; the transcript has it, too. */
  const showWhole = (session: string, question: Question): string => {
    try {
      return pages.showQuestion(session, question);
    } catch (error) {
      lsp.showMessage("error", `Cannot open the whole question: ${describeError(error)}`);
      return "the transcript (tutti.transcript)";
    }
  };
  const ask = async (session: string, question: Question): Promise<void> => {
    if (open.has(question.id)) return;
    const cancellation = new CancellationTokenSource();
    open.set(question.id, cancellation);
    const { choices } = question;
    const wholeAt = question.detail.length > MAX_DETAIL ? showWhole(session, question) : null;
    const actions: MessageActionItem[] = choices.map(({ label }) => ({ title: label }));
    const params = { type: MessageType.Info, message: formatMessage(question, wholeAt), actions };
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
  context: LspContext,
  session: string,
  question: Question,
  input: string,
): Promise<void> {
  const { id, digest } = question;
  try {
    await context.server.call("questionAnswer", { session, question: id, digest, answer: toAnswer(question, input) });
  } catch (error) {
    const late = error instanceof TuttiError && (error.code === "conflict" || error.code === "notFound");
    context.showMessage(late ? "info" : "error", describeError(error));
  }
}

/** `wholeAt`: where the whole question is, if the message shows only its beginning. */
function formatMessage({ title, detail, freeText }: Question, wholeAt: string | null): string {
  const shown = wholeAt === null ? detail : `${detail.slice(0, MAX_DETAIL)}…`;
  return [
    `Tutti: ${title}`,
    shown === title ? "" : shown,
    wholeAt === null
      ? ""
      : `(Only the beginning is shown here. Read all ${detail.length} characters in ${wholeAt} first.)`,
    freeText ? "(For your own answer, use tutti.answer.)" : "",
  ]
    .filter((line) => line !== "")
    .map((line) => printable(line, { keepNewlines: true }))
    .join("\n");
}
