import assert from "node:assert/strict";
import type { SessionEvent } from "../../../protocol/events.ts";
import { createSessionState } from "../../../server/session/state.ts";
import { toEnvelopes } from "../../help/random-logs.ts";

type Asked = Extract<SessionEvent, { type: "question.asked" }>;

const ask = (part: Partial<Asked>): SessionEvent => ({
  type: "question.asked",
  question: "q",
  kind: "approval",
  title: "",
  detail: "",
  choices: [
    { id: "once", label: "Once" },
    { id: "session", label: "All edits" },
  ],
  freeText: false,
  digest: "",
  ...part,
});
const answerSession: SessionEvent = { type: "question.answered", question: "q", answer: { choice: "session" } };
const findRules = (asked: SessionEvent) => createSessionState(toEnvelopes([asked, answerSession])).approvedRules();

describe("the rules that users approved", () => {
  it("allow all edits after an approval that offered it", () => {
    assert.deepEqual(findRules(ask({})), ["edit"]);
  });

  it("come from no other question with a choice of that name", () => {
    assert.deepEqual(findRules(ask({ kind: "choice" })), []);
    assert.deepEqual(findRules(ask({ choices: [{ id: "once", label: "Once" }] })), []);
  });
});
