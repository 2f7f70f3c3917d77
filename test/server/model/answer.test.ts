import assert from "node:assert/strict";
import fc from "fast-check";
import { openAnswer, templateOf } from "../../../server/model/answer.ts";
import { readChunk } from "../../../server/model/dialect/response.ts";

function read(data: string[], fast: boolean) {
  const answer = openAnswer({ compat: {}, tools: [], cap: 1e6, fast });
  const alive = data.map((one) => answer.read(one));
  answer.end();
  return { out: answer.take(), alive, state: answer.state };
}

const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("", "\n", '"', "\\", '"content":"x', "tok ", "</think>", "\u2028", "}]}", '\\"'),
);
const delta = fc.oneof(
  text.map((content) => ({ content })),
  text.map((content) => ({ role: "assistant", content })),
  text.map((reasoning_content) => ({ reasoning_content })),
  text.map((reasoning) => ({ content: "", reasoning })),
  fc.tuple(text, text).map(([content, reasoning]) => ({ content, reasoning })),
  text.map((one) => ({ content: [{ type: "text", text: one }] })),
  text.map((args) => ({ tool_calls: [{ index: 0, id: "a", function: { name: "content", arguments: args } }] })),
);
const extra = fc.constantFrom(
  {},
  { usage: { prompt_tokens: 1 } },
  { other: { content: "decoy" } },
  { x: '"content":"' },
);
const spacing = fc.constantFrom(undefined, 1);
const chunk = fc
  .tuple(delta, extra, spacing, fc.boolean(), fc.constantFrom(null, null, null, "stop"))
  .map(([made, more, space, first, finish_reason]) => {
    const choices = [{ index: 0, delta: made, finish_reason }];
    return JSON.stringify(first ? { ...more, choices } : { choices, ...more }, null, space);
  });

describe("an answer as it comes in", () => {
  it("is the same on the fast way as on the slow way", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(chunk, fc.integer({ min: 1, max: 3 })), { maxLength: 12 }), (runs) => {
        const data = runs.flatMap(([one, times]) => Array.from({ length: times }, () => one));
        assert.deepEqual(read(data, true), read(data, false));
      }),
      { numRuns: 500 },
    );
  });

  it("is the same for a long run of one shape with changing text", () => {
    const shape = (content: string) =>
      `{"id":"x","choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"finish_reason":null}]}`;
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (texts) => {
        const data = texts.map(shape);
        assert.deepEqual(read(data, true), read(data, false));
        assert.equal(read(data, true).state.text, texts.join("").length);
      }),
    );
  });

  it("does not take another field for the text", () => {
    const data = '{"other":{"content":"decoy"},"choices":[{"delta":{"content":"decoy"}}]}';
    assert.equal(templateOf(data, readChunk(JSON.parse(data))), null);
  });

  it("merges what came together into one chunk", () => {
    const data = ["a", "b", "c"].map((content) => JSON.stringify({ choices: [{ delta: { content } }] }));
    assert.match(read(data, true).out, /^data: \{"choices":\[\{"delta":\{"content":"abc"\}\}\]\}\n\n/);
  });

  it("stops at the cap", () => {
    const answer = openAnswer({ compat: {}, tools: [], cap: 10 });
    answer.read(JSON.stringify({ choices: [{ delta: { content: "x".repeat(11) } }] }));
    assert.equal(answer.state.capped, true);
  });
});
