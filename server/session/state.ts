/** The state of a live session, folded from its log: the view, the model's history, and the users' answers. */
import type { Answer, Author, Envelope, EventOf, FileChange } from "../../protocol/events.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../protocol/view.ts";
import { createHistory, type History } from "./history.ts";

export interface SessionState {
  view(): SessionView;
  envelopes(): readonly Envelope[];
  history: History;
  /** Rules that users always allowed in this session. */
  approvedRules(): readonly string[];
  answeredBy(question: string): Author | undefined;
  /** Every change of a file so far, oldest first. */
  changes(): FileChange[];
  add(envelope: Envelope): void;
}

/** What "Allow all edits this session" allows; as every rule without a path, it does not apply outside the workspace. */
const SESSION_RULE = "edit";

const isForSession = (answer: Answer): boolean => "choice" in answer && answer.choice === "session";

/** Whether it is an approval that offers to allow all edits of the session; the choices of other questions have any ids. */
const offersSessionApproval = ({ kind, choices }: EventOf<"question.asked">): boolean =>
  kind === "approval" && choices.some(({ id }) => id === "session");

/** The rule that an "always" answer saves: the offered one, or the one that the user made of it. */
export const chosenRule = (answer: Answer, offered: string): string =>
  ("choice" in answer ? answer.rule : undefined) ?? offered;

export const isAlways = (answer: Answer): boolean => "choice" in answer && answer.choice === "always";

export function createSessionState(past: readonly Envelope[]): SessionState {
  const envelopes: Envelope[] = [];
  const history = createHistory();
  const offeredRules = new Map<string, string>();
  const sessionApprovals = new Set<string>();
  const answeredBy = new Map<string, Author>();
  let approvedRules: string[] = [];
  let view = reduceAll(emptyView, past);

  const fold = (envelope: Envelope): void => {
    envelopes.push(envelope);
    history.add(envelope);
    const { by, event } = envelope;
    // Rules of the session that this one was forked or imported from do not apply here.
    if (event.type === "session.opened") approvedRules = [];
    if (event.type === "question.asked" && event.always !== undefined) offeredRules.set(event.question, event.always);
    if (event.type === "question.asked" && offersSessionApproval(event)) sessionApprovals.add(event.question);
    if (event.type !== "question.answered") return;
    answeredBy.set(event.question, by);
    const rule = offeredRules.get(event.question);
    if (isAlways(event.answer) && rule !== undefined) approvedRules.push(chosenRule(event.answer, rule));
    if (isForSession(event.answer) && sessionApprovals.has(event.question)) approvedRules.push(SESSION_RULE);
  };
  for (const envelope of past) fold(envelope);
  return {
    view: () => view,
    envelopes: () => envelopes,
    history,
    approvedRules: () => approvedRules,
    answeredBy: (question) => answeredBy.get(question),
    changes: () => envelopes.flatMap(({ event }) => (event.type === "file.changed" ? [event.change] : [])),
    add(envelope) {
      fold(envelope);
      view = reduce(view, envelope);
    },
  };
}
