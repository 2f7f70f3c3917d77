/** A client that others wrote, at the endpoint with which Tutti rehearses: text, thinking, calls and their results, counts, faults. */
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { type Rehearsal, rehearse } from "../../server/model/rehearse.ts";
import { readScenario } from "../../server/model/scenario.ts";
import { sha256 } from "../../server/node/random.ts";
import { quickClock } from "../help/door.ts";

describe("the rehearsal endpoint, asked by the AI SDK", () => {
  const playing: Rehearsal[] = [];
  afterEach(async () => {
    for (const one of playing.splice(0)) await one.close();
  });
  const play = async (...steps: unknown[]) => {
    const scenario = await readScenario(JSON.stringify({ steps }), "test");
    const served = await rehearse(scenario, { clock: quickClock(), hash: sha256 });
    playing.push(served);
    return createOpenAICompatible({ name: "rehearsal", baseURL: served.baseUrl, includeUsage: true })(served.model);
  };
  /** Everything that the stream says; errors are parts of it. */
  const hear = async (how: Parameters<typeof streamText>[0]) => {
    const errors: unknown[] = [];
    const result = streamText({ maxRetries: 0, ...how, onError: ({ error }) => void errors.push(error) });
    await result.consumeStream({ onError: (error) => void errors.push(error) });
    return { result, errors };
  };

  it("streams text and thinking, and says what they cost", async () => {
    const model = await play({
      think: "Let me see.",
      say: "You said {{user}}: 世界 👋🏽.",
      usage: { input: 20, output: 9, cached: 4, reasoning: 3 },
    });
    const { result, errors } = await hear({ model, prompt: "hello" });
    assert.deepEqual(errors, []);
    assert.deepEqual(
      [await result.text, await result.reasoningText, await result.finishReason],
      ["You said hello: 世界 👋🏽.", "Let me see.", "stop"],
    );
    const { inputTokens, outputTokens, inputTokenDetails, outputTokenDetails } = await result.usage;
    assert.deepEqual(
      [inputTokens, outputTokens, inputTokenDetails.cacheReadTokens, outputTokenDetails.reasoningTokens],
      [20, 9, 4, 3],
    );
  });

  it("calls tools at the same time, and goes on with what they found", async () => {
    const model = await play(
      {
        when: { step: 1 },
        say: "I ask both.",
        calls: [
          { tool: "weather", input: { city: "Paris" } },
          { tool: "weather", input: { city: "Zürich" } },
        ],
      },
      { when: { step: 2, result: "Zürich" }, say: "It is {{result.weather}}." },
    );
    const asked: string[] = [];
    const weather = tool({
      description: "The weather of a city.",
      inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
      execute: async ({ city }) => {
        asked.push(city);
        return `fine in ${city}`;
      },
    });
    const { result, errors } = await hear({ model, prompt: "go", tools: { weather }, stopWhen: stepCountIs(3) });
    assert.deepEqual(errors, []);
    assert.deepEqual(asked, ["Paris", "Zürich"]);
    const steps = await result.steps;
    assert.deepEqual(
      steps.map(({ finishReason }) => finishReason),
      ["tool-calls", "stop"],
    );
    assert.equal(new Set(steps[0]?.toolCalls.map(({ toolCallId }) => toolCallId)).size, 2);
    assert.match(await result.text, /fine in/);
  });

  const reasons = [
    ["length", "length"],
    ["content_filter", "content-filter"],
  ] as const;
  for (const [said, heard] of reasons) {
    it(`ends for the reason ${said}`, async () => {
      const { result } = await hear({ model: await play({ say: "Up to h", finish: said }), prompt: "go" });
      assert.equal(await result.finishReason, heard);
    });
  }

  it("fails as its step says: a status with a body and a header, a cut, a page", async () => {
    const status = await play({
      fault: { type: "status", status: 429, message: "slow down", headers: { "retry-after": "7" } },
    });
    const [refused] = (await hear({ model: status, prompt: "go" })).errors;
    assert.ok(APICallError.isInstance(refused), String(refused));
    assert.deepEqual(
      [refused.statusCode, refused.message, refused.responseHeaders?.["retry-after"], refused.isRetryable],
      [429, "slow down", "7", true],
    );
    const cut = await hear({
      model: await play({ say: "This is not finished at all.", fault: { type: "cut", after: 10 } }),
      prompt: "go",
    });
    assert.equal(cut.errors.length > 0, true);
    const page = await hear({ model: await play({ fault: { type: "malformed", after: 0 } }), prompt: "go" });
    assert.equal(page.errors.length > 0, true);
  });

  it("asks again after a status, and gets the answer", async () => {
    const model = await play(
      { when: { attempt: 1 }, fault: { type: "status", status: 503, headers: { "retry-after-ms": "1" } } },
      { say: "Here." },
    );
    const { result } = await hear({ model, prompt: "go", maxRetries: 1 });
    assert.equal(await result.text, "Here.");
  });
});
