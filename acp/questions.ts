/**
 * Forwards the agent's questions to the editor: as permission requests, or as forms if the editor supports them. The first answer
 * counts: if another client answers, the request to the editor is cancelled and its response ignored.
 */

import { TuttiError } from "../protocol/errors.ts";
import type { CallPart, Question } from "../protocol/parts.ts";
import { toAnswer } from "../protocol/questions.ts";
import type { SessionView } from "../protocol/view.ts";
import { toPendingCall } from "./calls.ts";
import { pendingDiffs } from "./diffs.ts";
import type { Editor, FormRequest, FormResponse, PermissionOption, PermissionRequest } from "./editor.ts";
import type { ServerConnection } from "./server-connection.ts";

export interface QuestionForwarder {
  /** Forwards new questions of the view, and cancels requests for those that are no longer open. */
  update(view: SessionView): void;
  close(): void;
}

export interface QuestionForwarderDeps {
  session: string;
  editor: Editor;
  server: Pick<ServerConnection, "call">;
  /** The user cancelled instead of answering. */
  dismissed(): void;
  reportError(text: string): void;
}

const LET_AGENT_DECIDE = "tutti.decide";
const AGENT_DECIDES = "The user did not choose. Decide yourself, and state your assumptions.";

export function forwardQuestions(deps: QuestionForwarderDeps): QuestionForwarder {
  const { session, editor, server } = deps;
  const pending = new Map<string, AbortController>();

  async function forward(question: Question, call: CallPart | null, settled: AbortSignal): Promise<void> {
    const answer = isForm(question, editor.hasForms)
      ? answerFromForm(await editor.requestForm(toFormRequest(session, question), settled))
      : await editor.requestPermission(session, toPermissionRequest(question, call), settled);
    if (settled.aborted) return;
    if (answer === null) return deps.dismissed();
    const { id, digest } = question;
    await server.call("questionAnswer", {
      session,
      question: id,
      digest,
      answer: toAnswer(question, answer === LET_AGENT_DECIDE ? AGENT_DECIDES : answer),
    });
  }

  return {
    update({ questions, parts: shown }) {
      for (const [id, settled] of pending) {
        if (questions.some((question) => question.id === id)) continue;
        pending.delete(id);
        settled.abort();
      }
      for (const question of questions) {
        if (pending.has(question.id)) continue;
        const settled = new AbortController();
        pending.set(question.id, settled);
        const call = shown.findLast(({ id }) => id === question.call);
        forward(question, call?.type === "call" ? call : null, settled.signal).catch((error: unknown) => {
          // Answered elsewhere, or disconnected: the events show which.
          if (settled.signal.aborted || isLate(error)) return;
          deps.reportError(`Cannot send the answer: ${error instanceof Error ? error.message : error}`);
        });
      }
    },
    close() {
      for (const settled of pending.values()) settled.abort();
      pending.clear();
    },
  };
}

const isLate = (error: unknown): boolean =>
  error instanceof TuttiError && (error.code === "conflict" || error.code === "notFound");

const isForm = ({ kind, freeText }: Question, hasForms: boolean): boolean => hasForms && kind === "choice" && freeText;

const optionKinds: Readonly<Record<string, PermissionOption["kind"]>> = {
  yes: "allow_once",
  always: "allow_always",
  session: "allow_always",
  no: "reject_once",
};

function toPermissionOptions({ choices }: Question): PermissionOption[] {
  if (choices.length === 0) return [{ optionId: LET_AGENT_DECIDE, name: "Let the agent decide", kind: "allow_once" }];
  return choices.map(({ id, label }) => ({ optionId: id, name: label, kind: optionKinds[id] ?? "allow_once" }));
}

function toPermissionRequest(question: Question, call: CallPart | null): PermissionRequest {
  const { id, kind, title, detail } = question;
  const paths = call?.locations.map(({ path }) => path) ?? [];
  return {
    id,
    title,
    detail,
    verbatim: kind === "approval",
    diffs: kind === "approval" && call?.kind === "edit" ? pendingDiffs(detail, paths) : [],
    call: call && toPendingCall(call),
    options: toPermissionOptions(question),
  };
}

function toFormRequest(session: string, { title, detail, choices, call }: Question): FormRequest {
  const choice = {
    type: "string" as const,
    title,
    oneOf: choices.map(({ id, label }) => ({ const: id, title: label })),
  };
  const text = { type: "string" as const, title: choices.length === 0 ? title : "Or your own answer" };
  return {
    mode: "form",
    sessionId: session,
    ...(call !== undefined && { toolCallId: call }),
    message: detail,
    requestedSchema: { type: "object", properties: { ...(choices.length > 0 && { choice }), text } },
  };
}

function answerFromForm(response: FormResponse): string {
  if (response.action !== "accept") return AGENT_DECIDES;
  const { choice, text } = (response.content ?? {}) as Record<string, unknown>;
  const answer = [text, choice].find((one) => typeof one === "string" && one.trim() !== "");
  return typeof answer === "string" ? answer : AGENT_DECIDES;
}
