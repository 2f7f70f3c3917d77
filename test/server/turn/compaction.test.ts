/** Compactions with real sessions: what the request for the summary shares with the request before it, and what survives. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/model-client.ts";
import type { Compat } from "../../../server/model/target.ts";
import type { HookSource } from "../../../server/plugins/hooks.ts";
import type { Model, ModelRequest, Tool } from "../../../server/ports.ts";
import type { Session } from "../../../server/session/session.ts";
import { type AgentBench, ada, filterByType, openAgentBench, promptAndWait } from "../../help/agent-bench.ts";
import { checkEnds, checkHistory } from "../../help/invariants.ts";
import { createTestClock, targetFor } from "../../help/model-client.ts";
import {
  chunk,
  done as endOfStream,
  event,
  finish,
  type ScriptedEndpoint,
  scriptedEndpoint,
} from "../../help/scripted-endpoint.ts";
import {
  call,
  calls,
  done,
  failed,
  neverResolves,
  type ScriptedModel,
  type ScriptedResponse,
  scriptedModel,
  text,
} from "../../help/scripted-model.ts";

/** A tool whose results are long, and differ. */
const printer = (length: number): Tool => {
  let count = 0;
  return {
    name: "print",
    kind: "other",
    description: "Prints.",
    long: "Prints.",
    schema: { type: "object" },
    parallel: false,
    parse: () => ({ ok: true, input: {} }),
    prepare: async () => ({ title: "print", locations: [], accesses: [{ kind: "none" }] }),
    run: async () => ({ ok: true, output: `${++count} out `.repeat(Math.floor(length / 6)) }),
  };
};

const SUMMARY_REQUEST = /Write a summary from which the work can continue/;
const asksForSummary = ({ messages }: Pick<ModelRequest, "messages">): boolean =>
  SUMMARY_REQUEST.test(JSON.stringify(messages.at(-1)));

/** The share of the text that the other one begins with, too. */
function sharedPart(text: string, other: string): number {
  let length = 0;
  while (length < text.length && text[length] === other[length]) length += 1;
  return length / text.length;
}

describe("a compaction", function () {
  this.timeout(30_000);
  let bench: AgentBench;
  let session: Session;
  let endpoint: ScriptedEndpoint | null = null;
  afterEach(async () => {
    checkEnds(session.envelopes());
    await bench.close();
    await endpoint?.close();
    endpoint = null;
  });
  const compactions = () => filterByType(session.envelopes(), "history.compacted");

  const dialects: [string, Compat, Partial<Model>?][] = [
    ["an ordinary endpoint", {}],
    ["one that only knows tool_choice auto", { toolChoice: "auto-only" }],
    ["one that knows no tool_choice", { toolChoice: "none" }],
    ["one that calls it any", { toolChoice: "any-for-required", toolsForHistory: true }],
    ["one with cache markers", { cacheControl: true }],
    ["one that takes no two user messages in a row", { mergeUsers: true }],
    ["one that wants a response after results", { bridgeAfterTool: true }],
    ["one that gets reasoning of the current turn only", { reasoningOut: "current" }],
    ["one that gets reasoning in its text", { reasoningOut: "think-tags" }],
  ];
  for (const [title, compat] of dialects)
    it(`asks ${title} for the summary with the bytes of the last request, in the middle of a turn and between turns`, async () => {
      let number = 0;
      endpoint = await scriptedEndpoint([
        ({ body }) => {
          const usage = event({
            choices: [],
            usage: { prompt_tokens: 5_000, completion_tokens: 10, prompt_tokens_details: { cached_tokens: 4_800 } },
          });
          if (asksForSummary(body as unknown as ModelRequest))
            return { body: [chunk({ role: "assistant", content: "A summary." }), finish(), usage, endOfStream] };
          number += 1;
          const reasoning = chunk({ role: "assistant", reasoning_content: `I think ${number}.` });
          if (number % 7 === 0) return { body: [reasoning, chunk({ content: "So far." }), finish(), endOfStream] };
          const call = {
            index: 0,
            id: `call_${number}`,
            type: "function",
            function: { name: "print", arguments: "{}" },
          };
          return { body: [reasoning, chunk({ tool_calls: [call] }), finish("tool_calls"), endOfStream] };
        },
      ]);
      const target = targetFor(endpoint.baseUrl, { compat, limits: { context: 40_000, output: 4_000 } });
      const model = openModel(target, { clock: createTestClock(), random: () => 0.5 });
      bench = await openAgentBench({ model, tools: [printer(12_000)] });
      session = await bench.create();
      for (const words of ["Begin with this.", "And then that.", "And more."]) await promptAndWait(session, words);
      const bodies = endpoint.received.map(({ body }) => body);
      const shares = bodies.flatMap((body, index) =>
        asksForSummary(body as unknown as ModelRequest)
          ? [sharedPart(JSON.stringify(body), JSON.stringify(bodies[index - 1]))]
          : [],
      );
      assert.ok(shares.length >= 2, `${shares.length} compactions`);
      for (const share of shares) assert.ok(share >= 0.9, `${share}`);
      const { tokens } = compactions()[0] ?? {};
      assert.deepEqual([tokens?.input, tokens?.cached], [5_000, 4_800]);
      assert.ok(tokens && tokens.after < tokens.before / 2);
    });

  async function open(model: ScriptedModel, rest: Parameters<typeof openAgentBench>[0] = {}): Promise<void> {
    bench = await openAgentBench({ model, ...rest });
    session = await bench.create();
  }
  /** Answers a request for a summary with one, and all others as scripted; the last script repeats. */
  const answering = (summary: ScriptedResponse, answers: readonly ScriptedResponse[]): ScriptedResponse[] => {
    let next = 0;
    return [
      (request) => {
        const answer = asksForSummary(request) ? summary : answers[Math.min(next++, answers.length - 1)];
        return typeof answer === "function" ? answer(request) : (answer ?? [done]);
      },
    ];
  };

  it("keeps task, plan, files and rules through five compactions with useless summaries", async () => {
    const task = `Port the parser to Rust. ${"Mind the details. ".repeat(20)}Never touch vendor/.`;
    const print: ScriptedResponse = [call("print", {}), calls];
    const plan = (...items: [string, string][]): ScriptedResponse => [
      call("plan", { items: items.map(([words, state]) => ({ text: words, state })) }),
      calls,
    ];
    const answers: ScriptedResponse[] = [
      [call("write", { path: "src/parser.rs", content: "fn main() {}\n" }), calls],
      [call("write", { path: "notes.txt", content: "one\n" }), calls],
      plan(["read the old parser", "active"], ["write the new one", "pending"]),
      ...Array.from({ length: 12 }, () => print),
      plan(["read the old parser", "done"], ["write the new one", "active"]),
      ...Array.from({ length: 25 }, () => print),
      [text("Done."), done],
    ];
    const model = scriptedModel(answering([text("."), done], answers), { context: 24_000 });
    const rules = { path: "AGENTS.md", text: "Always run make check." };
    await open(model, { tools: [printer(12_000)], instructions: [rules] });
    await promptAndWait(session, task);
    await promptAndWait(session, "Go on with the tests.");
    assert.equal(session.view().lastEnd?.outcome, "done");
    assert.ok(compactions().length >= 5, `${compactions().length} compactions`);
    const last = model.requests.at(-1);
    const [summary] = last?.messages ?? [];
    const kept = summary?.role === "user" && summary.content[0]?.type === "text" ? summary.content[0].text : "";
    assert.ok(kept.includes(task));
    assert.match(kept, /- \[done\] read the old parser\n- \[active\] write the new one/);
    assert.match(kept, /Files that were changed so far: src\/parser\.rs, notes\.txt/);
    assert.match(last?.system ?? "", /Always run make check\./);
    assert.match(JSON.stringify(last?.messages), /Go on with the tests\./);
    for (const { messages } of model.requests) checkHistory(messages);
  });

  it("keeps the prompt as a hook rewrote it", async () => {
    const model = scriptedModel(answering([text("."), done], [[call("print", {}), calls]]), { context: 24_000 });
    const rewrite = {
      by: { kind: "plugin" as const, id: "h", name: "h" },
      specs: [{ event: "prompt.before" as const }],
      call: async () => ({ text: "Rewritten." }),
    };
    await open(model, { tools: [printer(12_000)], hooks: [rewrite] });
    await promptAndWait(session, "The secret is 42.", { maxSteps: 12 });
    assert.ok(compactions().length > 0);
    const sent = JSON.stringify(model.requests);
    assert.ok(sent.includes("word for word:\\n\\nRewritten."));
    assert.ok(!sent.includes("The secret is 42."));
  });

  it("names the files that were read, and shortens a long task to what fits", async () => {
    const answers: ScriptedResponse[] = [
      [call("write", { path: "a.txt", content: "a\n" }), calls],
      [call("print", {}), calls],
    ];
    const model = scriptedModel(answering([text("."), done], answers), { context: 16_000 });
    await open(model, { tools: [printer(9_000)] });
    await promptAndWait(session, `Begin. ${"x".repeat(30_000)} End.`, { maxSteps: 14 });
    const kept = compactions().at(-1)?.kept ?? [];
    assert.ok(kept.join("").length < 16_000 * 0.4);
    assert.match(
      kept[0] ?? "",
      /^The first task of the user was, word for word:\n\nBegin\. x+\n\[… \d+ characters …\]\nx+ End\.$/,
    );
    assert.match(kept.join("\n"), /Files that were changed so far: a\.txt/);
  });

  it("asks again without tools if the model calls one instead of writing a summary", async () => {
    const summary: ScriptedResponse = (request) =>
      request.toolChoice === "none" ? [text("A summary."), done] : [call("print", {}), calls];
    const model = scriptedModel(answering(summary, [[call("print", {}), calls]]), { context: 24_000 });
    await open(model, { tools: [printer(12_000)] });
    await promptAndWait(session, "Go.", { maxSteps: 10 });
    assert.equal(compactions()[0]?.summary, "A summary.");
    const asked = model.requests.filter(asksForSummary);
    assert.deepEqual([asked[0]?.toolChoice, asked[1]?.toolChoice], [undefined, "none"]);
    assert.deepEqual(asked[0]?.messages, asked[1]?.messages);
  });

  it("shortens the messages if the model has become too small for them", async () => {
    const model = scriptedModel(answering([text("A summary."), done], [[call("print", {}), calls]]), {
      context: 100_000,
    });
    await open(model, { tools: [printer(12_000)] });
    await promptAndWait(session, "Go.", { maxSteps: 12 });
    assert.deepEqual(compactions(), []);
    model.context = 16_000;
    await promptAndWait(session, "Go on.", { maxSteps: 1 });
    const asked = model.requests.filter(asksForSummary);
    assert.equal(asked.length, 1);
    assert.match(JSON.stringify(asked), /… \d+ characters …/);
    assert.equal(compactions().length, 1);
  });

  it("shortens the messages if the endpoint rejects the whole request for the summary", async () => {
    let asked = 0;
    const summary: ScriptedResponse = () => (asked++ === 0 ? [failed("overflow")] : [text("A summary."), done]);
    const model = scriptedModel(answering(summary, [[call("print", {}), calls]]), { context: 24_000 });
    await open(model, { tools: [printer(12_000)] });
    await promptAndWait(session, "Go.", { maxSteps: 9 });
    assert.equal(compactions()[0]?.summary, "A summary.");
    const [whole, shorter] = model.requests
      .filter(asksForSummary)
      .map((request) => JSON.stringify(request.messages).length);
    assert.ok((shorter ?? 0) < (whole ?? 0));
  });

  it("does not ask for the summary in the form of an answer schema", async () => {
    const model = scriptedModel(answering([text("A summary."), done], [[call("print", {}), calls]]), {
      context: 24_000,
    });
    await open(model, { tools: [printer(12_000)] });
    await promptAndWait(session, "Go.", { maxSteps: 9, answerSchema: { type: "object" } });
    const asked = model.requests.filter(asksForSummary);
    assert.ok(asked.length > 0 && asked.every(({ answerSchema }) => answerSchema === undefined));
    assert.deepEqual(model.requests[0]?.answerSchema, { type: "object" });
  });

  async function compactNow(focus = ""): Promise<string> {
    await session.compact(focus, ada);
    await session.idle();
    return session.view().lastEnd?.outcome ?? "";
  }
  const talk = async (): Promise<void> => {
    for (const words of ["Begin with the parser.", "Now the tests.", "Thanks."]) await promptAndWait(session, words);
  };
  const printTwice: ScriptedResponse[] = [
    [call("print", {}), calls],
    [call("print", {}), calls],
    [text("Done with that."), done],
  ];
  const repeating = (): ScriptedResponse => {
    let next = 0;
    return (request) => {
      const answer = printTwice[next++ % printTwice.length];
      return typeof answer === "function" ? answer(request) : (answer ?? [done]);
    };
  };

  it("that the user asks for is a turn without a prompt, extends the last request, and covers a focus", async () => {
    const model = scriptedModel(answering([text("A summary."), done], [repeating()]));
    await open(model, { tools: [printer(6_000)] });
    await talk();
    const before = model.requests.length;
    assert.equal(await compactNow("the names of the tests"), "done");
    const [asked, ...more] = model.requests.slice(before);
    assert.deepEqual(more, []);
    const { system, tools, messages } = model.requests[before - 1] ?? {};
    assert.deepEqual([asked?.system, asked?.tools], [system, tools]);
    assert.deepEqual(asked?.messages.slice(0, messages?.length), messages);
    assert.match(JSON.stringify(asked?.messages.at(-1)), /in particular: the names of the tests/);
    const [compacted] = compactions();
    assert.deepEqual([compacted?.summary, compacted?.reason], ["A summary.", "You asked for it."]);
    const part = session.view().parts.findLast(({ type }) => type === "prompt");
    assert.ok(part?.type === "prompt");
    assert.deepEqual([part.text, part.agent, part.by.name], ["/compact the names of the tests", "compact", "Ada"]);
    await promptAndWait(session, "Go on.");
    const sent = JSON.stringify(model.requests.at(-2)?.messages);
    assert.ok(!sent.includes("/compact"));
    assert.match(sent, /Begin with the parser\..*A summary|A summary.*Begin with the parser\./);
    assert.match(sent, /The latest prompt of the user was, word for word:\\n\\nThanks\./);
  });

  it("keeps the skills in use, and what hooks added at the start, but not other skills", async () => {
    const skills = ["Logs", "Other"].map((name) => ({
      name,
      description: `About ${name}.`,
      folder: `/skills/${name}`,
      fork: false,
      hidden: false,
      argumentHint: "",
      extra: {},
      source: { kind: "user" as const },
      read: async () => `The text of ${name}.`,
    }));
    const hook: HookSource = {
      by: { kind: "plugin", id: "h", name: "hook context.ts" },
      specs: [{ event: "session.started" }],
      call: async () => ({ context: "You work for Ada." }),
    };
    const printing = repeating();
    let first = true;
    const model = scriptedModel(
      answering(
        [text("A summary."), done],
        [
          (request) => {
            if (!first) return typeof printing === "function" ? printing(request) : printing;
            first = false;
            return [call("skill", { name: "logs" }), calls];
          },
        ],
      ),
    );
    await open(model, { tools: [printer(6_000)], skills, hooks: [hook] });
    await talk();
    for (const round of [1, 2]) {
      assert.equal(await compactNow(), "done");
      await promptAndWait(session, "Go on.");
      const sent = JSON.stringify(model.requests.at(-1)?.messages);
      assert.match(sent, /A summary\./, `${round}`);
      assert.equal(sent.split("You work for Ada.").length, 2);
      assert.equal(sent.split("The text of Logs.").length, 2);
      assert.ok(!sent.includes("The text of Other."));
      await talk();
    }
  });

  it("that the user asks for says that there is nothing to compact", async () => {
    const model = scriptedModel(answering([text("A summary."), done], [[text("Hello."), done]]));
    await open(model);
    assert.equal(await compactNow(), "done");
    await promptAndWait(session, "Hi.");
    assert.equal(await compactNow(), "done");
    const notices = filterByType(session.envelopes(), "notice.shown").map((notice) => notice.text);
    assert.equal(notices.length, 2);
    assert.match(notices[0] ?? "", /^Nothing was compacted: /);
    assert.deepEqual(compactions(), []);
    await promptAndWait(session, "And you?");
    assert.equal(JSON.stringify(model.requests.at(-1)?.messages).includes("/compact"), false);
  });

  for (const [kind, code] of [
    ["auth", "auth"],
    ["server", "model"],
  ] as const)
    it(`that the user asks for fails with the reason if the endpoint fails (${kind})`, async () => {
      const model = scriptedModel(answering([failed(kind, "It is closed.")], [repeating()]));
      await open(model, { tools: [printer(6_000)] });
      await talk();
      const history = JSON.stringify(model.requests.at(-1)?.messages);
      assert.equal(await compactNow(), "failed");
      const { failure } = session.view().lastEnd ?? {};
      assert.equal(failure?.code, code);
      assert.equal(failure?.message, "The conversation was not compacted: It is closed.");
      await promptAndWait(session, "Go on.");
      assert.ok(JSON.stringify(model.requests.at(-1)?.messages).startsWith(history.slice(0, -1)));
    });

  it("that the user asks for is refused while a turn runs, and can be cancelled", async () => {
    const model = scriptedModel(answering([neverResolves()], [repeating()]));
    await open(model, { tools: [printer(6_000)] });
    await talk();
    const { turn } = await session.compact("", ada);
    await assert.rejects(session.compact("", ada), { code: "conflict", data: { turn } });
    await session.cancel();
    assert.equal(session.view().lastEnd?.outcome, "cancelled");
    assert.deepEqual(compactions(), []);
    await promptAndWait(session, "Go on.");
    assert.ok(!JSON.stringify(model.requests.at(-1)?.messages).includes("stopped by the user"));
  });
});
