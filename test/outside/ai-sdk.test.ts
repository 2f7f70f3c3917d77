/** A third-party client, the AI SDK, against the rehearsal endpoint: text, reasoning, calls and results, usage, faults. */
import assert from "node:assert/strict";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, jsonSchema, stepCountIs, streamText, tool } from "ai";
import { readScenario } from "../../server/model/read-scenario.ts";
import { type Rehearsal, rehearse } from "../../server/model/rehearse.ts";
import { sha256 } from "../../server/node/random.ts";
import { createTestClock } from "../help/model-client.ts";

describe("the rehearsal endpoint with the AI SDK as client", () => {
  const rehearsals: Rehearsal[] = [];
  afterEach(async () => {
    for (const one of rehearsals.splice(0)) await one.close();
  });
  const serveSteps = async (...steps: unknown[]) => {
    const scenario = await readScenario(JSON.stringify({ steps }), "test");
    const served = await rehearse(scenario, { clock: createTestClock(), hash: sha256 });
    rehearsals.push(served);
    return createOpenAICompatible({ name: "rehearsal", baseURL: served.baseUrl, includeUsage: true })(served.model);
  };
  /** Reads the whole stream and collects its errors. */
  const readStream = async (options: Parameters<typeof streamText>[0]) => {
    const errors: unknown[] = [];
    const result = streamText({ maxRetries: 0, ...options, onError: ({ error }) => void errors.push(error) });
    await result.consumeStream({ onError: (error) => void errors.push(error) });
    return { result, errors };
  };

  it("streams text, reasoning and usage", async () => {
    const model = await serveSteps({
      think: "Let me see.",
      say: "You said {{user}}: 世界 👋🏽.",
      usage: { input: 20, output: 9, cached: 4, reasoning: 3 },
    });
    const { result, errors } = await readStream({ model, prompt: "hello" });
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

  it("calls tools in parallel, and continues with their results", async () => {
    const model = await serveSteps(
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
    const cities: string[] = [];
    const weather = tool({
      description: "The weather of a city.",
      inputSchema: jsonSchema<{ city: string }>({ type: "object", properties: { city: { type: "string" } } }),
      execute: async ({ city }) => {
        cities.push(city);
        return `fine in ${city}`;
      },
    });
    const { result, errors } = await readStream({ model, prompt: "go", tools: { weather }, stopWhen: stepCountIs(3) });
    assert.deepEqual(errors, []);
    assert.deepEqual(cities, ["Paris", "Zürich"]);
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
  for (const [finish, expected] of reasons) {
    it(`ends with the reason ${finish}`, async () => {
      const { result } = await readStream({ model: await serveSteps({ say: "Up to h", finish }), prompt: "go" });
      assert.equal(await result.finishReason, expected);
    });
  }

  it("fails as scripted: with a status, a truncated stream or malformed data", async () => {
    const status = await serveSteps({
      fault: { type: "status", status: 429, message: "slow down", headers: { "retry-after": "7" } },
    });
    const [rejection] = (await readStream({ model: status, prompt: "go" })).errors;
    assert.ok(APICallError.isInstance(rejection), String(rejection));
    assert.deepEqual(
      [rejection.statusCode, rejection.message, rejection.responseHeaders?.["retry-after"], rejection.isRetryable],
      [429, "slow down", "7", true],
    );
    const cut = await readStream({
      model: await serveSteps({ say: "This is not finished at all.", fault: { type: "cut", after: 10 } }),
      prompt: "go",
    });
    assert.equal(cut.errors.length > 0, true);
    const page = await readStream({
      model: await serveSteps({ fault: { type: "malformed", after: 0 } }),
      prompt: "go",
    });
    assert.equal(page.errors.length > 0, true);
  });

  it("succeeds on retry after an error status", async () => {
    const model = await serveSteps(
      { when: { attempt: 1 }, fault: { type: "status", status: 503, headers: { "retry-after-ms": "1" } } },
      { say: "Here." },
    );
    const { result } = await readStream({ model, prompt: "go", maxRetries: 1 });
    assert.equal(await result.text, "Here.");
  });
});
