import assert from "node:assert/strict";
import type { SessionEvent } from "../../../protocol/events.ts";
import { emptyView, reduce, reduceAll, type SessionView } from "../../../protocol/view.ts";
import { blank, written } from "../../../tui/line/paper.ts";
import { foundAs, type Told, tell } from "../../../tui/line/told.ts";

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

/** A session whose clock a test turns. */
function session(...past: SessionEvent[]) {
  let seq = 0;
  let now = 1_000;
  let view: SessionView = emptyView;
  const happen = (event: SessionEvent): void => {
    view = reduce(view, { seq: ++seq, at: now, by, event });
  };
  for (const event of [opened, ...past]) happen(event);
  let paper = blank;
  let text = "";
  const found = foundAs(view, now);
  let { told }: { told: Told } = found;
  const hear = (): string => {
    const next = tell(told, view, now);
    told = next.told;
    text = "";
    for (const said of next.said) {
      const line = written(paper, said);
      paper = line.paper;
      text += line.text;
    }
    return text;
  };
  return {
    found: found.said,
    hear,
    view: () => view,
    after(milliseconds: number, ...events: SessionEvent[]): string {
      now += milliseconds;
      for (const event of events) happen(event);
      return hear();
    },
  };
}

describe("what is told of a session", () => {
  it("is each thing once, when it happens", () => {
    const one = session();
    assert.equal(one.after(0, started), "you: Go.\n");
    assert.equal(one.after(10, delta("I look. And")), "agent: I look.");
    assert.equal(one.after(10, { ...delta("I look. And test."), type: "text.done" } as SessionEvent), " And test.\n");
    assert.equal(one.after(10, asked), "tool: execute npm test begins\n");
    const done: SessionEvent = { type: "call.done", call: "c", state: "failed", output: "1 failed\nmore" };
    assert.equal(one.after(500, done), "tool: execute npm test failed after 0.5 seconds: 1 failed\n");
    assert.equal(one.after(500, ended), "status: The agent is done after 1.0 seconds.\n");
    assert.equal(one.after(60_000), "");
  });

  it("says what runs every ten seconds at most, and not while it speaks or asks", () => {
    const one = session();
    one.after(0, started, asked);
    assert.equal(one.after(9_999), "");
    assert.equal(one.after(1), "status: The agent has worked for 10 seconds; it runs `npm test`.\n");
    assert.equal(one.after(9_000), "");
    assert.equal(one.after(1_000), "status: The agent has worked for 20 seconds; it runs `npm test`.\n");
    assert.equal(one.after(5_000, delta("So. ")), "agent: So.");
    assert.equal(one.after(9_000), "");
    const question: SessionEvent = {
      type: "question.asked",
      question: "q",
      kind: "permission",
      title: "Run it?",
      detail: "npm test",
      choices: [{ id: "yes", label: "Yes" }],
      freeText: false,
      digest: "d",
    };
    assert.match(one.after(1_000, question), /\nquestion: Run it\?\n {2}exactly:\n {2}npm test\n {2}1: Yes\n/);
    assert.equal(one.after(60_000), "");
  });

  it("says words that stalled after two seconds", () => {
    const one = session();
    one.after(0, started);
    assert.equal(one.after(0, delta("It is about to sa")), "");
    assert.equal(one.after(1_999), "");
    assert.equal(one.after(1), "agent: It is about to");
    assert.equal(one.after(0, delta("y it.\n")), " say it.\n");
  });

  it("goes on with the last prompt of a session that is found", () => {
    const one = session(started, { ...delta("Old."), type: "text.done" } as SessionEvent, ended, {
      ...started,
      turn: "t2",
      text: "Again.",
    } as SessionEvent);
    assert.deepEqual(one.found, [{ speaker: "status", text: "This is the session Go., 2 prompts so far." }]);
    assert.equal(one.hear(), "you: Again.\n");
  });

  it("misses and repeats nothing when a whole view comes instead of events", () => {
    const events = [started, delta("One. "), asked, delta("Two. "), ended];
    const texts = events.map((_, cut) => {
      const envelopes = [opened, ...events].map((event, index) => ({ seq: index + 1, at: 1_000, by, event }));
      const views = [2 + cut, envelopes.length].map((end) => reduceAll(emptyView, envelopes.slice(0, end)));
      let { told } = foundAs(reduceAll(emptyView, envelopes.slice(0, 1)), 1_000);
      return views.flatMap((view) => {
        const next = tell(told, view, 1_000);
        told = next.told;
        return next.said.map(({ speaker, text }) => `${speaker}: ${text.trim()}`);
      });
    });
    for (const said of texts.slice(0, -1)) {
      assert.deepEqual(
        said.filter((text) => !text.startsWith("agent")),
        ["you: Go.", "tool: execute npm test begins", "status: The agent is done after 0.0 seconds."],
      );
      const spoken = said.filter((text) => text.startsWith("agent")).join(" ");
      assert.equal(spoken.replaceAll("agent: ", ""), "One. Two.");
    }
  });

  it("has the end of a turn before the next one where both come at once", () => {
    const one = session();
    assert.equal(
      one.after(0, started, ended, { ...started, turn: "t2", text: "Next." }),
      "you: Go.\nstatus: The agent is done after 0.0 seconds.\nyou: Next.\n",
    );
  });

  it("does not repeat what was written here", () => {
    const one = session();
    const { told } = foundAs(one.view(), 0);
    const view = reduce(one.view(), { seq: 2, at: 0, by, event: started });
    assert.deepEqual(tell({ ...told, typed: ["Go."] }, view, 0).said, []);
  });
});
