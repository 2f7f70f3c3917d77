import assert from "node:assert/strict";
import fc from "fast-check";
import type { Envelope, SessionEvent } from "../../../protocol/events.ts";
import { isFact } from "../../../protocol/facts.ts";
import { createHistory, type StoredMessage } from "../../../server/session/history.ts";
import { checkHistory } from "../../help/laws.ts";
import { logs, stamped } from "../../help/logs.ts";
import { law } from "../../help/seed.ts";

/** What the model was told at each step, as it happens: asked for before the first word of every attempt. */
function toldAt(log: readonly Envelope[]): string[][] {
  const history = createHistory();
  const told: string[][] = [];
  let at = "";
  for (const envelope of log) {
    const { event } = envelope;
    if (event.type === "text.delta" || event.type === "text.done" || event.type === "reasoning.delta") {
      const { turn, step } = event;
      if (at !== `${turn} ${step}`) told.push(history.messages({ turn, step }).map((one) => JSON.stringify(one)));
      at = `${turn} ${step}`;
    }
    history.add(envelope);
  }
  told.push(history.messages().map((one) => JSON.stringify(one)));
  return told;
}

const start = (turn: string, text = "Go."): SessionEvent[] => [
  { type: "turn.started", turn, text, attachments: [], agent: "tutti" },
  { type: "model.routed", turn, model: "acme/m", reason: "", context: null, tools: [] },
];
const said = (turn: string, step: number, attempt: number, text: string, cut = false): SessionEvent => ({
  type: "text.done",
  turn,
  step,
  attempt,
  part: `${turn}.${step}.${attempt}`,
  text,
  ...(cut && { incomplete: cut }),
});
const thought = (turn: string, step: number, attempt: number, text: string): SessionEvent => ({
  type: "reasoning.done",
  turn,
  step,
  attempt,
  part: `${turn}.${step}.${attempt}.r`,
  text,
});

function messagesOf(events: readonly SessionEvent[]): readonly StoredMessage[] {
  const history = createHistory();
  for (const envelope of stamped(events)) history.add(envelope);
  return history.messages();
}

const words = (messages: readonly StoredMessage[]): string[] =>
  messages.map((message) =>
    message.role === "tool"
      ? `tool: ${message.results.map(({ output }) => output).join("|")}`
      : `${message.role}: ${message.content.map((part) => ("text" in part ? part.text : part.type)).join("|")}`,
  );

describe("what the model is told", () => {
  it("at each step begins with what it was told at the step before, byte for byte", () => {
    fc.assert(
      fc.property(logs(100), (log) => {
        const told = toldAt(log);
        for (const [index, messages] of told.entries()) {
          if (index > 0) assert.deepEqual(messages.slice(0, told[index - 1]?.length), told[index - 1]);
        }
      }),
      law(300),
    );
  });

  it("is the same when the log is read again, and from its facts alone", () => {
    fc.assert(
      fc.property(logs(100), (log) => {
        const lived = toldAt(log).at(-1);
        const read = (past: readonly Envelope[]): string[] => {
          const history = createHistory();
          for (const envelope of past) history.add(envelope);
          return history.messages().map((one) => JSON.stringify(one));
        };
        assert.deepEqual(read(log), lived);
        assert.deepEqual(read(log.filter(({ event }) => isFact(event))), lived);
      }),
      law(300),
    );
  });

  it("is something that providers accept, after any end", () => {
    fc.assert(
      fc.property(logs(100), (log) => checkHistory(messagesOf(log.map(({ event }) => event)))),
      law(300),
    );
  });

  it("has a command that the person ran as one message of theirs, with all that it printed", () => {
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
    const [told, next, ...rest] = words(messagesOf([...ran("done", "a ``` b"), end, ...start("t2")]));
    assert.equal(told, "user: I ran this command myself:\n\n```\nls\n```\n\nIt succeeded.\n\n````\na ``` b\n````");
    assert.deepEqual([next, rest], ["user: Go.", []]);
    const [cut, after] = words(messagesOf([...ran("interrupted", "half"), end, ...start("t2")]));
    assert.match(cut ?? "", /It was stopped before it was finished\.[\s\S]*half/);
    assert.equal(after, "user: Go.");
    // Where a damaged record hid its end, the calls of the next turn are the model's all the same.
    const damaged = [...ran("done", "a"), ...start("t2"), asked("t2"), answered("t2", "done", "o")];
    assert.deepEqual(words(messagesOf(damaged)).slice(2), ["assistant: call", "tool: o"]);
  });

  it("has what the person noted before their next prompt, once", () => {
    const noted: SessionEvent = { type: "notice.shown", level: "info", text: "Noted.", note: "Use tabs." };
    const told = words(
      messagesOf([noted, ...start("t1"), { type: "turn.ended", turn: "t1", outcome: "done" }, ...start("t2")]),
    );
    assert.equal(told.length, 3);
    assert.match(told[0] ?? "", /^user: .*Use tabs\./);
    assert.deepEqual(told.slice(1), ["user: Go.", "user: Go."]);
  });

  it("leaves out all that a broken-off attempt said when the next one answered", () => {
    const events = [
      ...start("t1"),
      thought("t1", 1, 1, "Hmm."),
      said("t1", 1, 1, "Hello wor", true),
      said("t1", 1, 2, "Hello context."),
      { type: "turn.ended" as const, turn: "t1", outcome: "done" as const },
    ];
    assert.deepEqual(words(messagesOf(events)), ["user: Go.", "assistant: Hello context."]);
  });

  it("has what a broken-off answer said where the turn ended with it", () => {
    const events: SessionEvent[] = [
      ...start("t1"),
      said("t1", 1, 1, "First try", true),
      said("t1", 1, 2, "Second tr", true),
      { type: "turn.ended", turn: "t1", outcome: "interrupted" },
      ...start("t2", "Go on."),
    ];
    const [go, cut, note, next] = words(messagesOf(events));
    assert.deepEqual([go, cut, next], ["user: Go.", "assistant: Second tr", "user: Go on."]);
    assert.match(note ?? "", /^user: \[The turn above was interrupted/);
  });

  it("begins with the summary after a compaction, and keeps every later message, a word between steps too", () => {
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
    for (const envelope of stamped(before)) history.add(envelope);
    const at = words(history.messages({ turn: "t1", step: 3 })).indexOf("user: Mind the gap.");
    assert.equal(at, 3);
    const upTo = history.envelopeMarks()[at - 1] ?? 0;
    const whole = messagesOf([
      ...before,
      { type: "history.compacted", upTo, summary: "They read.", reason: "too long" },
    ]);
    const [summary, ...rest] = words(whole);
    assert.match(summary ?? "", /They read\./);
    assert.deepEqual(rest, ["user: Mind the gap.", "assistant: call", "tool: result 2"]);
  });
});
