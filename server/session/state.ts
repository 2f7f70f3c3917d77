/** The state of a live session, folded from its log: the view, the model's history, and the users' answers. */
import type { Answer, Author, Envelope, FileChange } from "../../protocol/events.ts";
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

export const isAlways = (answer: Answer): boolean => "choice" in answer && answer.choice === "always";

export function createSessionState(past: readonly Envelope[]): SessionState {
  const envelopes: Envelope[] = [];
  const history = createHistory();
  const offeredRules = new Map<string, string>();
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
    if (event.type !== "question.answered") return;
    answeredBy.set(event.question, by);
    const rule = offeredRules.get(event.question);
    if (isAlways(event.answer) && rule !== undefined) approvedRules.push(rule);
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
