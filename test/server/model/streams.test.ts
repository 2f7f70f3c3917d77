/** Streams in each provider's dialect, and the events that they become. */
import assert from "node:assert/strict";
import { filterByType } from "../../help/model-client.ts";
import { chunk, done, event, finish } from "../../help/scripted-endpoint.ts";
import { checkStream, type StreamCase, tools } from "../../help/stream-case.ts";

/** Sends each chunk separately. */
const paced: AsyncIterable<string> = {
  async *[Symbol.asyncIterator]() {
    for (let index = 0; index < 300; index++) {
      yield chunk({ content: `${index} ` });
      await new Promise((resolve) => setImmediate(resolve));
    }
    yield finish();
    yield done;
  },
};

/** Slow until the connection is paused between reads, then as fast as possible. */
const slowThenFast: AsyncIterable<string> = {
  async *[Symbol.asyncIterator]() {
    const slowUntil = performance.now() + 600;
    let index = 0;
    while (performance.now() < slowUntil) {
      yield chunk({ content: `${index++} ` });
      await new Promise((resolve) => setTimeout(resolve, 4));
    }
    for (const end = index + 5_000; index < end; index++) yield chunk({ content: `${index} ` });
    yield finish();
    yield done;
  },
};
const counts = /^(?:\d+ )+$/;

const args = (text: string) => JSON.stringify({ path: text });
const expectedCalls = [{ name: "read", input: { path: "a" } }];

const cases: StreamCase[] = [
  {
    name: "plain text",
    body: [chunk({ role: "assistant", content: "hel" }), chunk({ content: "lo" }), finish(), done],
    text: "hello",
    end: "done",
  },
  {
    name: "comment lines while OpenRouter waits",
    body: [": OPENROUTER PROCESSING\n\n", chunk({ content: "a" }), ": more\n\n", finish(), done],
    text: "a",
    end: "done",
  },
  {
    name: "CRLF, no space, a byte order mark and no [DONE]",
    body: ["\uFEFF", `${chunk({ content: "a" })}${finish()}`.replaceAll("data: ", "data:").replaceAll("\n", "\r\n")],
    text: "a",
    end: "done",
  },
  {
    name: "many small chunks, and delivers those together that arrive together",
    body: paced,
    text: Array.from({ length: 300 }, (_, index) => `${index} `).join(""),
    end: "done",
    more: (events) =>
      assert.ok(filterByType(events, "text").length <= 100, `${filterByType(events, "text").length} groups`),
  },
  {
    name: "a long response that becomes fast, completely and in order",
    body: slowThenFast,
    end: "done",
    more(events) {
      const texts = filterByType(events, "text").map(({ text }) => text);
      const text = texts.join("");
      assert.match(text, counts);
      const numbers = text.trimEnd().split(" ").map(Number);
      assert.deepEqual(numbers, [...numbers.keys()]);
      assert.ok(numbers.length > 5_000 && texts.length <= 150, `${numbers.length} numbers in ${texts.length} groups`);
    },
  },
  { name: "[DONE] without a finish reason", body: [chunk({ content: "a" }), done], text: "a", end: "done" },
  {
    name: "usage without choices at the end",
    body: [chunk({ content: "a" }), finish(), event({ usage: { prompt_tokens: 5, completion_tokens: 2 } }), done],
    text: "a",
    end: "done",
    more: (events) =>
      assert.deepEqual(filterByType(events, "usage")[0]?.usage, {
        input: 5,
        cached: 0,
        output: 2,
        reasoning: 0,
        cost: null,
        estimated: false,
      }),
  },
  {
    name: "choices that are null",
    body: [
      event({ choices: null, usage: { prompt_tokens: 5, completion_tokens: 2 } }),
      chunk({ content: "a" }),
      finish(),
      done,
    ],
    text: "a",
    end: "done",
  },
  {
    name: "Groq's own field for usage",
    body: [
      chunk({ content: "a" }),
      event({
        choices: [{ delta: {}, finish_reason: "stop" }],
        x_groq: { usage: { prompt_tokens: 7, completion_tokens: 1 } },
      }),
      done,
    ],
    text: "a",
    end: "done",
    more: (events) => assert.equal(filterByType(events, "usage")[0]?.usage.input, 7),
  },
  {
    name: "cumulative usage in every chunk",
    body: [1, 2, 3]
      .map((n) => event({ choices: [{ delta: { content: "a" } }], usage: { prompt_tokens: 4, completion_tokens: n } }))
      .concat(finish(), done),
    text: "aaa",
    end: "done",
    more: (events) => assert.equal(filterByType(events, "usage")[0]?.usage.output, 3),
  },
  {
    name: "a JSON response to a streaming request",
    script: { headers: { "content-type": "application/json" } },
    body: [
      JSON.stringify({
        choices: [
          {
            message: {
              role: "assistant",
              reasoning_content: "hm",
              content: "a",
              tool_calls: [{ id: "x", type: "function", function: { name: "read", arguments: args("a") } }],
            },
            finish_reason: "tool_calls",
          },
        ],
        usage: { prompt_tokens: 3, completion_tokens: 1 },
      }),
    ],
    request: tools,
    text: "a",
    reasoning: "hm",
    calls: expectedCalls,
    end: "calls",
  },
  {
    name: "a JSON response with the media type of an event stream",
    body: [' {"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}'],
    text: "a",
    end: "done",
  },
  {
    name: "a JSON error with status 200",
    script: { headers: { "content-type": "application/json" } },
    body: ['{"error":{"message":"no such thing","code":400}}'],
    end: "request",
    says: /127\.0\.0\.1:\d+ .*no such thing/,
    requests: 1,
  },
  {
    name: "a login page",
    script: { headers: { "content-type": "text/html" } },
    body: ["<html>Please log in</html>"],
    end: "protocol",
    says: /sent a web page \(text\/html\) instead of a model response/,
    requests: 1,
  },
  {
    name: "a login page with the media type of an event stream",
    body: ["<!DOCTYPE html><html>Log in</html>"],
    end: "protocol",
    says: /instead of a model response/,
    requests: 1,
  },
  {
    name: "an error in the stream with a code, after text",
    body: [
      chunk({ content: "par" }),
      event({
        error: { code: 502, message: "Provider disconnected" },
        choices: [{ delta: { content: "" }, finish_reason: "error" }],
      }),
    ],
    text: "par",
    end: "cut",
    says: /Provider disconnected/,
    requests: 1,
  },
  {
    name: "an error in the stream that is only text",
    body: [event({ error: "no GPU is left here" })],
    end: "request",
    says: /no GPU is left here/,
  },
  {
    name: "an error in the stream inside a list, as Google sends it",
    body: [event([{ error: { code: 400, message: "bad field", status: "INVALID_ARGUMENT" } }])],
    end: "request",
    says: /bad field/,
  },
  {
    name: "a chunk that is not JSON, after text",
    body: [chunk({ content: "good" }), "data: {oops\n\n", chunk({ content: "more" }), finish(), done],
    text: "good",
    end: "cut",
    says: /not JSON/,
    requests: 1,
  },
  {
    name: "the end of the connection without a finish reason, after text",
    body: [chunk({ content: "par" })],
    text: "par",
    end: "cut",
    requests: 1,
  },
  {
    name: "DeepSeek's reasoning_content",
    body: [chunk({ reasoning_content: "hm" }), chunk({ content: "a" }), finish(), done],
    reasoning: "hm",
    text: "a",
    end: "done",
    more: (events) =>
      assert.deepEqual(
        events.map((one) => one.type),
        ["reasoning", "reasoning.end", "text", "usage", "stop"],
      ),
  },
  {
    name: "OpenRouter's and Ollama's reasoning",
    body: [chunk({ reasoning: "hm", content: "" }), chunk({ content: "a" }), finish(), done],
    reasoning: "hm",
    text: "a",
    end: "done",
  },
  {
    name: "an empty reasoning_content next to reasoning",
    body: [chunk({ reasoning_content: "", reasoning: "hm" }), finish(), done],
    reasoning: "hm",
    text: "",
    end: "done",
  },
  {
    name: "Magistral's thinking parts",
    body: [
      chunk({ content: [{ type: "thinking", thinking: [{ type: "text", text: "hm" }] }] }),
      chunk({ content: [{ type: "text", text: "a" }] }),
      finish(),
      done,
    ],
    reasoning: "hm",
    text: "a",
    end: "done",
  },
  {
    name: "think tags, split across chunks",
    compat: { thinkTags: "tagged" },
    body: [..."<think>hm</think>\n\nok".split("").map((content) => chunk({ content })), finish(), done],
    reasoning: "hm",
    text: "ok",
    end: "done",
  },
  {
    name: "a closing think tag without an opening one",
    compat: { thinkTags: "open" },
    body: [chunk({ content: "hm</thi" }), chunk({ content: "nk>ok" }), finish(), done],
    reasoning: "hm",
    text: "ok",
    end: "done",
  },
  {
    name: "think tags in the middle of text, which are text",
    compat: { thinkTags: "tagged" },
    body: [chunk({ content: "use <think>x</think> here" }), finish(), done],
    text: "use <think>x</think> here",
    end: "done",
  },
  {
    name: "a response without the expected think tag",
    compat: { thinkTags: "open" },
    body: [chunk({ content: "just this" }), finish(), done],
    text: "just this",
    end: "done",
  },
  {
    name: "a refusal in its own field",
    body: [chunk({ content: null, refusal: "I will not." }), finish(), done],
    text: "I will not.",
    end: "done",
  },
  { name: "Claude's end_turn", body: [chunk({ content: "a" }), finish("end_turn"), done], text: "a", end: "done" },
  {
    name: "Claude's max_tokens",
    body: [chunk({ content: "a" }), finish("max_tokens"), done],
    text: "a",
    end: "length",
  },
  {
    name: "Mistral's model_length",
    body: [chunk({ content: "a" }), finish("model_length"), done],
    text: "a",
    end: "length",
  },
  {
    name: "a content filter",
    body: [chunk({ content: "a" }), finish("content_filter"), done],
    text: "a",
    end: "filtered",
  },
  {
    name: "DeepSeek's lack of resources, after text",
    body: [chunk({ content: "a" }), finish("insufficient_system_resource"), done],
    text: "a",
    end: "cut",
  },
  {
    name: "z.ai's empty response to a request that is too long",
    target: { limits: { context: 1_000, output: null } },
    body: [
      event({ choices: [{ delta: {}, finish_reason: "stop" }], usage: { prompt_tokens: 2_000, completion_tokens: 0 } }),
      done,
    ],
    end: "overflow",
  },
  { name: "nothing at all", body: [], end: "protocol", says: /an empty response/, requests: 3 },
  {
    name: "only empty choices",
    body: [event({ choices: [] }), event({ choices: [] }), done],
    end: "protocol",
    requests: 3,
  },
];

describe("streams of providers", () => {
  for (const one of cases) it(`understands ${one.name}`, () => checkStream(one));
});
