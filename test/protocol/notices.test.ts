/** Retries are one line of the transcript, and how a turn failed is its last. */
import assert from "node:assert/strict";
import type { Envelope, SessionEvent } from "../../protocol/events.ts";
import { emptyView, reduce, reduceAll } from "../../protocol/view.ts";

const by = { kind: "agent", id: "tutti", name: "tutti" } as const;
const log = (...events: SessionEvent[]): Envelope[] =>
  events.map((event, index) => ({ seq: index + 1, at: index, by, event }));
const started: SessionEvent = {
  type: "turn.started",
  turn: "t1",
  prompt: "p1",
  text: "Go",
  attachments: [],
  agent: "tutti",
};
const retry = (text: string, until: number): SessionEvent => ({ type: "notice.shown", level: "info", text, until });

const noticesOf = (...events: SessionEvent[]): unknown[] => {
  const envelopes = log(started, ...events);
  const view = reduceAll(emptyView, envelopes);
  assert.deepEqual(envelopes.reduce(reduce, emptyView), view);
  return view.parts.flatMap((part) => (part.type === "notice" ? [[part.level, part.text]] : []));
};

describe("notices of a transcript", () => {
  it("show retries that follow each other once, with the last reason", () => {
    assert.deepEqual(noticesOf(retry("busy", 5), retry("busy", 9), retry("no response", 20)), [
      ["info", "no response"],
    ]);
  });

  it("show retries again after something else", () => {
    const text: SessionEvent = {
      type: "text.done",
      turn: "t1",
      step: 1,
      part: "a",
      text: "Hello",
      attempt: 1,
    } as SessionEvent;
    assert.deepEqual(noticesOf(retry("one", 5), text, retry("two", 9)), [
      ["info", "one"],
      ["info", "two"],
    ]);
  });

  it("end with the failure of the turn", () => {
    const failure = { code: "auth" as const, message: "The key was rejected." };
    assert.deepEqual(noticesOf(retry("one", 5), { type: "turn.ended", turn: "t1", outcome: "failed", failure }), [
      ["info", "one"],
      ["error", "The key was rejected."],
    ]);
    const limit = { code: "limit" as const, message: "The step limit was reached." };
    assert.deepEqual(noticesOf({ type: "turn.ended", turn: "t1", outcome: "limit", failure: limit }), [
      ["warning", "The step limit was reached."],
    ]);
  });

  it("do not repeat what the user did", () => {
    const refused = { code: "refused" as const, message: "refused by ada" };
    assert.deepEqual(noticesOf({ type: "turn.ended", turn: "t1", outcome: "failed", failure: refused }), []);
    assert.deepEqual(noticesOf({ type: "turn.ended", turn: "t1", outcome: "cancelled" }), []);
  });
});
