import assert from "node:assert/strict";
import type { SessionEvent } from "../../../protocol/events.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../../protocol/view.ts";
import { type AnnouncerState, announceChanges, announceSession } from "../../../tui/line/announcements.ts";
import { formatAnnouncement, initialWriterState } from "../../../tui/line/writer.ts";

const by = { kind: "agent", id: "a", name: "a" } as const;
const opened: SessionEvent = { type: "session.opened", session: "s", cwd: "/w", version: "1" };
const started: SessionEvent = { type: "turn.started", turn: "t", text: "Go.", attachments: [], agent: "build" };
const delta = (text: string): SessionEvent => ({ type: "text.delta", turn: "t", step: 1, part: "p", text });
const asked: SessionEvent = {
  type: "call.asked",
  turn: "t",
  step: 1,
  call: "c",
  name: "bash",
  kind: "execute",
  title: "npm test",
  input: {},
  locations: [],
};
const ended: SessionEvent = { type: "turn.ended", turn: "t", outcome: "done" };

/** A session with a clock that the test controls. */
function session(...past: SessionEvent[]) {
  let seq = 0;
  let now = 1_000;
  let view: SessionView = emptyView;
  const happen = (event: SessionEvent): void => {
    view = reduce(view, { seq: ++seq, at: now, by, event });
  };
  for (const event of [opened, ...past]) happen(event);
  let writerState = initialWriterState;
  const found = announceSession(view, now);
  let { state }: { state: AnnouncerState } = found;
  const announce = (): string => {
    const next = announceChanges(state, view, now);
    state = next.state;
    let text = "";
    for (const announcement of next.announcements) {
      const line = formatAnnouncement(writerState, announcement);
      writerState = line.state;
      text += line.text;
    }
    return text;
  };
  return {
    initial: found.announcements,
    announce,
    view: () => view,
    after(milliseconds: number, ...events: SessionEvent[]): string {
      now += milliseconds;
      for (const event of events) happen(event);
      return announce();
    },
  };
}

describe("announcements of a session", () => {
  it("announces each event once", () => {
    const one = session();
    assert.equal(one.after(0, started), "you: Go.\n");
    assert.equal(one.after(10, delta("I look. And")), "agent: I look.");
    assert.equal(one.after(10, { ...delta("I look. And test."), type: "text.done" } as SessionEvent), " And test.\n");
    assert.equal(one.after(10, asked), "tool: execute npm test started\n");
    const done: SessionEvent = { type: "call.done", call: "c", state: "failed", output: "1 failed\nmore" };
    assert.equal(one.after(500, done), "tool: execute npm test failed after 0.5 seconds: 1 failed\n");
    assert.equal(one.after(500, ended), "status: The agent finished after 1.0 seconds.\n");
    assert.equal(one.after(60_000), "");
  });

  it("reports progress every ten seconds, except while text or a question was announced", () => {
    const one = session();
    one.after(0, started, asked);
    assert.equal(one.after(9_999), "");
    assert.equal(one.after(1), "status: The agent has been working for 10 seconds; it is running `npm test`.\n");
    assert.equal(one.after(9_000), "");
    assert.equal(one.after(1_000), "status: The agent has been working for 20 seconds; it is running `npm test`.\n");
    assert.equal(one.after(5_000, delta("So. ")), "agent: So.");
    assert.equal(one.after(9_000), "");
    const question: SessionEvent = {
      type: "question.asked",
      question: "q",
      kind: "approval",
      title: "Run it?",
      detail: "npm test",
      choices: [{ id: "yes", label: "Yes" }],
      freeText: false,
      digest: "d",
    };
    assert.match(one.after(1_000, question), /\nquestion: Run it\?\n {2}details:\n {2}npm test\n {2}1: Yes\n/);
    assert.equal(one.after(60_000), "");
  });

  it("announces stalled words after two seconds", () => {
    const one = session();
    one.after(0, started);
    assert.equal(one.after(0, delta("It is about to sa")), "");
    assert.equal(one.after(1_999), "");
    assert.equal(one.after(1), "agent: It is about to");
    assert.equal(one.after(0, delta("y it.\n")), " say it.\n");
  });

  it("starts with the last prompt of an existing session", () => {
    const one = session(started, { ...delta("Old."), type: "text.done" } as SessionEvent, ended, {
      ...started,
      turn: "t2",
      text: "Again.",
    } as SessionEvent);
    assert.deepEqual(one.initial, [{ speaker: "status", text: "Session Go., 2 prompts so far." }]);
    assert.equal(one.announce(), "you: Again.\n");
  });

  it("misses and repeats nothing when a whole view replaces events", () => {
    const events = [started, delta("One. "), asked, delta("Two. "), ended];
    const texts = events.map((_, cut) => {
      const envelopes = [opened, ...events].map((event, index) => ({ seq: index + 1, at: 1_000, by, event }));
      const views = [2 + cut, envelopes.length].map((end) => reduceAll(emptyView, envelopes.slice(0, end)));
      let { state } = announceSession(reduceAll(emptyView, envelopes.slice(0, 1)), 1_000);
      return views.flatMap((view) => {
        const next = announceChanges(state, view, 1_000);
        state = next.state;
        return next.announcements.map(({ speaker, text }) => `${speaker}: ${text.trim()}`);
      });
    });
    for (const announced of texts.slice(0, -1)) {
      assert.deepEqual(
        announced.filter((text) => !text.startsWith("agent")),
        ["you: Go.", "tool: execute npm test started", "status: The agent finished after 0.0 seconds."],
      );
      const response = announced.filter((text) => text.startsWith("agent")).join(" ");
      assert.equal(response.replaceAll("agent: ", ""), "One. Two.");
    }
  });

  it("announces the end of a turn before the next prompt if both come at once", () => {
    const one = session();
    assert.equal(
      one.after(0, started, ended, { ...started, turn: "t2", text: "Next." }),
      "you: Go.\nstatus: The agent finished after 0.0 seconds.\nyou: Next.\n",
    );
  });

  it("does not repeat text that was typed here", () => {
    const one = session();
    const { state } = announceSession(one.view(), 0);
    const view = reduce(one.view(), { seq: 2, at: 0, by, event: started });
    assert.deepEqual(announceChanges({ ...state, typed: ["Go."] }, view, 0).announcements, []);
  });
});
