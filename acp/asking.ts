/**
 * What the agent asks, put to the editor: a permission as its own request, a question as a form where the editor has forms. Whoever
 * answers first is heard: where another client did, the request is taken back, and what still comes of it is dropped.
 */
import { TuttiError } from "../protocol/errors.ts";
import type { CallPart, Question } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { callWaits } from "./calls.ts";
import { plannedDiffs } from "./diffs.ts";
import type { Editor, FormRequest, FormResponse, Permission, PermissionOption } from "./editor.ts";
import type { Server } from "./server.ts";

export interface Asking {
  /** Questions that are open now; those which were and are not are taken back. */
  open(view: SessionView): void;
  close(): void;
}

export interface AskingParts {
  session: string;
  editor: Editor;
  server: Pick<Server, "call">;
  /** The editor gave the turn up instead of answering. */
  givenUp(): void;
  problem(text: string): void;
}

const DECIDE = "tutti.decide";
const DECIDED = "Nobody chose; decide yourself, and say what you assumed.";

export function openAsking(parts: AskingParts): Asking {
  const { session, editor, server } = parts;
  const asked = new Map<string, AbortController>();

  async function put(question: Question, call: CallPart | null, settled: AbortSignal): Promise<void> {
    const said = isForm(question, editor.hasForms)
      ? saidInForm(await editor.fill(formOf(session, question), settled))
      : await editor.permit(session, permissionOf(question, call), settled);
    if (settled.aborted) return;
    if (said === null) return parts.givenUp();
    const { id, digest } = question;
    await server.call("questionAnswer", { session, question: id, digest, answer: said === DECIDE ? DECIDED : said });
  }

  return {
    open({ questions, parts: shown }) {
      for (const [id, settled] of asked) {
        if (questions.some((question) => question.id === id)) continue;
        asked.delete(id);
        settled.abort();
      }
      for (const question of questions) {
        if (asked.has(question.id)) continue;
        const settled = new AbortController();
        asked.set(question.id, settled);
        const call = shown.findLast(({ id }) => id === question.call);
        put(question, call?.type === "call" ? call : null, settled.signal).catch((error: unknown) => {
          // Answered elsewhere by now, or the connection is gone: what is so is seen in the events.
          if (settled.signal.aborted || isLate(error)) return;
          parts.problem(`The question was not answered here: ${error instanceof Error ? error.message : error}`);
        });
      }
    },
    close() {
      for (const settled of asked.values()) settled.abort();
      asked.clear();
    },
  };
}

const isLate = (error: unknown): boolean =>
  error instanceof TuttiError && (error.code === "conflict" || error.code === "notFound");

const isForm = ({ kind, freeText }: Question, hasForms: boolean): boolean => hasForms && kind === "choice" && freeText;

const meaning: Readonly<Record<string, PermissionOption["kind"]>> = {
  yes: "allow_once",
  always: "allow_always",
  no: "reject_once",
};

function choicesOf({ choices }: Question): PermissionOption[] {
  if (choices.length === 0)
    return [{ optionId: DECIDE, name: "Decide yourself, and say what you assumed", kind: "allow_once" }];
  return choices.map(({ id, label }) => ({ optionId: id, name: label, kind: meaning[id] ?? "allow_once" }));
}

function permissionOf(question: Question, call: CallPart | null): Permission {
  const { id, kind, title, detail } = question;
  const paths = call?.locations.map(({ path }) => path) ?? [];
  return {
    id,
    title,
    detail,
    verbatim: kind === "permission",
    diffs: kind === "permission" && call?.kind === "edit" ? plannedDiffs(detail, paths) : [],
    call: call && callWaits(call),
    options: choicesOf(question),
  };
}

function formOf(session: string, { title, detail, choices, call }: Question): FormRequest {
  const choice = {
    type: "string" as const,
    title,
    oneOf: choices.map(({ id, label }) => ({ const: id, title: label })),
  };
  const words = { type: "string" as const, title: choices.length === 0 ? title : "Or in your own words" };
  return {
    mode: "form",
    sessionId: session,
    ...(call !== undefined && { toolCallId: call }),
    message: detail,
    requestedSchema: { type: "object", properties: { ...(choices.length > 0 && { choice }), words } },
  };
}

function saidInForm(response: FormResponse): string {
  if (response.action !== "accept") return DECIDED;
  const { choice, words } = (response.content ?? {}) as Record<string, unknown>;
  const answer = [words, choice].find((one) => typeof one === "string" && one.trim() !== "");
  return typeof answer === "string" ? answer : DECIDED;
}
