/**
 * What the agent asks, put to the editor: a permission as its own request, a question as a form where the editor has forms. Whoever
 * answers first is heard: where another client did, the request is taken back, and what still comes of it is dropped.
 */
import type {
  AgentContext,
  CreateElicitationRequest,
  PermissionOption,
  ToolCallContent,
} from "@agentclientprotocol/sdk";
import { TuttiError } from "../protocol/errors.ts";
import type { CallPart, Question } from "../protocol/parts.ts";
import type { SessionView } from "../protocol/view.ts";
import { callAsked, fenced, words } from "./calls.ts";
import { plannedDiffs } from "./diffs.ts";
import type { Server } from "./server.ts";

export interface Asking {
  /** Questions that are open now; those which were and are not are taken back. */
  open(view: SessionView): void;
  close(): void;
}

export interface AskingParts {
  session: string;
  client: AgentContext;
  server: Pick<Server, "call">;
  hasForms: boolean;
  /** The editor gave the turn up instead of answering. */
  givenUp(): void;
  problem(text: string): void;
}

/** The person chose something; or gave the turn up; or left the question to others. */
type Said = { answer: string } | "stop" | "leave";

const DECIDE = "tutti.decide";
const DECIDED = "Nobody chose; decide yourself, and say what you assumed.";

export function openAsking(parts: AskingParts): Asking {
  const { session, client, server } = parts;
  const asked = new Map<string, AbortController>();

  async function put(question: Question, call: CallPart | null, settled: AbortSignal): Promise<void> {
    const options = { cancellationSignal: settled, stopWaitingOnCancel: true };
    const said = isForm(question, parts.hasForms)
      ? saidInForm(await client.request("elicitation/create", formOf(session, question), options))
      : saidInPermission(
          await client.request(
            "session/request_permission",
            { sessionId: session, toolCall: shownFor(question, call), options: optionsOf(question) },
            options,
          ),
        );
    if (settled.aborted || said === "leave") return;
    if (said === "stop") return parts.givenUp();
    const { id, digest } = question;
    await server.call("questionAnswer", { session, question: id, digest, answer: said.answer });
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

function optionsOf({ choices }: Question): PermissionOption[] {
  if (choices.length === 0)
    return [{ optionId: DECIDE, name: "Decide yourself, and say what you assumed", kind: "allow_once" }];
  return choices.map(({ id, label }) => ({ optionId: id, name: label, kind: meaning[id] ?? "allow_once" }));
}

function shownFor(question: Question, call: CallPart | null) {
  const { id, title } = question;
  const content = contentOf(question, call);
  return call ? callAsked(call, content) : { toolCallId: id, title, kind: "other" as const, content };
}

function contentOf({ kind, title, detail }: Question, call: CallPart | null): ToolCallContent[] {
  if (kind === "choice") return [words(detail)];
  const diffs =
    call?.kind === "edit"
      ? plannedDiffs(
          detail,
          call.locations.map(({ path }) => path),
        )
      : [];
  return diffs.length > 0 ? diffs : [words(`${title}\n\n${fenced(detail)}`)];
}

function formOf(session: string, { title, detail, choices, call }: Question): CreateElicitationRequest {
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

function saidInForm(response: { action: string; content?: unknown }): Said {
  if (response.action !== "accept") return { answer: DECIDED };
  const { choice, words } = (response.content ?? {}) as Record<string, unknown>;
  const answer = [words, choice].find((one) => typeof one === "string" && one.trim() !== "");
  return { answer: typeof answer === "string" ? answer : DECIDED };
}

function saidInPermission({ outcome }: { outcome: { outcome: string; optionId?: string } }): Said {
  if (outcome.outcome !== "selected" || outcome.optionId === undefined) return "stop";
  return { answer: outcome.optionId === DECIDE ? DECIDED : outcome.optionId };
}
