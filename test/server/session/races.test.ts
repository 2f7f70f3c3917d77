import assert from "node:assert/strict";
import type { Session } from "../../../server/session/session.ts";
import {
  type AgentBench,
  ada,
  bob,
  filterByType,
  openAgentBench,
  promptAndWait,
  waitForEvent,
} from "../../help/agent-bench.ts";
import { checkEnds } from "../../help/invariants.ts";
import { call, calls, done, type ScriptedModel, scriptedModel, text } from "../../help/scripted-model.ts";

const judgeAsk = async () => ({ decision: "ask" as const, reason: "it runs something", always: "bash(true)" });
const runTrue = [call("bash", { command: "true" }), calls];

describe("concurrent answers to a question", () => {
  let bench: AgentBench;
  afterEach(() => bench.close());

  it("accepts the first, rejects the second with the author of the first, and records it", async () => {
    bench = await openAgentBench({ model: scriptedModel([runTrue, [done]]), judge: judgeAsk, canAnswer: true });
    const session = await bench.create();
    const asked = waitForEvent(session, "question.asked");
    await session.prompt("Go.", [], {}, ada);
    const { question, digest } = await asked;
    const [first, second] = await Promise.allSettled([
      session.answer(question, digest, { choice: "no" }, bob),
      session.answer(question, digest, { choice: "yes" }, ada),
    ]);
    assert.equal(first.status, "fulfilled");
    assert.deepEqual(second.status === "rejected" && [second.reason.code, second.reason.message], [
      "conflict",
      "This was already decided by Bob.",
    ]);
    await session.idle();
    const answered = session.envelopes().filter(({ event }) => event.type === "question.answered");
    assert.deepEqual(
      answered.map(({ by }) => by),
      [bob],
    );
    assert.equal(filterByType(session.envelopes(), "call.done")[0]?.state, "refused");
    assert.match(filterByType(session.envelopes(), "call.done")[0]?.output ?? "", /refused by Bob/);
    checkEnds(session.envelopes());
    await assert.rejects(session.answer(question, digest, { choice: "yes" }, ada), { code: "conflict" });
  });

  it("rejects an answer with another digest or question without changes", async () => {
    bench = await openAgentBench({
      model: scriptedModel([[call("ask", { question: "Which?", choices: ["a", "b"] }), calls], [done]]),
      canAnswer: true,
    });
    const session = await bench.create();
    const asked = waitForEvent(session, "question.asked");
    await session.prompt("Go.", [], {}, ada);
    const { question, digest } = await asked;
    await assert.rejects(session.answer(question, "another digest", { choice: "yes" }, ada), { code: "conflict" });
    await assert.rejects(session.answer("q999", digest, { choice: "yes" }, ada), { code: "notFound" });
    assert.equal(session.view().questions.length, 1);
    await session.cancel();
    checkEnds(session.envelopes());
    await assert.rejects(session.answer(question, digest, { choice: "yes" }, ada), { code: "notFound" });
  });

  it("applies an always-allow rule in this session, but not in an imported copy", async () => {
    const approvals: (readonly string[])[] = [];
    bench = await openAgentBench({
      model: scriptedModel([runTrue, [done]]),
      judge: async ({ approved }) => {
        approvals.push([...approved]);
        return approved.includes("bash(true)") ? { decision: "allow" } : await judgeAsk();
      },
      canAnswer: true,
    });
    const session = await bench.create();
    const asked = waitForEvent(session, "question.asked");
    await session.prompt("Go.", [], {}, ada);
    const { question, digest } = await asked;
    await session.answer(question, digest, { choice: "always" }, ada);
    await session.idle();
    await bench.close();
    const model = () => scriptedModel([runTrue, [done]]);
    const later = await openAgentBench({
      model: model(),
      judge: async ({ approved }) => {
        approvals.push([...approved]);
        return { decision: "allow" };
      },
    });
    const imported = await later.sessions.importEnvelopes([...session.envelopes()], ada);
    await promptAndWait(imported);
    assert.deepEqual(approvals, [[], []]);
    await later.close();
  });
});

describe("the queue", () => {
  let bench: AgentBench;
  let model: ScriptedModel;
  let session: Session;
  let gate: PromiseWithResolvers<void>;
  beforeEach(async () => {
    gate = Promise.withResolvers();
    model = scriptedModel([
      [text("One."), gate.promise, done],
      [text("Two."), done],
    ]);
    bench = await openAgentBench({ model });
    session = await bench.create();
    const streaming = waitForEvent(session, "text.delta");
    await session.prompt("first", [], {}, ada);
    await streaming;
  });
  afterEach(() => bench.close());
  const prompts = (): string[] => session.view().parts.flatMap((part) => (part.type === "prompt" ? [part.text] : []));

  it("keeps 100 prompts in order, can be changed, and refuses the next one", async () => {
    const queued = await Promise.all(
      Array.from({ length: 100 }, (_, index) => session.prompt(`q${index}`, [], {}, ada)),
    );
    await assert.rejects(session.prompt("too many", [], {}, ada), { code: "busy", message: /100 prompts/ });
    const ids = queued.map(({ prompt }) => prompt);
    await session.changeQueue({ type: "prompt.dropped", prompt: ids[1] ?? "" }, ada);
    await session.changeQueue({ type: "prompt.edited", prompt: ids[2] ?? "", text: "edited" }, bob);
    await session.changeQueue({ type: "prompt.moved", prompt: ids[99] ?? "", to: 0 }, bob);
    await assert.rejects(session.changeQueue({ type: "prompt.dropped", prompt: ids[1] ?? "" }, ada), {
      code: "notFound",
    });
    gate.resolve();
    await session.idle();
    const expected = Array.from({ length: 97 }, (_, index) => `q${index + 2}`).with(0, "edited");
    assert.deepEqual(prompts(), ["first", "q99", "q0", ...expected]);
    checkEnds(session.envelopes());
  });

  it("waits after a cancelled turn until it is sent, while a new prompt runs at once", async () => {
    await session.prompt("second", [], {}, ada);
    await session.prompt("third", [], {}, bob);
    await session.cancel();
    await session.idle();
    assert.deepEqual([prompts(), session.view().queueWaits], [["first"], true]);
    await session.prompt("instead", [], {}, ada);
    await session.idle();
    assert.deepEqual([prompts(), session.view().queueWaits], [["first", "instead"], true]);
    await session.resumeQueue();
    await session.idle();
    assert.deepEqual([prompts(), session.view().queueWaits], [["first", "instead", "second", "third"], false]);
    assert.deepEqual(
      filterByType(session.envelopes(), "turn.ended").map(({ outcome }) => outcome),
      ["cancelled", "done", "done", "done"],
    );
  });

  it("runs a steering message as a prompt if the turn ends first", async () => {
    await session.steer("t1", "also this", bob);
    await assert.rejects(session.steer("t7", "too late", bob), { code: "conflict", message: /t1 is running/ });
    gate.resolve();
    await session.idle();
    assert.deepEqual(prompts(), ["first", "also this"]);
    assert.deepEqual(session.view().queue, []);
  });
});

describe("steering a turn", () => {
  it("reaches the model at its next step", async () => {
    const gate = Promise.withResolvers<void>();
    const model = scriptedModel([[text("Looking."), gate.promise, call("list", { path: "." }), calls], [done]]);
    const bench = await openAgentBench({ model });
    const session = await bench.create();
    const streaming = waitForEvent(session, "text.delta");
    await session.prompt("Go.", [], {}, ada);
    await streaming;
    await session.steer("t1", "Mind the tests.", bob);
    gate.resolve();
    await session.idle();
    const last = model.requests[1]?.messages.at(-1);
    assert.deepEqual(last, { role: "user", content: [{ type: "text", text: "Mind the tests." }] });
    assert.deepEqual(session.view().queue, []);
    checkEnds(session.envelopes());
    await bench.close();
  });
});
