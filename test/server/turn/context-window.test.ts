/** Turns in a small context, with real sessions: what is compacted, cut, learned from an endpoint, and left out. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { Model, ModelRequest, Tool } from "../../../server/ports.ts";
import type { StoredMessage } from "../../../server/session/history.ts";
import type { Session } from "../../../server/session/session.ts";
import { chooseCut } from "../../../server/turn/choose-cut.ts";
import {
  cutMiddle,
  findRecent,
  fitMessages,
  getInputBudget,
  measureMessages,
} from "../../../server/turn/context-budget.ts";
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
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
} from "../../help/scripted-model.ts";

const PNG = Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDRnot really a picture", "latin1");

const asksForSummary = ({ messages }: ModelRequest): boolean => {
  const last = messages.at(-1);
  return last?.role === "user" && last.appended === true;
};

/** Answers a request for a summary with one, and all others as scripted. */
const withSummaries = (answers: readonly ScriptedResponse[]): ScriptedResponse => {
  let next = 0;
  return (request) => {
    const answer = asksForSummary(request) ? [text("A summary."), done] : answers[Math.min(next++, answers.length - 1)];
    return typeof answer === "function" ? answer(request) : (answer ?? [done]);
  };
};

describe("the context of a turn", () => {
  let bench: AgentBench;
  let session: Session;
  let model: ScriptedModel;
  afterEach(async () => {
    checkEnds(session.envelopes());
    for (const { messages } of model.requests) checkHistory(messages);
    await bench.close();
  });
  async function open(
    answers: readonly ScriptedResponse[],
    more: Partial<Model>,
    rest: BenchOptions = {},
  ): Promise<void> {
    model = scriptedModel([withSummaries(answers)], more);
    bench = await openAgentBench({ model, ...rest });
    session = await bench.create();
  }
  const outcome = () => session.view().lastEnd?.outcome;
  /** Characters of each request: an estimate of tokens is at least a fifth of them. */
  const sizes = () =>
    model.requests.map(({ system, messages, tools }) => JSON.stringify([system, messages, tools]).length);
  const printer = (output: string): Tool => ({
    name: "print",
    kind: "other",
    description: "",
    long: "",
    schema: { type: "object" },
    parallel: false,
    parse: () => ({ ok: true, input: {} }),
    prepare: async () => ({ title: "print", locations: [], accesses: [{ kind: "none" }] }),
    run: async () => ({ ok: true, output }),
  });

  for (const words of ["word ", "長い文章", "const x = [1, 2];\n"])
    it(`is compacted before the limit is reached, after three large turns of ${JSON.stringify(words)}`, async () => {
      await open([[text("Fine."), done]], { context: 24_000 });
      const size = /[a-z]/.test(words) ? 30_000 : 8_000;
      for (let turn = 0; turn < 3; turn += 1) {
        await promptAndWait(session, words.repeat(size / words.length));
        assert.equal(outcome(), "done");
      }
      assert.ok(filterByType(session.envelopes(), "history.compacted").length > 0);
      assert.ok(sizes().every((length) => length < 24_000 * 4));
      assert.match(JSON.stringify(model.requests.at(-1)?.messages), /A summary\./);
    });

  it("is compacted in the middle of a long turn, and the requests before extend each other", async () => {
    let step = 0;
    const read: ScriptedResponse = () => [call("list", { path: `x${++step}` }), call("print", { step }), calls];
    await open(
      [...Array.from({ length: 12 }, () => read), [text("Done."), done]],
      { context: 24_000 },
      {
        tools: [printer("out ".repeat(3_000))],
      },
    );
    await promptAndWait(session);
    assert.equal(outcome(), "done");
    assert.ok(filterByType(session.envelopes(), "history.compacted").length > 0);
    const first = model.requests.findIndex(asksForSummary);
    for (let at = 1; at < first; at += 1) {
      const before = model.requests[at - 1]?.messages ?? [];
      assert.deepEqual(model.requests[at]?.messages.slice(0, before.length), before);
    }
  });

  for (const [context, length] of [
    [8_000, 100_000],
    [32_000, 2_000_000],
    [null, 3_000_000],
  ] as const)
    it(`holds a result of ${length} characters if it has ${context} tokens; all of it is stored`, async () => {
      const output = Array.from({ length: length / 10 }, (_, line) => String(line).padStart(9, "0")).join("\n");
      await open(
        [
          [call("print", {}), calls],
          [text("Done."), done],
        ],
        { context },
        { tools: [printer(output)] },
      );
      await promptAndWait(session);
      assert.equal(outcome(), "done");
      const [ended] = filterByType(session.envelopes(), "call.done");
      assert.ok((ended?.output.length ?? 0) < Math.min(400_100, (context ?? 1e9) * 3.5));
      assert.match(ended?.output ?? "", /^000000000\n/);
      const path = /the full text is in (\S+)\. Search it/.exec(ended?.output ?? "")?.[1] ?? "";
      assert.equal(await readFile(path, "utf8"), output);
    });

  for (const [context, answers] of [
    [8_000, [[text("Fine."), done]]],
    [
      32_000,
      [
        [call("list", { path: "." }), calls],
        [text("Fine."), done],
      ],
    ],
    [null, [[failed("overflow")], [failed("overflow")], [text("Fine."), done]]],
  ] as const)
    it(`holds a prompt of any length, also later, if it has ${context} tokens`, async () => {
      await open(answers, { context });
      await promptAndWait(session, "x".repeat(2_000_000));
      assert.equal(outcome(), "done");
      await promptAndWait(session, "And now?");
      assert.equal(outcome(), "done");
      if (context !== null) assert.ok(sizes().every((length) => length < context * 4));
      assert.match(JSON.stringify(model.requests.at(-1)?.messages), /And now\?/);
    });

  it("is learned from an endpoint that names it: prompt and tools are chosen anew, for the session and for later ones", async () => {
    const overflow = failed("overflow");
    assert.ok(overflow.type === "stop" && overflow.reason === "failed");
    const named = { ...overflow, failure: { ...overflow.failure, contextLimit: 16_000 } };
    await open([[named], [text("Fine."), done]], { context: 200_000, inputPrice: 1 });
    await promptAndWait(session, "word ".repeat(2_000));
    assert.equal(outcome(), "done");
    const [large, small] = model.requests;
    assert.equal(model.requests.length, 2);
    assert.ok((small?.system.length ?? 0) < (large?.system.length ?? 0) / 2);
    assert.ok(JSON.stringify(small?.tools).length < JSON.stringify(large?.tools).length / 2);
    assert.equal(session.view().context, 16_000);
    const other = await bench.create();
    await promptAndWait(other, "Hello.");
    assert.equal(model.requests.at(-1)?.system, small?.system);
    assert.equal(other.view().context, 16_000);
    model.context = 150_000;
    await promptAndWait(session, "A larger one.");
    assert.ok((model.requests.at(-1)?.system.length ?? 0) > (small?.system.length ?? 0) * 2);
    assert.equal(session.view().context, 150_000);
  });

  it("decides how much of the instructions is sent, also after a change of the model", async () => {
    const file = { path: "AGENTS.md", text: `Begin.${" Rule.".repeat(1_500)}` };
    await open([[text("Fine."), done]], { context: 8_000 }, { instructions: [file] });
    for (const [context, isWhole] of [
      [8_000, false],
      [16_000, true],
      [17_000, true],
      [6_000, false],
      [15_000, true],
    ] as const) {
      model.context = context;
      await promptAndWait(session, "Go.");
      const system = model.requests.at(-1)?.system ?? "";
      assert.equal(system.includes(file.text), isWhole, `${context}`);
      assert.equal(system.includes("Begin."), true);
    }
    assert.equal(filterByType(session.envelopes(), "instructions.loaded").length, 4);
  });

  it("holds an output that fits once its keys are removed, uncut", async () => {
    const key = `sk_${"0a1B2c3D".repeat(500)}`;
    const output = `${"a".repeat(4_000)} ${key} ${key} ${"b".repeat(4_000)}`;
    await open(
      [
        [call("print", {}), calls],
        [text("Done."), done],
      ],
      { context: 8_000 },
      { tools: [printer(output)] },
    );
    bench.redactor.addSecret(key);
    await promptAndWait(session);
    const [ended] = filterByType(session.envelopes(), "call.done");
    assert.equal(ended?.output, output.replaceAll(key, "[redacted key]"));
  });

  it("redacts keys before it cuts the output", async () => {
    const key = `sk_${"0a1B2c3D".repeat(8)}`;
    const [start, end] = ["a".repeat(5_000), "b".repeat(300_000)];
    for (let length = 0; length < key.length; length += 8) {
      const output = `${start}${"c".repeat(length)} ${key} ${end}`;
      await open(
        [
          [call("print", {}), calls],
          [text("Done."), done],
        ],
        { context: 8_000 },
        { tools: [printer(output)] },
      );
      bench.redactor.addSecret(key);
      await promptAndWait(session);
      const log = JSON.stringify(session.envelopes());
      assert.ok(!log.includes(key.slice(0, 8)) && !log.includes(key.slice(-8)));
      if (length + 8 < key.length) await bench.close();
    }
  });

  const images = () =>
    model.requests.map(({ messages }) => JSON.stringify(messages).includes('"mediaType":"image/png"'));
  for (const [kind, message] of [
    ["request", "The image data you provided does not represent a valid image."],
    ["request", "Bad request"],
    ["unsupported", "No endpoint supports image input"],
    ["server", "image input is not supported - hint: you may need to provide the mmproj"],
  ] as const)
    it(`leaves out an image that the endpoint refuses (${kind}: ${message})`, async () => {
      await open([[call("read", { path: "shot.png" }), calls], [failed(kind, message)], [text("Fine."), done]], {
        vision: true,
      });
      await writeFile(join(bench.cwd, "shot.png"), PNG);
      await promptAndWait(session);
      await promptAndWait(session, "And now?");
      assert.equal(outcome(), "done");
      assert.deepEqual(images(), [false, true, false, false]);
      const notices = filterByType(session.envelopes(), "notice.shown").map((notice) => notice.text);
      assert.deepEqual(notices, ["acme/m could not read an image. The conversation continues without it."]);
    });

  it("keeps an image whose request fails without it, too, and the ones that were accepted before", async () => {
    const attach = async (bytes: Buffer) => ({
      name: "a.png",
      mediaType: "image/png",
      blob: await bench.store.blobs(session.view().id).put(bytes),
    });
    await open(
      [
        [text("I see."), done],
        [failed("request", "no")],
        [failed("request", "no")],
        [failed("request", "no")],
        [text("Fine."), done],
      ],
      { vision: true },
    );
    for (const bytes of [PNG, Buffer.concat([PNG, PNG])]) {
      await session.prompt("Look.", [await attach(bytes)], {}, { kind: "person", id: "a", name: "A" });
      await session.idle();
    }
    assert.equal(outcome(), "failed");
    assert.deepEqual(filterByType(session.envelopes(), "notice.shown"), []);
    await promptAndWait(session, "And now?");
    assert.equal(outcome(), "done");
    const count = model.requests.map(
      ({ messages }) => JSON.stringify(messages).split('"mediaType":"image/png"').length - 1,
    );
    assert.deepEqual(count, [1, 2, 1, 2, 1]);
  });
});

describe("messages that are cut to fit", () => {
  const user = fc
    .string({ maxLength: 3 })
    .chain((word) =>
      fc
        .nat(3_000)
        .map((times): StoredMessage => ({ role: "user", content: [{ type: "text", text: `${word}x`.repeat(times) }] })),
    );
  const step = fc
    .tuple(fc.nat(30_000), fc.integer({ min: 1, max: 9 }), fc.nat(3_000))
    .map(([result, results, input]): StoredMessage[] => {
      const ids = Array.from({ length: results }, (_, index) => `c${index}`);
      return [
        {
          role: "assistant",
          model: "m",
          content: [
            { type: "text", text: "So." },
            ...ids.map((id) => ({ type: "call" as const, id, name: "n", input: { text: "i".repeat(input) } })),
          ],
        },
        ...(results === 0
          ? []
          : [
              {
                role: "tool" as const,
                results: ids.map((id) => ({ id, name: "n", output: "o".repeat(result), failed: false, images: [] })),
              },
            ]),
      ];
    });
  /** Ids occur once. */
  const number = (message: StoredMessage, index: number): StoredMessage => {
    if (message.role === "tool")
      return { ...message, results: message.results.map((result) => ({ ...result, id: `${index - 1}${result.id}` })) };
    if (message.role === "user") return message;
    return {
      ...message,
      content: message.content.map((part) => (part.type === "call" ? { ...part, id: `${index}${part.id}` } : part)),
    };
  };
  const history = fc
    .array(fc.tuple(user, fc.array(step, { maxLength: 4 })), { minLength: 1, maxLength: 5 })
    .map((turns) => turns.flatMap(([prompt, steps]) => [prompt, ...steps.flat()]).map(number));
  const cut = (text: string, max: number) => cutMiddle(text, max, "[…]");

  it("fit any budget, with each call next to its result", () =>
    fc.assert(
      fc.property(history, fc.integer({ min: 3_000, max: 100_000 }), (messages, budget) => {
        const fitting = fitMessages(messages, budget, cut);
        assert.ok(measureMessages(fitting) <= budget);
        checkHistory(fitting as Parameters<typeof checkHistory>[0]);
        if (measureMessages(messages) <= budget && JSON.stringify(messages).length < budget)
          assert.deepEqual(fitting, messages);
      }),
    ));

  it("begin with a message of the user or the model when they are the recent ones", () =>
    fc.assert(
      fc.property(history, fc.nat(60_000), fc.option(fc.nat(100_000)), (messages, tokens, budget) => {
        const start = findRecent(messages, tokens, 6);
        assert.notEqual(messages[start]?.role, "tool");
        assert.ok(start < messages.length);
        const at = chooseCut(messages, budget);
        assert.ok(at === 0 || messages[at]?.role !== "tool");
      }),
    ));

  it("are cut between characters", () =>
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 40 }), fc.integer({ min: 10, max: 39 }), (text, max) => {
        assert.ok(cutMiddle(text, max, "[…]").isWellFormed());
      }),
    ));

  it("leave a reserve of the context", () => {
    assert.equal(getInputBudget(null), null);
    assert.deepEqual([8_000, 100_000, 1_000_000].map(getInputBudget), [6_400, 80_000, 980_000]);
  });
});
