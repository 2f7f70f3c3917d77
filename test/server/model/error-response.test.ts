/** Classification and messages of error responses, in the formats of real providers. */
import assert from "node:assert/strict";
import { classifyErrorResponse } from "../../../server/model/error-response.ts";
import type { Compat } from "../../../server/model/target.ts";
import { targetFor } from "../../help/model-client.ts";

interface Case {
  name: string;
  status: number;
  body: unknown;
  kind: string;
  retry?: string;
  says?: RegExp;
  compat?: Compat;
  estimate?: number;
}

const openai = (message: string, more: Record<string, unknown> = {}) => ({
  error: { message, type: "invalid_request_error", ...more },
});

const overflows = [
  "prompt is too long: 213462 tokens > 200000 maximum",
  "Input is too long for requested model.",
  "Your input exceeds the context window of this model",
  "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)",
  "This model's maximum prompt length is 131072 but the request contains 537812 tokens",
  "Please reduce the length of the messages or completion",
  "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
  "The input exceeds the limit of 32768",
  "the request exceeds the available context size, try increasing it",
  "tokens to keep from the initial prompt is greater than the context length",
  "invalid params, context window exceeds limit",
  "Your request exceeded model token limit: 262144",
  "Prompt contains 70000 tokens, too large for model with 32768 maximum context length",
  "You passed 9000 input tokens; the model's context length is only 8192 tokens",
  "the input length of 9000 tokens is larger than the context length 8192",
];

const cases: Case[] = [
  ...overflows.map(
    (message): Case => ({
      name: `too long: ${message.slice(0, 40)}`,
      status: 400,
      body: openai(message),
      kind: "overflow",
      retry: "never",
    }),
  ),
  {
    name: "OpenAI's code for an overflow",
    status: 400,
    body: openai("x", { code: "context_length_exceeded" }),
    kind: "overflow",
  },
  { name: "413 without a word", status: 413, body: "", kind: "overflow" },
  { name: "an empty 400 to a long request", status: 400, body: "", kind: "overflow", estimate: 90_000 },
  { name: "an empty 400 to a short request", status: 400, body: "", kind: "request" },
  {
    name: "Groq's token limit per minute",
    status: 413,
    body: openai("Request too large for model x: Limit 6000, Requested 9000 tokens per minute (TPM)", {
      code: "rate_limit_exceeded",
    }),
    kind: "rate",
    retry: "never",
  },
  {
    name: "a token limit per minute that resets soon",
    status: 429,
    body: openai("Limit 6000, Used 5000, Requested 2000 tokens per minute"),
    kind: "rate",
    retry: "rate",
  },
  {
    name: "OpenAI's code for no credit",
    status: 429,
    body: openai("You exceeded your current quota, please check your plan and billing details.", {
      code: "insufficient_quota",
    }),
    kind: "quota",
    retry: "never",
  },
  {
    name: "the status for no credit",
    status: 402,
    body: { error: { message: "Insufficient Balance" } },
    kind: "quota",
    retry: "never",
  },
  { name: "too many requests", status: 429, body: openai("Rate limit reached"), kind: "rate", retry: "rate" },
  {
    name: "a rejected key",
    status: 401,
    body: openai("Incorrect API key provided"),
    kind: "auth",
    retry: "never",
    says: /refused the key \(401\).*set a valid key in ACME_API_KEY/,
  },
  { name: "a forbidden key", status: 403, body: { message: "Forbidden" }, kind: "auth", retry: "never" },
  {
    name: "Google's error for a rejected key",
    status: 400,
    body: [
      { error: { code: 400, message: "API key not valid. Please pass a valid API key.", status: "INVALID_ARGUMENT" } },
    ],
    kind: "auth",
  },
  {
    name: "a model that is only served on another route",
    status: 404,
    body: openai("This model is only supported in v1/responses and not in v1/chat/completions."),
    kind: "unsupported",
    retry: "never",
  },
  {
    name: "Bedrock's error for a wrong route",
    status: 400,
    body: openai("model `x` isn't supported on this route"),
    kind: "unsupported",
  },
  {
    name: "vLLM without its tool flags",
    status: 400,
    body: {
      object: "error",
      message: '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    },
    kind: "unsupported",
    says: /start vLLM with/,
  },
  {
    name: "Ollama's error for a model without tools",
    status: 400,
    body: { error: "registry.ollama.ai/library/x does not support tools" },
    kind: "unsupported",
  },
  {
    name: "an unknown model",
    status: 404,
    body: openai("The model x does not exist"),
    kind: "request",
    retry: "never",
    says: /check the model's name and the base URL/,
  },
  {
    name: "an existing model that is temporarily not found",
    status: 404,
    body: openai("The model x does not exist"),
    kind: "request",
    retry: "once",
    compat: { retryNotFound: true },
  },
  {
    name: "Mistral's flat error",
    status: 400,
    body: {
      object: "error",
      message: "Unexpected role 'user' after role 'tool'",
      type: "invalid_request_message_order",
      code: "3230",
    },
    kind: "request",
    says: /Unexpected role/,
  },
  {
    name: "Cerebras' flat error",
    status: 400,
    body: { message: "wrong field", type: "invalid_request_error", param: "x", code: "y" },
    kind: "request",
    says: /wrong field/,
  },
  {
    name: "FastAPI's detail",
    status: 422,
    body: { detail: [{ loc: ["body"], msg: "field required", type: "missing" }] },
    kind: "request",
    says: /field required/,
  },
  {
    name: "a detail that is a string",
    status: 422,
    body: { detail: "no such adapter" },
    kind: "request",
    says: /no such adapter/,
  },
  { name: "AWS' capital letter", status: 400, body: { Message: "bad thing" }, kind: "request", says: /bad thing/ },
  { name: "plain text", status: 400, body: "nope, not like this", kind: "request", says: /nope, not like this/ },
  {
    name: "a gateway's HTML page",
    status: 502,
    body: `<html><head><title>502</title></head>${"<p>secret page</p>".repeat(50)}</html>`,
    kind: "server",
    retry: "server",
    says: /it sent a web page/,
  },
  {
    name: "Anthropic's overload",
    status: 529,
    body: { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
    kind: "server",
    retry: "server",
  },
  {
    name: "a server that is loading its model",
    status: 503,
    body: { error: { message: "Loading model", code: 503 } },
    kind: "server",
    retry: "server",
    says: /wait for it to finish/,
  },
  {
    name: "Groq's full capacity",
    status: 498,
    body: openai("flex tier capacity exceeded"),
    kind: "server",
    retry: "server",
  },
  {
    name: "Groq's failed generation",
    status: 400,
    body: openai("Failed to call a function.", { code: "tool_use_failed", failed_generation: "<tool>" }),
    kind: "request",
    retry: "once",
  },
  {
    name: "an error with a code in a response with status 200",
    status: 200,
    body: { error: { code: 502, message: "Provider returned error" } },
    kind: "server",
    retry: "server",
  },
];

function classify(
  one: Pick<Case, "status" | "body" | "compat" | "estimate">,
  key?: string,
  headers: Record<string, string> = {},
) {
  const body = typeof one.body === "string" ? one.body : JSON.stringify(one.body);
  const target = targetFor("https://api.acme.test/v1", { compat: one.compat ?? {} });
  return classifyErrorResponse(
    { status: one.status, headers, body },
    { target, host: "api.acme.test", key, now: 1_000_000, estimate: one.estimate ?? 10 },
  );
}

describe("error responses", () => {
  for (const one of cases) {
    it(`classifies ${one.name}`, () => {
      const error = classify(one);
      assert.equal(error.failure.kind, one.kind);
      if (one.retry !== undefined) assert.equal(error.retry, one.retry);
      if (one.says !== undefined) assert.match(error.failure.message, one.says);
      assert.ok(error.failure.message.length <= 300);
      assert.match(error.failure.message, /^.*api\.acme\.test/);
      assert.doesNotMatch(error.failure.message, /<[a-z]/);
    });
  }

  const limits: [string, number | undefined][] = [
    ["prompt is too long: 213462 tokens > 200000 maximum", 200_000],
    ["The input token count (1196265) exceeds the maximum number of tokens allowed (1048575)", 1_048_575],
    [
      "The input token count is 40000 but model only supports up to 32768; it exceeds the maximum number of tokens allowed 32768.",
      32_768,
    ],
    ["This model's maximum prompt length is 131072 but the request contains 537812 tokens", 131_072],
    ["This model's maximum context length is 4096 tokens. However, you requested 5000 tokens", 4096],
    ["This model's maximum context length is 16,385 tokens", 16_385],
    ["This endpoint's maximum context length is 163840 tokens. However, you requested about 200000 tokens", 163_840],
    ["The input exceeds the limit of 32768", 32_768],
    ["the request exceeds the available context size (8192 tokens), try increasing it", 8192],
    ["request (9000 tokens) exceeds the available context size (4096 tokens)", 4096],
    ["Your request exceeded model token limit: 262144", 262_144],
    ["Prompt contains 70000 tokens, too large for model with 32768 maximum context length", 32_768],
    ["You passed 9000 input tokens; the model's context length is only 8192 tokens", 8192],
    ["the input length of 9000 tokens is larger than the context length 8192", 8192],
    ["Input is too long for requested model.", undefined],
    ["maximum context length is 10 tokens", undefined],
  ];
  for (const [message, limit] of limits)
    it(`finds the context that an endpoint names: ${message.slice(0, 60)}`, () => {
      const { failure } = classify({ status: 400, body: openai(message) });
      assert.deepEqual([failure.kind, failure.contextLimit], ["overflow", limit]);
    });

  it("produces one line of at most 300 characters", () => {
    const { message } = classify({ status: 500, body: openai(`long\n\u001b[31m ${"x".repeat(5_000)}`) }).failure;
    assert.ok(message.length <= 300);
    assert.doesNotMatch(message, /[\n\u001b]/);
  });

  const key = "my-own-odd-key/41+7=";
  const echoes = [
    key,
    encodeURIComponent(key),
    Buffer.from(key).toString("base64"),
    "sk-proj-abcdefghijklmnop",
    "AIzaSyA1234567890abcdefghijklmn",
    "Bearer abcdef123456",
  ];
  for (const echo of echoes) {
    it(`never echoes a key in the form ${echo.slice(0, 6)}…`, () => {
      const error = classify({ status: 401, body: openai(`Incorrect API key provided: ${echo}.`) }, key);
      assert.equal(error.failure.message.includes(echo), false, error.failure.message);
      assert.match(error.failure.message, /\[key hidden\]/);
    });
  }

  const waits: [string, Record<string, string>, number | undefined][] = [
    ["seconds", { "retry-after": "3" }, 3_000],
    ["milliseconds", { "retry-after-ms": "300", "retry-after": "9" }, 300],
    ["a date", { "retry-after": new Date(1_060_000).toUTCString() }, 60_000],
    ["Groq's spans", { "x-ratelimit-remaining-tokens": "0", "x-ratelimit-reset-tokens": "1m30.5s" }, 90_500],
    [
      "nothing while something is left",
      { "x-ratelimit-remaining-tokens": "5", "x-ratelimit-reset-tokens": "7.66s" },
      undefined,
    ],
    ["nothing", {}, undefined],
  ];
  for (const [name, headers, expected] of waits) {
    it(`reads the retry time from ${name}`, () =>
      assert.equal(classify({ status: 429, body: "" }, undefined, headers).retryAfterMs, expected));
  }
});
