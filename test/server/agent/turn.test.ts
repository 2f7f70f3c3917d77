import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Tool } from "../../../server/ports.ts";
import type { Session } from "../../../server/session/session.ts";
import {
  type AgentBench,
  type BenchOptions,
  filterByType,
  openAgentBench,
  promptAndWait,
} from "../../help/agent-bench.ts";
import { checkEnds, checkHistory } from "../../help/invariants.ts";
import {
  call,
  calls,
  done,
  failed,
  invalidCall,
  reasoning,
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
  usageWithCost,
} from "../../help/scripted-model.ts";

const list = [call("list", { path: "." }), calls];

describe("a turn", () => {
  let bench: AgentBench;
  let session: Session;
  let model: ScriptedModel;
  afterEach(async () => {
    checkEnds(session.envelopes());
    for (const { messages } of model.requests) checkHistory(messages);
    await bench.close();
  });
  async function open(answers: readonly ScriptedResponse[], parts: BenchOptions = {}): Promise<void> {
    model = scriptedModel(answers);
    bench = await openAgentBench({ model, ...parts });
    session = await bench.create();
  }
  const end = () => {
    const last = session.view().lastEnd;
    return [last?.outcome, last?.failure?.code];
  };
  const failureMessage = (): string => session.view().lastEnd?.failure?.message ?? "";

  it("requests a response, runs its calls, returns the results, and ends", async () => {
    await open([
      [reasoning("Hm."), text("Looking."), ...list],
      [text("Done."), usageWithCost(0.01), done],
    ]);
    await writeFile(join(bench.cwd, "here.txt"), "");
    await promptAndWait(session);
    assert.deepEqual(end(), ["done", undefined]);
    const results = model.requests[1]?.messages.at(-1);
    assert.match(results?.role === "tool" ? (results.results[0]?.output ?? "") : "", /here\.txt/);
  });

  it("extends the request of the previous step, with the same tools and instructions", async () => {
    let step = 0;
    await open([() => (++step < 5 ? [text(`Step ${step}.`), call("list", { path: ".", step }), calls] : [done, done])]);
    await promptAndWait(session);
    await promptAndWait(session, "Again.");
    for (const [index, request] of model.requests.entries()) {
      const before = model.requests[index - 1];
      if (!before) continue;
      assert.deepEqual([request.system, request.tools], [before.system, before.tools]);
      assert.deepEqual(request.messages.slice(0, before.messages.length), before.messages);
    }
  });

  it("shows a model warning once per session", async () => {
    await open([[text("Yes."), done]], { warnings: ["This model is not in the list."] });
    const notices = [await promptAndWait(session), await promptAndWait(session)].map((turn) =>
      filterByType(turn, "notice.shown"),
    );
    assert.deepEqual(
      notices.map((turn) => turn.map(({ text }) => text)),
      [["This model is not in the list."], []],
    );
  });

  it("ends at the step limit", async () => {
    let step = 0;
    await open([() => [call("list", { path: `${++step}` }), calls]]);
    await promptAndWait(session, "Go.", { maxSteps: 4 });
    assert.deepEqual(end(), ["limit", "limit"]);
    assert.match(failureMessage(), /step limit \(4\)/);
    assert.equal(model.requests.length, 4);
  });

  it("ends at the cost limit", async () => {
    let step = 0;
    await open([() => [call("list", { path: `${++step}` }), usageWithCost(0.4), calls]]);
    await promptAndWait(session, "Go.", { maxCost: 1 });
    assert.deepEqual(end(), ["limit", "budget"]);
    assert.equal(model.requests.length, 3);
  });

  it("ends after three identical calls in a row, and after two alternating calls", async () => {
    await open([list]);
    await promptAndWait(session);
    assert.deepEqual([...end(), model.requests.length], ["limit", "limit", 3]);
    assert.match(failureMessage(), /same call/);
    await bench.close();
    let step = 0;
    await open([() => [call("list", { path: step++ % 2 === 0 ? "." : "./" }), calls]]);
    await promptAndWait(session);
    assert.deepEqual([...end(), model.requests.length], ["limit", "limit", 6]);
    assert.match(failureMessage(), /same two calls/);
  });

  it("detects a loop that began in the previous turn, but not a call that the user requests again", async () => {
    await open([list, [text("Yes."), done], list, [text("Yes."), done], list, [text("Yes."), done], list, list, list]);
    for (let turn = 0; turn < 3; turn++) {
      await promptAndWait(session, "List it.");
      assert.deepEqual(end(), ["done", undefined]);
    }
    await promptAndWait(session, "List it.");
    assert.deepEqual(end(), ["limit", "limit"]);
    assert.equal(filterByType(session.envelopes(), "call.asked").length, 5);
  });

  it("ends at the third invalid call in a row, and reports the errors to the model", async () => {
    await open([
      [invalidCall("list", '{"pa'), calls],
      [call("lsit", {}), calls],
      [call("list", { path: 7 }), calls],
      [done],
    ]);
    await promptAndWait(session);
    assert.deepEqual(end(), ["limit", "limit"]);
    const outputs = filterByType(session.envelopes(), "call.done").map(({ output }) => output);
    assert.match(outputs[0] ?? "", /character 3/);
    assert.match(outputs[1] ?? "", /no tool named "lsit".*list/s);
    assert.match(outputs[2] ?? "", /path/);
  });

  it("ends at the second empty response in a row", async () => {
    await open([[done], list, [reasoning("…"), text(" "), done], [done]]);
    await promptAndWait(session);
    assert.deepEqual(end(), ["failed", "model"]);
    assert.match(failureMessage(), /2 empty responses/);
    assert.equal(model.requests.length, 4);
  });

  it("ends at the third refusal of the same call, without a fourth request", async () => {
    let asked = 0;
    await open([[call("bash", { command: "true" }), calls]], {
      judge: async () => {
        asked += 1;
        return { decision: "deny", reason: "a rule says no" };
      },
    });
    await promptAndWait(session);
    assert.deepEqual(end(), ["failed", "refused"]);
    assert.equal(asked, 3);
    assert.match(filterByType(session.envelopes(), "call.done")[0]?.output ?? "", /refused: a rule says no/);
  });

  it("fails as refused if the last call was refused and the model gives up", async () => {
    await open(
      [
        [call("bash", { command: "true" }), calls],
        [text("I cannot."), done],
      ],
      {
        judge: async () => ({ decision: "ask", reason: "it runs something" }),
      },
    );
    await promptAndWait(session);
    assert.deepEqual(end(), ["failed", "refused"]);
    assert.match(failureMessage(), /no one was available/);
  });

  it("runs at most 16 calls at once and 128 per response, in order", async () => {
    let running = 0;
    let maxRunning = 0;
    const gate = Promise.withResolvers<void>();
    const wait: Tool<{ n: number }> = {
      name: "wait",
      kind: "other",
      description: "Waits.",
      long: "Waits.",
      schema: { type: "object" },
      parallel: true,
      parse: (input) => ({ ok: true, input: input as { n: number } }),
      prepare: async ({ n }) => ({ title: `wait ${n}`, locations: [], accesses: [] }),
      async run({ n }) {
        maxRunning = Math.max(maxRunning, ++running);
        if (running === 16) gate.resolve();
        await gate.promise;
        running -= 1;
        return { ok: true, output: `waited ${n}` };
      },
    };
    const many = Array.from({ length: 140 }, (_, n) => call("wait", { n }, `id${n}`));
    await open(
      [
        [...many, calls],
        [text("Done."), done],
      ],
      { tools: [wait as Tool] },
    );
    await promptAndWait(session);
    assert.deepEqual(end(), ["done", undefined]);
    assert.equal(maxRunning, 16);
    const results = model.requests[1]?.messages.at(-1);
    const outputs = results?.role === "tool" ? results.results.map(({ output }) => output) : [];
    assert.deepEqual(
      outputs.slice(0, 128),
      Array.from({ length: 128 }, (_, n) => `waited ${n}`),
    );
    assert.equal(outputs.length, 140);
    for (const output of outputs.slice(128)) assert.match(output, /not run: at most 128/);
  });

  it("retries once if the response breaks off, keeps the partial text out of the history, and then fails", async () => {
    await open([
      [text("Hello wor"), usageWithCost(0.01), failed("cut")],
      [text("Hello world."), done],
    ]);
    await promptAndWait(session);
    assert.deepEqual(end(), ["done", undefined]);
    assert.deepEqual(model.requests[1]?.messages, model.requests[0]?.messages);
    const texts = filterByType(session.envelopes(), "text.done").map(({ text, incomplete }) => [
      text,
      incomplete ?? false,
    ]);
    assert.deepEqual(texts, [
      ["Hello wor", true],
      ["Hello world.", false],
    ]);
    const notices = filterByType(session.envelopes(), "notice.shown").map((notice) => notice.text);
    assert.deepEqual(notices, ["It failed: cut. Requesting it again."]);
    await promptAndWait(session, "And?");
    assert.ok(!JSON.stringify(model.requests.at(-1)?.messages).includes('Hello wor"'));
    await bench.close();
    await open([[text("a"), failed("cut", "The response broke off.")]]);
    await promptAndWait(session);
    assert.deepEqual(
      [...end(), model.requests.length, failureMessage()],
      ["failed", "model", 2, "The response broke off."],
    );
  });

  it("runs no call of an incomplete response", async () => {
    await open([[...list.slice(0, 1), failed("cut")], [done]]);
    await promptAndWait(session);
    assert.deepEqual(filterByType(session.envelopes(), "call.asked"), []);
  });

  const openOverflowing = async (answers: readonly ScriptedResponse[]): Promise<void> => {
    let step = 0;
    await open([
      ...Array.from({ length: 6 }, () => () => [text("So."), call("list", { path: `x${++step}` }), calls]),
      ...answers,
    ]);
  };

  it("compacts the history once if it does not fit, and continues", async () => {
    await openOverflowing([
      [failed("overflow")],
      [text("They listed."), usageWithCost(0.1), done],
      [text("Done."), done],
    ]);
    await promptAndWait(session);
    assert.deepEqual(end(), ["done", undefined]);
    assert.equal(filterByType(session.envelopes(), "history.compacted").length, 1);
    const after = model.requests.at(-1)?.messages ?? [];
    assert.match(JSON.stringify(after[0]), /They listed\./);
    assert.ok(after.length < (model.requests[6]?.messages.length ?? 0));
  });

  it("fails if the history still does not fit", async () => {
    await openOverflowing([[failed("overflow")], [text("Short."), done], [failed("overflow", "It does not fit.")]]);
    await promptAndWait(session);
    assert.deepEqual([...end(), failureMessage()], ["failed", "overflow", "It does not fit."]);
    assert.equal(filterByType(session.envelopes(), "history.compacted").length, 1);
  });

  for (const [problem, answer] of [
    ["fails", [failed("server")]],
    ["is empty", [done]],
    ["is longer than the original", [text("x".repeat(100_000)), done]],
    ["is truncated", [text("Then"), { type: "stop", reason: "length" }]],
  ] as const) {
    it(`keeps the history if its summary ${problem}`, async () => {
      await openOverflowing([[failed("overflow")], answer, [text("Fits again."), done]]);
      await promptAndWait(session);
      assert.deepEqual(end(), ["failed", "overflow"]);
      assert.deepEqual(filterByType(session.envelopes(), "history.compacted"), []);
      await promptAndWait(session, "Continue.");
      assert.deepEqual(end(), ["done", undefined]);
      const overflowed = model.requests[6]?.messages ?? [];
      assert.deepEqual(model.requests.at(-1)?.messages.slice(0, overflowed.length), overflowed);
    });
  }

  for (const [kind, code] of [
    ["auth", "auth"],
    ["rate", "model"],
    ["network", "model"],
    ["server", "model"],
  ] as const) {
    it(`ends with the provider's failure (${kind}), and the session can continue`, async () => {
      await open([[failed(kind, "The host said no.")], [text("Hello."), done]]);
      await promptAndWait(session);
      assert.deepEqual([...end(), failureMessage(), model.requests.length], ["failed", code, "The host said no.", 1]);
      await promptAndWait(session);
      assert.deepEqual(end(), ["done", undefined]);
    });
  }

  it("reports a response that reached the output limit or was filtered", async () => {
    await open([
      [text("So"), { type: "stop", reason: "length" }],
      [text("So"), { type: "stop", reason: "filtered" }],
    ]);
    await promptAndWait(session);
    assert.deepEqual(end(), ["limit", "outputLimit"]);
    await promptAndWait(session);
    assert.deepEqual(end(), ["failed", "model"]);
  });

  it("fails and ends every part if a tool violates its contract in the middle of a batch", async () => {
    const invalidTool: Tool = {
      name: "odd",
      kind: "other",
      description: "",
      long: "",
      schema: { type: "object" },
      parallel: true,
      parse: (input) => ({ ok: true, input }),
      prepare: async () => ({ title: "odd", locations: [], accesses: [] }),
      run: async () => ({ ok: true, output: "", images: [{ mediaType: "image/png", data: null as never }] }),
    };
    await open([[call("odd", {}), ...list], [done]], { tools: [invalidTool] });
    await promptAndWait(session);
    assert.equal(session.view().lastEnd?.outcome, "failed");
  });
});
