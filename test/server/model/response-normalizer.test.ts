import assert from "node:assert/strict";
import fc from "fast-check";
import { readChunk } from "../../../server/model/dialect/response.ts";
import { findChunkTemplate, openResponseNormalizer } from "../../../server/model/response-normalizer.ts";

function read(data: string[], fast: boolean) {
  const normalizer = openResponseNormalizer({ compat: {}, tools: [], maxCharacters: 1e6, fast });
  const alive = data.map((one) => normalizer.read(one));
  normalizer.end();
  return { out: normalizer.take(), alive, state: normalizer.state };
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

describe("response normalizer", () => {
  it("produces the same output on the fast path and the slow path", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(chunk, fc.integer({ min: 1, max: 3 })), { maxLength: 12 }), (runs) => {
        const data = runs.flatMap(([one, times]) => Array.from({ length: times }, () => one));
        assert.deepEqual(read(data, true), read(data, false));
      }),
      { numRuns: 500 },
    );
  });

  it("produces the same output for many chunks of one form", () => {
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

  it("does not mistake another field for the text", () => {
    const data = '{"other":{"content":"decoy"},"choices":[{"delta":{"content":"decoy"}}]}';
    assert.equal(findChunkTemplate(data, readChunk(JSON.parse(data))), null);
  });

  it("merges text that arrived together into one part", () => {
    const data = ["a", "b", "c"].map((content) => JSON.stringify({ choices: [{ delta: { content } }] }));
    assert.deepEqual(read(data, true).out, [{ type: "text", text: "abc" }]);
  });

  it("stops at the limit", () => {
    const normalizer = openResponseNormalizer({ compat: {}, tools: [], maxCharacters: 10 });
    normalizer.read(JSON.stringify({ choices: [{ delta: { content: "x".repeat(11) } }] }));
    assert.equal(normalizer.state.capped, true);
  });
});
