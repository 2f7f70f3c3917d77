import assert from "node:assert/strict";
import { buildUsage, calculateCost, readUsage } from "../../../../server/model/dialect/usage.ts";
import { targetFor } from "../../../help/model-client.ts";

type Json = Record<string, unknown>;

const cases: { name: string; raw: Json; separate?: boolean; expected: [number, number, number, number, number] }[] = [
  {
    name: "OpenAI",
    raw: {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 60 },
      completion_tokens_details: { reasoning_tokens: 5 },
    },
    expected: [100, 60, 0, 20, 5],
  },
  {
    name: "DeepSeek",
    raw: { prompt_tokens: 100, completion_tokens: 20, prompt_cache_hit_tokens: 40 },
    expected: [100, 40, 0, 20, 0],
  },
  {
    name: "Moonshot",
    raw: { prompt_tokens: 100, completion_tokens: 20, cached_tokens: 30 },
    expected: [100, 30, 0, 20, 0],
  },
  {
    name: "Claude, which counts the cache apart",
    raw: { input_tokens: 10, output_tokens: 20, cache_read_input_tokens: 80, cache_creation_input_tokens: 10 },
    expected: [100, 80, 10, 20, 0],
  },
  {
    name: "Alibaba",
    raw: {
      prompt_tokens: 100,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 50, cache_creation_input_tokens: 25 },
    },
    expected: [100, 50, 25, 20, 0],
  },
  {
    name: "xAI, whose reasoning is not in the completion",
    raw: { prompt_tokens: 10, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 50 } },
    separate: true,
    expected: [10, 0, 0, 51, 50],
  },
  {
    name: "reasoning that can only be apart",
    raw: { prompt_tokens: 10, completion_tokens: 1, completion_tokens_details: { reasoning_tokens: 50 } },
    expected: [10, 0, 0, 51, 50],
  },
  {
    name: "a total that gives separate reasoning away",
    raw: {
      prompt_tokens: 10,
      completion_tokens: 60,
      total_tokens: 120,
      completion_tokens_details: { reasoning_tokens: 50 },
    },
    expected: [10, 0, 0, 110, 50],
  },
  {
    name: "more cached than asked",
    raw: { prompt_tokens: 10, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 90 } },
    expected: [100, 90, 0, 1, 0],
  },
  { name: "nonsense", raw: { prompt_tokens: "many", completion_tokens: -3 }, expected: [0, 0, 0, 0, 0] },
];

describe("usage", () => {
  for (const { name, raw, separate, expected } of cases) {
    it(`counts as ${name} does`, () => {
      const { input, cached, written, output, reasoning } = readUsage(raw, separate ?? false);
      assert.deepEqual([input, cached, written, output, reasoning], expected);
    });
  }

  it("calculates the cost of each kind of token", () => {
    const price = { input: 1, cached: 0.1, cacheWrite: 1.25, output: 4 };
    assert.equal(
      calculateCost({ input: 1e6, cached: 5e5, written: 1e5, output: 1e6, reasoning: 0 }, price),
      0.4 + 0.05 + 0.125 + 4,
    );
    assert.equal(calculateCost({ input: 1, cached: 0, written: 0, output: 1, reasoning: 0 }, null), null);
  });

  it("is estimated and marked as such if nothing was reported", () => {
    const estimates = { input: 100, output: 20, reasoning: 5 };
    assert.deepEqual(buildUsage(null, estimates, targetFor("http://x")), {
      ...estimates,
      cached: 0,
      cost: null,
      estimated: true,
    });
    assert.equal(
      buildUsage({ prompt_tokens: 0, completion_tokens: 0 }, estimates, targetFor("http://x")).estimated,
      true,
    );
  });

  it("corrects a local server that reports only uncached input", () => {
    const target = targetFor("http://x", { local: true });
    const usage = buildUsage(
      { prompt_tokens: 3, completion_tokens: 7 },
      { input: 1_000, output: 7, reasoning: 0 },
      target,
    );
    assert.deepEqual([usage.input, usage.output, usage.estimated], [1_000, 7, true]);
  });
});
