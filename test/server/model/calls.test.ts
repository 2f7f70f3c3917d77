/** Tool calls in every way that endpoints cut and mark them, from the wire to the events. */
import assert from "node:assert/strict";
import { openModel } from "../../../server/model/adapter.ts";
import type { ModelEvent } from "../../../server/ports.ts";
import { ask, collect, ofType, quickClock, targetFor } from "../../help/door.ts";
import { chunk, done, finish, scriptedEndpoint } from "../../help/scripted-endpoint.ts";
import { checkStream, type StreamCase, tools } from "../../help/stream-case.ts";

const call = (more: Record<string, unknown>) => chunk({ tool_calls: [more] });
const args = (text: string) => JSON.stringify({ path: text });
const wanted = [{ name: "read", input: { path: "a" } }];

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
    calls: wanted,
    end: "calls",
    more: (events) =>
      assert.deepEqual(
        events.slice(0, 3).map((one) => one.type),
        ["text", "call", "text"],
      ),
  },
  {
    name: "a whole call in one chunk without an index, as Gemini sends it",
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
    more: (events) => assert.deepEqual(ofType(events, "call")[0]?.replay, { thoughtSignature: "sig" }),
  },
  {
    name: "two calls that are both number 0, as Ollama sends them",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } }),
      call({ index: 0, id: "2", function: { name: "read", arguments: args("b") } }),
      finish("stop"),
      done,
    ],
    calls: [...wanted, { name: "read", input: { path: "b" } }],
    end: "calls",
  },
  {
    name: "a call without an id",
    request: tools,
    body: [call({ index: 0, id: "", function: { name: "read", arguments: args("a") } }), finish("tool_calls"), done],
    calls: wanted,
    end: "calls",
    more: (events) => assert.match(ofType(events, "call")[0]?.id ?? "", /^call_\w{16}$/),
  },
  {
    name: "an id that an earlier call had",
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
    calls: wanted,
    end: "calls",
    more: (events) => assert.notEqual(ofType(events, "call")[0]?.id, "call_0"),
  },
  {
    name: "a new id on every piece of one call",
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
    name: "arguments that are sent whole again each time",
    request: tools,
    body: [
      call({ index: 0, id: "1", function: { name: "read", arguments: '{"path"' } }),
      call({ index: 0, function: { arguments: '{"path":' } }),
      call({ index: 0, function: { arguments: '{"path":"a"}' } }),
      finish("tool_calls"),
      done,
    ],
    calls: wanted,
    end: "calls",
  },
  {
    name: "an object inside that begins like the whole",
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
    calls: wanted,
    end: "calls",
  },
  {
    name: "arguments that are null, and none",
    request: tools,
    body: [call({ index: 0, id: "1", function: { name: "read", arguments: null } }), finish("tool_calls"), done],
    calls: [{ name: "read", input: {} }],
    end: "calls",
  },
  {
    name: "an index that is text, a role that is foreign and a piece without a function",
    request: tools,
    body: [
      chunk({ role: "model", tool_calls: [{ index: "0", id: "1", function: { name: "read", arguments: "" } }] }),
      chunk({ role: "model", tool_calls: [{ index: "0" }] }),
      call({ index: "0", function: { arguments: args("a") } }),
      finish("tool_calls"),
      done,
    ],
    calls: wanted,
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
    calls: wanted,
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
    calls: wanted,
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
    calls: [...wanted, { name: "read", input: { path: "b" } }],
    end: "calls",
  },
  {
    name: "the pieces of twenty calls, interleaved",
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
    name: "a finish reason that speaks of calls where none came",
    request: tools,
    body: [finish("tool_calls"), done],
    end: "protocol",
    says: /sent no call/,
    requests: 3,
  },
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
    calls: wanted,
    end: "calls",
  },
  {
    name: "a call written as text where that is not looked for",
    request: tools,
    body: [chunk({ content: `<tool_call>{"name":"read","arguments":{}}</tool_call>` }), finish(), done],
    text: `<tool_call>{"name":"read","arguments":{}}</tool_call>`,
    end: "done",
  },
  {
    name: "reasoning details that must go back",
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
    calls: wanted,
    end: "calls",
    more: (events) =>
      assert.deepEqual(ofType(events, "reasoning.end")[0]?.replay, {
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
    calls: wanted,
    end: "calls",
    more: (events) =>
      assert.deepEqual(ofType(events, "call")[0]?.replay, {
        reasoning_details: [{ type: "reasoning.encrypted", data: "xyz" }],
      }),
  },
];

describe("the calls of providers", () => {
  for (const one of cases) it(`understands ${one.name}`, () => checkStream(one));

  it("gives a call out before the answer has ended", async () => {
    const wait = Promise.withResolvers<void>();
    const first = call({ index: 0, id: "1", function: { name: "read", arguments: args("a") } });
    const endpoint = await scriptedEndpoint([{ body: [first, wait.promise, finish("tool_calls"), done] }]);
    const events: ModelEvent[] = [];
    const model = openModel(targetFor(endpoint.baseUrl), { clock: quickClock() });
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

  it("keeps 128 calls of one answer and says so of the rest", async () => {
    const one = (n: number) => call({ index: n, id: `c${n}`, function: { name: "read", arguments: args("a") } });
    const body = [...Array.from({ length: 130 }, (_, n) => one(n)), finish("tool_calls"), done];
    const endpoint = await scriptedEndpoint([{ body }]);
    const calls = ofType(await collect(targetFor(endpoint.baseUrl), ask("hi", tools)), "call");
    assert.equal(calls.length, 130);
    assert.equal(calls.filter((made) => made.problem === undefined).length, 128);
    assert.match(calls[129]?.problem ?? "", /Only 128 calls/);
    await endpoint.close();
  });
});
