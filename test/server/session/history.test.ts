import assert from "node:assert/strict";
import fc from "fast-check";
import type { Envelope, SessionEvent } from "../../../protocol/events.ts";
import { isFact } from "../../../protocol/facts.ts";
import { createHistory, type StoredMessage } from "../../../server/session/history.ts";
import { checkHistory } from "../../help/invariants.ts";
import { arbitraryLogs, toEnvelopes } from "../../help/random-logs.ts";
import { seededOptions } from "../../help/seed.ts";

/** The messages at each step of a live session, taken before the first text of every attempt. */
function listMessagesByStep(log: readonly Envelope[]): string[][] {
  const history = createHistory();
  const steps: string[][] = [];
  let position = "";
  for (const envelope of log) {
    const { event } = envelope;
    if (event.type === "text.delta" || event.type === "text.done" || event.type === "reasoning.delta") {
      const { turn, step } = event;
      if (position !== `${turn} ${step}`)
        steps.push(history.messages({ turn, step }).map((message) => JSON.stringify(message)));
      position = `${turn} ${step}`;
    }
    history.add(envelope);
  }
  steps.push(history.messages().map((message) => JSON.stringify(message)));
  return steps;
}

const start = (turn: string, text = "Go."): SessionEvent[] => [
  { type: "turn.started", turn, text, attachments: [], agent: "tutti" },
  { type: "model.routed", turn, model: "acme/m", reason: "", context: null, tools: [] },
];
const createText = (turn: string, step: number, attempt: number, text: string, incomplete = false): SessionEvent => ({
  type: "text.done",
  turn,
  step,
  attempt,
  part: `${turn}.${step}.${attempt}`,
  text,
  ...(incomplete && { incomplete }),
});
const createReasoning = (turn: string, step: number, attempt: number, text: string): SessionEvent => ({
  type: "reasoning.done",
  turn,
  step,
  attempt,
  part: `${turn}.${step}.${attempt}.r`,
  text,
});

function toMessages(events: readonly SessionEvent[]): readonly StoredMessage[] {
  const history = createHistory();
  for (const envelope of toEnvelopes(events)) history.add(envelope);
  return history.messages();
}

const format = (messages: readonly StoredMessage[]): string[] =>
  messages.map((message) =>
    message.role === "tool"
      ? `tool: ${message.results.map(({ output }) => output).join("|")}`
      : `${message.role}: ${message.content.map((part) => ("text" in part ? part.text : part.type)).join("|")}`,
  );

describe("the history", () => {
  it("extends the messages of the previous step, byte for byte", () => {
    fc.assert(
      fc.property(arbitraryLogs(100), (log) => {
        const steps = listMessagesByStep(log);
        for (const [index, messages] of steps.entries()) {
          if (index > 0) assert.deepEqual(messages.slice(0, steps[index - 1]?.length), steps[index - 1]);
        }
      }),
      seededOptions(300),
    );
  });

  it("is the same when the log is read again, also from facts only", () => {
    fc.assert(
      fc.property(arbitraryLogs(100), (log) => {
        const live = listMessagesByStep(log).at(-1);
        const read = (past: readonly Envelope[]): string[] => {
          const history = createHistory();
          for (const envelope of past) history.add(envelope);
          return history.messages().map((message) => JSON.stringify(message));
        };
        assert.deepEqual(read(log), live);
        assert.deepEqual(read(log.filter(({ event }) => isFact(event))), live);
      }),
      seededOptions(300),
    );
  });

  it("is valid for providers, after any end", () => {
    fc.assert(
      fc.property(arbitraryLogs(100), (log) => checkHistory(toMessages(log.map(({ event }) => event)))),
      seededOptions(300),
    );
  });

  it("contains a shell command of the user as one user message with its output", () => {
    const asked = (turn: string): SessionEvent => {
      const shown = { name: "bash", kind: "execute" as const, title: "ls", input: {}, locations: [] };
      return { type: "call.asked", turn, step: 1, call: `call_${turn}_1_1`, ...shown };
    };
    const answered = (turn: string, state: "done" | "interrupted", output: string): SessionEvent => ({
      type: "call.done",
      call: `call_${turn}_1_1`,
      state,
      output,
    });
    const ran = (state: "done" | "interrupted", output: string): SessionEvent[] => [
      { type: "turn.started", turn: "t1", text: "!ls", attachments: [], agent: "shell" },
      asked("t1"),
      answered("t1", state, output),
    ];
    const end = { type: "turn.ended", turn: "t1", outcome: "interrupted" } as const;
    const [command, next, ...rest] = format(toMessages([...ran("done", "a ``` b"), end, ...start("t2")]));
    assert.equal(command, "user: I ran this command myself:\n\n```\nls\n```\n\nIt succeeded.\n\n````\na ``` b\n````");
    assert.deepEqual([next, rest], ["user: Go.", []]);
    const [cut, after] = format(toMessages([...ran("interrupted", "half"), end, ...start("t2")]));
    assert.match(cut ?? "", /It was stopped before it was finished\.[\s\S]*half/);
    assert.equal(after, "user: Go.");
    // If a damaged record hides its end, the calls of the next turn are still the model's.
    const damaged = [...ran("done", "a"), ...start("t2"), asked("t2"), answered("t2", "done", "o")];
    assert.deepEqual(format(toMessages(damaged)).slice(2), ["assistant: call", "tool: o"]);
  });

  it("contains a note before the next prompt, once", () => {
    const noted: SessionEvent = { type: "notice.shown", level: "info", text: "Noted.", note: "Use tabs." };
    const formatted = format(
      toMessages([noted, ...start("t1"), { type: "turn.ended", turn: "t1", outcome: "done" }, ...start("t2")]),
    );
    assert.equal(formatted.length, 3);
    assert.match(formatted[0] ?? "", /^user: .*Use tabs\./);
    assert.deepEqual(formatted.slice(1), ["user: Go.", "user: Go."]);
  });

  it("omits an incomplete attempt if the next one succeeds", () => {
    const events = [
      ...start("t1"),
      createReasoning("t1", 1, 1, "Hmm."),
      createText("t1", 1, 1, "Hello wor", true),
      createText("t1", 1, 2, "Hello world."),
      { type: "turn.ended" as const, turn: "t1", outcome: "done" as const },
    ];
    assert.deepEqual(format(toMessages(events)), ["user: Go.", "assistant: Hello world."]);
  });

  it("contains an incomplete response if the turn ended with it", () => {
    const events: SessionEvent[] = [
      ...start("t1"),
      createText("t1", 1, 1, "First try", true),
      createText("t1", 1, 2, "Second tr", true),
      { type: "turn.ended", turn: "t1", outcome: "interrupted" },
      ...start("t2", "Continue."),
    ];
    const [go, cut, note, next] = format(toMessages(events));
    assert.deepEqual([go, cut, next], ["user: Go.", "assistant: Second tr", "user: Continue."]);
    assert.match(note ?? "", /^user: \[The turn above was interrupted/);
  });

  it("starts with the summary after a compaction, and keeps every later message, including a steering one", () => {
    const asked = (step: number): SessionEvent => ({
      type: "call.asked",
      turn: "t1",
      step,
      call: `c${step}`,
      name: "read",
      kind: "read",
      title: "read",
      input: {},
      locations: [],
    });
    const answered = (step: number): SessionEvent => ({
      type: "call.done",
      call: `c${step}`,
      state: "done",
      output: `result ${step}`,
    });
    const before = [
      ...start("t1"),
      asked(1),
      answered(1),
      { type: "turn.steered" as const, turn: "t1", prompt: "p1", text: "Mind the gap." },
      asked(2),
      answered(2),
    ];
    const history = createHistory();
    for (const envelope of toEnvelopes(before)) history.add(envelope);
    const at = format(history.messages({ turn: "t1", step: 3 })).indexOf("user: Mind the gap.");
    assert.equal(at, 3);
    const upTo = history.envelopeMarks()[at - 1] ?? 0;
    const whole = toMessages([
      ...before,
      { type: "history.compacted", upTo, summary: "They read.", reason: "too long" },
    ]);
    const [summary, ...rest] = format(whole);
    assert.match(summary ?? "", /They read\./);
    assert.deepEqual(rest, ["user: Mind the gap.", "assistant: call", "tool: result 2"]);
  });
});
