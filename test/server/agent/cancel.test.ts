import assert from "node:assert/strict";
import type { SessionEvent } from "../../../protocol/events.ts";
import type { Session } from "../../../server/session/session.ts";
import {
  ada,
  type BenchOptions,
  filterByType,
  openAgentBench,
  promptAndWait,
  waitForEvent,
} from "../../help/agent-bench.ts";
import { checkEnds, checkHistory } from "../../help/invariants.ts";
import {
  call,
  calls,
  done,
  failed,
  neverResolves,
  type ScriptedResponse,
  scriptedModel,
  text,
} from "../../help/scripted-model.ts";

interface Phase {
  name: string;
  answers: readonly ScriptedResponse[];
  parts?: BenchOptions;
  /** The event at which to cancel. */
  event: SessionEvent["type"];
  times?: number;
}

const judgeAsk = async () => ({ decision: "ask" as const, reason: "it runs something" });
const step = (path: string): ScriptedResponse => [text("So."), call("list", { path }), calls];

const phases: Phase[] = [
  { name: "before the model responds", answers: [[neverResolves()]], event: "model.routed" },
  { name: "while text streams", answers: [[text("So,"), neverResolves()]], event: "text.delta" },
  {
    name: "during an approval",
    answers: [[call("bash", { command: "true" }), calls]],
    parts: { judge: judgeAsk, canAnswer: true },
    event: "question.asked",
  },
  {
    name: "while a command runs",
    answers: [[call("bash", { command: "echo started; sleep 60" }), calls]],
    event: "call.output",
  },
  {
    name: "while a command runs that ignores signals",
    answers: [[call("bash", { command: "trap '' TERM INT; echo started; sleep 60" }), calls]],
    event: "call.output",
  },
  {
    name: "before the second call of a response",
    answers: [[call("bash", { command: "echo started; sleep 60" }), call("write", { path: "a", content: "a" }), calls]],
    event: "call.output",
  },
  {
    name: "during compaction",
    answers: [..."abcdef"].map(step).concat([[failed("overflow")], [text("They"), neverResolves()]]),
    event: "call.done",
    times: 6,
  },
];

const waitForEvents = (session: Session, type: SessionEvent["type"], count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    session.watch(({ event }) => event.type === type && --left === 0 && resolve());
  });

describe("cancelling a turn", () => {
  for (const { name, answers, parts, event, times: count = 1 } of phases) {
    it(`${name} ends the turn at once, ends every part, and the session can continue`, async () => {
      let remaining: readonly ScriptedResponse[] = answers;
      const script = scriptedModel([
        (request) => {
          const next = remaining[Math.min(script.requests.length, remaining.length) - 1] ?? [done];
          return typeof next === "function" ? next(request) : next;
        },
      ]);
      const bench = await openAgentBench({ model: script, ...parts });
      const session = await bench.create();
      const reached = waitForEvents(session, event, count);
      await session.prompt("Go.", [], {}, ada);
      await reached;
      // Measured from here to idle; generous, for a busy machine.
      const before = performance.now();
      await session.cancel();
      const took = performance.now() - before;
      assert.ok(took < 2_000, `it took ${took} ms`);
      assert.equal(session.view().lastEnd?.outcome, "cancelled");
      assert.equal(session.view().activity.state, "idle");
      checkEnds(session.envelopes());
      assert.equal(filterByType(session.envelopes(), "file.changed").length, 0);
      remaining = [[text("Hello again."), done]];
      script.requests.length = 0;
      await promptAndWait(session, "Continue.");
      assert.equal(session.view().lastEnd?.outcome, "done");
      checkEnds(session.envelopes());
      checkHistory(script.requests[0]?.messages ?? []);
      await bench.close();
    });
  }

  it("does not wait for a permission decision", async () => {
    const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
    const bench = await openAgentBench({
      model: scriptedModel([[call("bash", { command: "git status" }), calls]]),
      judge() {
        ask();
        return new Promise(() => undefined);
      },
    });
    const session = await bench.create();
    await session.prompt("Go.", [], {}, ada);
    await asked;
    await session.cancel();
    checkEnds(session.envelopes());
    assert.deepEqual(
      filterByType(session.envelopes(), "call.done").map(({ state }) => state),
      ["interrupted"],
    );
    assert.equal(session.view().lastEnd?.outcome, "cancelled");
    await bench.close();
  });

  it("does nothing without a running turn, and can be called twice", async () => {
    const bench = await openAgentBench({ model: scriptedModel([[text("So,"), neverResolves()]]) });
    const session = await bench.create();
    await session.cancel();
    const streaming = waitForEvent(session, "text.delta");
    await session.prompt("Go.", [], {}, ada);
    await streaming;
    await Promise.all([session.cancel(), session.cancel()]);
    checkEnds(session.envelopes());
    assert.equal(filterByType(session.envelopes(), "turn.ended").length, 1);
    await bench.close();
  });
});
