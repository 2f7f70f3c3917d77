import assert from "node:assert/strict";
import { emptyView } from "../../../protocol/view.ts";
import { createInitialState } from "../../../tui/app/initial-state.ts";
import { answerableQuestion, createQuestionGate } from "../../../tui/app/questions.ts";
import type { State } from "../../../tui/app/state.ts";

const question = (id: string) => ({
  id,
  kind: "approval" as const,
  title: "Run it?",
  detail: "",
  choices: [{ id: "yes", label: "Approve" }],
  freeText: false,
  digest: "d",
});

/** A gate whose timers the test fires. */
function openGate() {
  const options = { cwd: "/w", version: "1", settings: {}, screenMode: "screen" } as const;
  let state: State = createInitialState(options, { columns: 80, rows: 24 });
  const timers: (() => void)[] = [];
  const set = (change: Partial<State>): void => {
    state = { ...state, ...change };
  };
  const gate = createQuestionGate({ state: () => state, set }, (callback) => void timers.push(callback));
  return {
    show(...ids: string[]): void {
      set({
        view: { ...emptyView, id: "s", questions: ids.map(question) },
      });
      gate(state);
    },
    elapse: (): void => {
      for (const fire of timers.splice(0)) fire();
    },
    answerable: () => answerableQuestion(state)?.id ?? null,
  };
}

describe("the question gate", () => {
  it("ignores answers until the question was shown long enough", () => {
    const gate = openGate();
    gate.show("a");
    assert.equal(gate.answerable(), null);
    gate.elapse();
    assert.equal(gate.answerable(), "a");
  });

  it("starts over with the next question", () => {
    const gate = openGate();
    gate.show("a", "b");
    gate.elapse();
    gate.show("b");
    assert.equal(gate.answerable(), null);
    gate.elapse();
    assert.equal(gate.answerable(), "b");
  });

  it("does not accept answers to a question that has gone", () => {
    const gate = openGate();
    gate.show("a");
    gate.show();
    gate.elapse();
    assert.equal(gate.answerable(), null);
  });
});
