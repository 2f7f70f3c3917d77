/** Tool calls in every form in which endpoints split and mark them, and the events that they become. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/model-client.ts";
import type { ModelEvent } from "../../../server/ports.ts";
import { ask, collect, createTestClock, filterByType, targetFor } from "../../help/model-client.ts";
import { chunk, done, finish, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { checkStream, type StreamCase, tools } from "../../help/stream-case.ts";

const call = (more: Record<string, unknown>) => chunk({ tool_calls: [more] });
const args = (text: string) => JSON.stringify({ path: text });
const expectedCalls = [{ name: "read", input: { path: "a" } }];

const cases: StreamCase[] = [
  {
    name: "text, a call and text again, in this order",
    request: tools,
    body: [
      chunk({ content: "x" }),
      call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } }),
      chunk({ content: "y" }),
      finish("tool_calls"),
      done,
    ],
    text: "xy",
    calls: expectedCalls,
    end: "calls",
    more: (events) =>
      assert.deepEqual(
        events.slice(0, 3).map((one) => one.type),
        ["text", "call", "text"],
      ),
  },
  {
    name: "Gemini's complete call in one chunk without an index",
    request: tools,
    body: [
      chunk({
        tool_calls: [
          {
            id: "g",
            function: { name: "read", arguments: args("a") },
            extra_content: { google: { thought_signature: "sig" } },
          },
        ],
      }),
      finish("stop"),
      done,
    ],
    calls: [{ name: "read", input: { path: "a" }, id: "g" }],
    end: "calls",
    more: (events) => assert.deepEqual(filterByType(events, "call")[0]?.providerMetadata, { thoughtSignature: "sig" }),
  },
  {
    name: "Ollama's two calls with index 0",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } }),
      call({ index: 0, id: "2", function: { name: "read", arguments: args("b") } }),
      finish("stop"),
      done,
    ],
    calls: [...expectedCalls, { name: "read", input: { path: "b" } }],
    end: "calls",
  },
  {
    name: "a call without an id",
    request: tools,
    body: [call({ index: 0, id: "", function: { name: "read", arguments: args("a") } }), finish("tool_calls"), done],
    calls: expectedCalls,
    end: "calls",
    more: (events) => assert.match(filterByType(events, "call")[0]?.id ?? "", /^call_\w{16}$/),
  },
  {
    name: "an id that an earlier call used",
    body: [
      call({ index: 0, id: "call_0", function: { name: "read", arguments: args("a") } }),
      finish("tool_calls"),
      done,
    ],
    request: {
      ...tools,
      messages: [
        { role: "assistant", model: "acme/m", content: [{ type: "call", id: "call_0", name: "read", input: {} }] },
      ],
    },
    calls: expectedCalls,
    end: "calls",
    more: (events) => assert.notEqual(filterByType(events, "call")[0]?.id, "call_0"),
  },
  {
    name: "a new id on every fragment of one call",
    request: tools,
    body: [
      call({ index: 0, id: "r1", function: { name: "read", arguments: '{"pa' } }),
      call({ index: 0, id: "r2", function: { arguments: 'th":' } }),
      call({ index: 0, id: "r3", function: { arguments: '"a"}' } }),
      finish("tool_calls"),
      done,
    ],
    calls: [{ name: "read", input: { path: "a" }, id: "r1" }],
    end: "calls",
  },
  {
    name: "arguments that are resent completely each time",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { name: "read", arguments: '{"path"' } }),
      call({ index: 0, function: { arguments: '{"path":' } }),
      call({ index: 0, function: { arguments: '{"path":"a"}' } }),
      finish("tool_calls"),
      done,
    ],
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "a nested object that begins like the arguments",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { name: "read", arguments: '{"path":' } }),
      call({ index: 0, function: { arguments: '{"path":' } }),
      call({ index: 0, function: { arguments: "1}}" } }),
      finish("tool_calls"),
      done,
    ],
    calls: [{ name: "read", input: { path: { path: 1 } } }],
    end: "calls",
  },
  {
    name: "arguments as an object",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { name: "read", arguments: { path: "a" } } }),
      finish("tool_calls"),
      done,
    ],
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "arguments that are null or missing",
    request: tools,
    body: [call({ index: 0, id: "1", function: { name: "read", arguments: null } }), finish("tool_calls"), done],
    calls: [{ name: "read", input: {} }],
    end: "calls",
  },
  {
    name: "an index that is a string, an unknown role and a fragment without a function",
    request: tools,
    body: [
      chunk({ role: "model", tool_calls: [{ index: "0", id: "1", function: { name: "read", arguments: "" } }] }),
      chunk({ role: "model", tool_calls: [{ index: "0" }] }),
      call({ index: "0", function: { arguments: args("a") } }),
      finish("tool_calls"),
      done,
    ],
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "the old function_call",
    request: tools,
    body: [
      chunk({ function_call: { name: "read", arguments: '{"path":' } }),
      chunk({ function_call: { arguments: '"a"}' } }),
      finish("function_call"),
      done,
    ],
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "arguments before the name",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { arguments: '{"path":' } }),
      call({ index: 0, function: { name: "read" } }),
      call({ index: 0, function: { arguments: '"a"}' } }),
      finish("tool_calls"),
      done,
    ],
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "indices out of order",
    request: tools,
    body: [
      call({ index: 1, id: "2", function: { name: "read", arguments: args("b") } }),
      call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } }),
      finish("tool_calls"),
      done,
    ],
    calls: [...expectedCalls, { name: "read", input: { path: "b" } }],
    end: "calls",
  },
  {
    name: "interleaved fragments of twenty calls",
    request: tools,
    body: [
      ...Array.from({ length: 20 }, (_, n) =>
        call({ index: n, id: `c${n}`, function: { name: "read", arguments: '{"path":' } }),
      ),
      ...Array.from({ length: 20 }, (_, n) => call({ index: 19 - n, function: { arguments: `"${19 - n}"}` } })),
      finish("tool_calls"),
      done,
    ],
    calls: Array.from({ length: 20 }, (_, n) => ({ name: "read", input: { path: String(n) }, id: `c${n}` })),
    end: "calls",
  },
  {
    name: "a finish reason for calls without a call",
    request: tools,
    body: [finish("tool_calls"), done],
    end: "protocol",
    says: /announced a tool call but sent none/,
    requests: 3,
  },
  ...["Here is the answer.", "One\ntwo"].map(
    (answer): StreamCase => ({
      name: `text with a finish reason for calls: ${answer}`,
      request: tools,
      body: [chunk({ content: answer }), finish("tool_calls"), done],
      text: answer,
      end: "done",
    }),
  ),
  {
    name: "an output limit inside the arguments",
    request: tools,
    body: [call({ index: 0, id: "1", function: { name: "read", arguments: '{"path":"sr' } }), finish("length"), done],
    calls: [{ name: "read", input: null, problem: /cut off at position 11/ }],
    end: "calls",
  },
  {
    name: "a tool that does not exist",
    request: tools,
    body: [call({ index: 0, id: "1", function: { name: "raed", arguments: "{}" } }), finish("tool_calls"), done],
    calls: [{ name: "raed", input: null, problem: /did you mean "read"/ }],
    end: "calls",
  },
  {
    name: "a tool without a name",
    request: tools,
    body: [call({ index: 0, id: "1", function: { name: " ", arguments: '{"path":"a"}' } }), finish("tool_calls"), done],
    calls: [{ name: " ", input: null, problem: /names no tool/ }],
    end: "calls",
  },
  {
    name: "a call written as text, in tags",
    compat: { textCalls: true },
    request: tools,
    body: [
      chunk({ content: "Let me look.\n<tool_" }),
      chunk({ content: `call>{"name":"read","arguments":${args("a")}}</tool_call>` }),
      finish(),
      done,
    ],
    text: "Let me look.\n",
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "a call written as text for an endpoint without textCalls",
    request: tools,
    body: [chunk({ content: `<tool_call>{"name":"read","arguments":{}}</tool_call>` }), finish(), done],
    text: `<tool_call>{"name":"read","arguments":{}}</tool_call>`,
    end: "done",
  },
  {
    name: "reasoning details that must be sent back",
    compat: { reasoningDetails: true },
    request: tools,
    body: [
      chunk({ reasoning: "h", reasoning_details: [{ type: "reasoning.text", text: "h", index: 0 }] }),
      chunk({ reasoning: "m", reasoning_details: [{ type: "reasoning.text", text: "m", index: 0, signature: "s" }] }),
      call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } }),
      finish("tool_calls"),
      done,
    ],
    reasoning: "hm",
    calls: expectedCalls,
    end: "calls",
    more: (events) =>
      assert.deepEqual(filterByType(events, "reasoning.end")[0]?.providerMetadata, {
        reasoning_details: [{ type: "reasoning.text", text: "hm", index: 0, signature: "s" }],
      }),
  },
  {
    name: "reasoning that is only encrypted",
    compat: { reasoningDetails: true },
    request: tools,
    body: [
      chunk({ reasoning_details: [{ type: "reasoning.encrypted", data: "xyz" }] }),
      call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } }),
      finish("tool_calls"),
      done,
    ],
    calls: expectedCalls,
    end: "calls",
    more: (events) =>
      assert.deepEqual(filterByType(events, "call")[0]?.providerMetadata, {
        reasoning_details: [{ type: "reasoning.encrypted", data: "xyz" }],
      }),
  },
];

describe("calls of providers", () => {
  for (const one of cases) it(`understands ${one.name}`, () => checkStream(one));

  it("emits a call before the response has ended", async () => {
    const wait = Promise.withResolvers<void>();
    const first = call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } });
    const endpoint = await scriptedEndpoint([{ body: [first, wait.promise, finish("tool_calls"), done] }]);
    const events: ModelEvent[] = [];
    const model = openModel(targetFor(endpoint.baseUrl), { clock: createTestClock() });
    for await (const one of model.stream(ask("hi", tools), new AbortController().signal)) {
      events.push(one);
      if (one.type === "call") wait.resolve();
    }
    assert.deepEqual(
      events.map((one) => one.type),
      ["call", "usage", "stop"],
    );
    await endpoint.close();
  });

  it("accepts 128 calls of one response and rejects the rest", async () => {
    const one = (n: number) => call({ index: n, id: `c${n}`, function: { name: "read", arguments: args("a") } });
    const body = [...Array.from({ length: 130 }, (_, n) => one(n)), finish("tool_calls"), done];
    const endpoint = await scriptedEndpoint([{ body }]);
    const calls = filterByType(await collect(targetFor(endpoint.baseUrl), ask("hi", tools)), "call");
    assert.equal(calls.length, 130);
    assert.equal(calls.filter((made) => made.problem === undefined).length, 128);
    assert.match(calls[129]?.problem ?? "", /at most 128 calls/);
    await endpoint.close();
  });
});
