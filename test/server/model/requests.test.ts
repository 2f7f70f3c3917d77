/** The request body for each flag with which an endpoint differs from the plain dialect. */
import assert from "node:assert/strict";
import type { Compat, Target } from "../../../server/model/target.ts";
import type { Message, ModelRequest } from "../../../server/ports.ts";
import { collect, readTool, targetFor } from "../../help/model-client.ts";
import { requestFor } from "../../help/request-for.ts";
import { answer, scriptedEndpoint } from "../../help/scripted-endpoint.ts";

type Json = Record<string, unknown>;

const user = (text: string): Message => ({ role: "user", content: [{ type: "text", text }] });
const assistant = (text: string): Message => ({
  role: "assistant",
  model: "acme/m",
  content: [{ type: "text", text }],
});

const bodies: {
  name: string;
  compat: Compat;
  request?: Partial<ModelRequest>;
  target?: Partial<Target>;
  has?: Json;
  lacks?: string[];
}[] = [
  {
    name: "max_tokens by default",
    compat: {},
    request: { maxOutput: 9 },
    has: { max_tokens: 9, stream: true, stream_options: { include_usage: true } },
    lacks: ["max_completion_tokens", "reasoning_effort", "tools", "tool_choice", "temperature", "parallel_tool_calls"],
  },
  {
    name: "max_completion_tokens for OpenAI and Cerebras",
    compat: { maxTokensField: "max_completion_tokens" },
    request: { maxOutput: 9 },
    has: { max_completion_tokens: 9 },
    lacks: ["max_tokens"],
  },
  { name: "no stream_options where that is refused", compat: { streamUsage: "none" }, lacks: ["stream_options"] },
  {
    name: "no parameter that the target drops",
    compat: { dropParams: ["stream_options", "tool_choice"] },
    request: { tools: [readTool] },
    lacks: ["stream_options", "tool_choice"],
  },
  { name: "effort as it is asked for", compat: {}, request: { effort: "high" }, has: { reasoning_effort: "high" } },
  {
    name: "no effort for models that do not reason",
    compat: {},
    request: { effort: "high" },
    target: { reasoning: false },
    lacks: ["reasoning_effort"],
  },
  {
    name: "no effort for an endpoint that accepts no value",
    compat: { efforts: [] },
    request: { effort: "high" },
    lacks: ["reasoning_effort"],
  },
  {
    name: "the nearest accepted effort",
    compat: { efforts: ["low", "high", "max"] },
    request: { effort: "medium" },
    has: { reasoning_effort: "low" },
  },
  {
    name: "no value for effort none if the endpoint has none",
    compat: { efforts: ["low", "high"] },
    request: { effort: "none" },
    lacks: ["reasoning_effort"],
  },
  {
    name: "no effort together with tools for GPT-5.x",
    compat: { toolsEffort: "none" },
    request: { effort: "high", tools: [readTool] },
    has: { reasoning_effort: "none" },
  },
  {
    name: "effort without tools for GPT-5.x",
    compat: { toolsEffort: "none" },
    request: { effort: "high" },
    has: { reasoning_effort: "high" },
  },
  {
    name: "DeepSeek's thinking",
    compat: { effortStyle: "thinking-type", efforts: ["high", "max"] },
    request: { effort: "high" },
    has: { thinking: { type: "enabled" }, reasoning_effort: "high" },
  },
  {
    name: "Anthropic's thinking budget",
    compat: { effortStyle: "thinking-budget" },
    request: { effort: "low" },
    has: { thinking: { type: "enabled", budget_tokens: 2048 } },
  },
  {
    name: "Qwen's switch",
    compat: { effortStyle: "enable_thinking" },
    request: { effort: "none" },
    has: { enable_thinking: false },
  },
  {
    name: "vLLM's switch",
    compat: { effortStyle: "chat_template_kwargs" },
    request: { effort: "low" },
    has: { chat_template_kwargs: { enable_thinking: true } },
  },
  {
    name: "required unchanged",
    compat: {},
    request: { tools: [readTool], toolChoice: "required" },
    has: { tool_choice: "required" },
  },
  {
    name: "any for required, for Mistral",
    compat: { toolChoice: "any-for-required" },
    request: { tools: [readTool], toolChoice: "required" },
    has: { tool_choice: "any" },
  },
  {
    name: "only auto",
    compat: { toolChoice: "auto-only" },
    request: { tools: [readTool], toolChoice: "required" },
    has: { tool_choice: "auto" },
  },
  {
    name: "no tools for the choice none if the endpoint ignores it, as Ollama does",
    compat: { toolChoice: "none" },
    request: { tools: [readTool], toolChoice: "none" },
    lacks: ["tools", "tool_choice"],
  },
  {
    name: "no tools for models without tool support",
    compat: {},
    request: { tools: [readTool] },
    target: { tools: false },
    lacks: ["tools", "tool_choice"],
  },
  {
    name: "parallel_tool_calls only if configured",
    compat: { parallelToolCalls: "send" },
    request: { tools: [readTool] },
    has: { parallel_tool_calls: true },
  },
  {
    name: "the cache key if the target has a field for it",
    compat: { cacheKeyField: "prompt_cache_key" },
    request: { cacheKey: "s1" },
    has: { prompt_cache_key: "s1" },
  },
  { name: "no key of the cache elsewhere", compat: {}, request: { cacheKey: "s1" }, lacks: ["prompt_cache_key"] },
  {
    name: "a response schema, not strict",
    compat: {},
    request: { answerSchema: { type: "object" } },
    has: {
      response_format: {
        type: "json_schema",
        json_schema: { schema: { type: "object" }, strict: false, name: "answer" },
      },
    },
  },
];

describe("the body of a request", () => {
  for (const { name, compat, request, target, has = {}, lacks = [] } of bodies) {
    it(`has ${name}`, async () => {
      const { body } = await requestFor(compat, request, target);
      for (const [key, value] of Object.entries(has)) assert.deepEqual(body[key], value, key);
      for (const key of lacks) assert.equal(key in body, false, key);
    });
  }

  it("uses the endpoint's model id, query and headers, and sends no key without one", async () => {
    const target = {
      requestId: "google/gemini-x",
      query: { "api-version": "2024-10-21" },
      headers: { "X-Title": "t" },
    };
    const received = await requestFor({}, {}, target);
    assert.equal(received.body.model, "google/gemini-x");
    assert.equal(received.path, "/v1/chat/completions?api-version=2024-10-21");
    assert.equal(received.headers["x-title"], "t");
    assert.equal("authorization" in received.headers, false);
  });

  it("sends the key in Azure's header, without Bearer", async () => {
    const received = await requestFor({}, {}, { keyHeader: "api-key", key: async () => "k-1234567890" });
    assert.equal(received.headers["api-key"], "k-1234567890");
    assert.equal("authorization" in received.headers, false);
  });

  it("accepts a base URL with a pasted path and trailing slashes", async () => {
    const endpoint = await scriptedEndpoint([answer("ok")]);
    await collect(targetFor(`${endpoint.baseUrl}/chat/completions///`));
    assert.equal(endpoint.received[0]?.path, "/v1/chat/completions");
    await endpoint.close();
  });

  it("marks the system text and the last two messages for the cache", async () => {
    const received = await requestFor(
      { cacheControl: true },
      { messages: [user("one"), assistant("two"), user("three")] },
    );
    const marks = (received.body.messages as Json[]).map((message) =>
      JSON.stringify(message.content).includes('"cache_control":{"type":"ephemeral"}'),
    );
    assert.deepEqual(marks, [true, false, true, true]);
  });

  it("uses the developer role only if configured", async () => {
    const role = async (compat: Compat) => ((await requestFor(compat)).body.messages as Json[])[0]?.role;
    assert.equal(await role({}), "system");
    assert.equal(await role({ systemRole: "developer" }), "developer");
  });
});
