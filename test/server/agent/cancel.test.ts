import assert from "node:assert/strict";
import type { SessionEvent } from "../../../protocol/events.ts";
import type { Settings } from "../../../protocol/methods.ts";
import type { Session } from "../../../server/session/session.ts";
import { ada, type BenchParts, ofType, openAgentBench, prompted, seen } from "../../help/agent-bench.ts";
import { checkEnds, checkHistory } from "../../help/laws.ts";
import { type Answer, call, calls, done, failed, never, scriptedModel, text } from "../../help/scripted-model.ts";

interface Phase {
  name: string;
  answers: readonly Answer[];
  parts?: BenchParts;
  /** When to cancel. */
  at: SessionEvent["type"];
  times?: number;
}

const asking = async () => ({ decision: "ask" as const, reason: "it runs something" });
const step = (path: string): Answer => [text("So."), call("list", { path }), calls];

const phases: Phase[] = [
  { name: "before the model said anything", answers: [[never()]], at: "model.routed" },
  { name: "while text comes", answers: [[text("So,"), never()]], at: "text.delta" },
  {
    name: "while a person is asked",
    answers: [[call("bash", { command: "true" }), calls]],
    parts: { judge: asking, canAnswer: true },
    at: "question.asked",
  },
  {
    name: "while a command runs",
    answers: [[call("bash", { command: "echo started; sleep 60" }), calls]],
    at: "call.output",
  },
  {
    name: "while a command runs that ignores signals",
    answers: [[call("bash", { command: "trap '' TERM INT; echo started; sleep 60" }), calls]],
    at: "call.output",
  },
  {
    name: "before the second call of an answer",
    answers: [[call("bash", { command: "echo started; sleep 60" }), call("write", { path: "a", content: "a" }), calls]],
    at: "call.output",
  },
  {
    name: "while the history is summed up",
    answers: [..."abcdef"].map(step).concat([[failed("overflow")], [text("They"), never()]]),
    at: "call.done",
    times: 6,
  },
];

const times = (session: Session<Settings>, type: SessionEvent["type"], count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    session.watch(({ event }) => event.type === type && --left === 0 && resolve());
  });

describe("a turn that is stopped", () => {
  for (const { name, answers, parts, at, times: count = 1 } of phases) {
    it(`${name} is over at once, with an end to everything, and the session goes on`, async () => {
      let wanted: readonly Answer[] = answers;
      const script = scriptedModel([
        (request) => {
          const next = wanted[Math.min(script.requests.length, wanted.length) - 1] ?? [done];
          return typeof next === "function" ? next(request) : next;
        },
      ]);
      const bench = await openAgentBench({ model: script, ...parts });
      const session = await bench.create();
      const reached = times(session, at, count);
      await session.prompt("Go.", [], {}, ada);
      await reached;
      // Measured from here to idle; generous, for a machine that does other things, too.
      const before = performance.now();
      await session.cancel();
      const took = performance.now() - before;
      assert.ok(took < 2_000, `it took ${took} ms`);
      assert.equal(session.view().lastEnd?.outcome, "cancelled");
      assert.equal(session.view().activity.state, "idle");
      checkEnds(session.envelopes());
      assert.equal(ofType(session.envelopes(), "file.changed").length, 0);
      wanted = [[text("Hello again."), done]];
      script.requests.length = 0;
      await prompted(session, "Go on.");
      assert.equal(session.view().lastEnd?.outcome, "done");
      checkEnds(session.envelopes());
      checkHistory(script.requests[0]?.messages ?? []);
      await bench.close();
    });
  }

  it("is over where nothing runs, and twice", async () => {
    const bench = await openAgentBench({ model: scriptedModel([[text("So,"), never()]]) });
    const session = await bench.create();
    await session.cancel();
    const speaking = seen(session, "text.delta");
    await session.prompt("Go.", [], {}, ada);
    await speaking;
    await Promise.all([session.cancel(), session.cancel()]);
    checkEnds(session.envelopes());
    assert.equal(ofType(session.envelopes(), "turn.ended").length, 1);
    await bench.close();
  });
});
