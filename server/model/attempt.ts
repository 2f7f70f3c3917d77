/**
 * Sends one request to one endpoint and returns the response as events: builds the body, sends it, and turns each kind of error response
 * into a RequestError.
 */
import type { ModelEvent, ModelRequest } from "../ports.ts";
import { buildRequestBody } from "./dialect/request.ts";
import type { BuiltCall } from "./dialect/tool-call-assembler.ts";
import { buildUsage, estimateTokens } from "./dialect/usage.ts";
import type { EndpointQuirks } from "./endpoint-quirks.ts";
import type { ErrorContext, ErrorResponse } from "./error-response.ts";
import type { HttpRequest, HttpResponse, Transport } from "./http.ts";
import { findRequestError, type RequestError, toError } from "./request-error.ts";
import type { RequestLimits } from "./request-limits.ts";
import { openResponseNormalizer, type ResponseNormalizer, type ResponsePart } from "./response-normalizer.ts";
import { createForeignResponseError, isForeignMediaType, readResponse, readText } from "./response-stream.ts";
import type { Target } from "./target.ts";
import { describeUnknownTool, matchToolName, parseArguments } from "./tool-call-arguments.ts";

export interface AttemptInput {
  target: Target;
  request: ModelRequest;
  quirks: EndpointQuirks;
  transport: Transport;
  limits: RequestLimits;
  signal: AbortSignal;
  now: number;
}

export type AttemptResult =
  | { type: "stop"; reason: "done" | "calls" | "length" | "filtered" | "cancelled" }
  | { type: "error"; error: RequestError; hasOutput: boolean };

export function buildChatUrl(target: Target): string {
  const base = target.baseUrl
    .replace(/\/+$/, "")
    .replace(/\/chat\/completions$/, "")
    .replace(/\/+$/, "");
  const query = new URLSearchParams(target.query).toString();
  return `${base}/chat/completions${query === "" ? "" : `?${query}`}`;
}

function parseHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 80);
}

/** Resolves with the key; rejects with the signal's reason as soon as the signal aborts. */
export function resolveKey(target: Target, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    (target.key?.() ?? Promise.resolve(undefined)).then(resolve, (error: unknown) => {
      const reason = error instanceof Error ? error.message : "unknown error";
      reject(
        toError({
          failure: { kind: "auth", message: `Cannot read the key for ${target.provider}: ${reason}` },
          retry: "never",
        }),
      );
    });
  });
}

/** All request headers, and the one that holds the key. */
export function buildRequestHeaders(target: Target, key: string | undefined): Pick<HttpRequest, "headers" | "secret"> {
  const name = target.keyHeader.toLowerCase();
  const secret = key === undefined || key === "" ? null : { header: name, value: key };
  const headers: Record<string, string> = {
    "content-type": "application/json",
    accept: "text/event-stream, application/json",
    "accept-encoding": "identity",
    "user-agent": "tutti",
    ...Object.fromEntries(Object.entries(target.headers).map(([header, text]) => [header.toLowerCase(), text])),
    ...(secret && { [name]: name === "authorization" ? `Bearer ${secret.value}` : secret.value }),
  };
  return { headers, secret };
}

interface Exchange {
  input: AttemptInput;
  normalizer: ResponseNormalizer;
  key: string | undefined;
  /** Characters of the request body, for token estimates. */
  bodyLength: number;
}

/** Sends the request. Rejects with a RequestError if the response is not a model's. */
async function sendRequest({ input, key }: Exchange, body: string): Promise<HttpResponse> {
  const { target, limits, signal } = input;
  const response = await input.transport.send({
    url: buildChatUrl(target),
    ...buildRequestHeaders(target, key),
    body,
    signal,
    headersMs: target.local ? limits.localFirstMs : limits.headersMs,
  });
  const mediaType = response.headers["content-type"] ?? "";
  const host = new URL(response.url).host;
  if (response.status < 200 || response.status > 299) {
    const text = await readText(response.body, 262_144, 10_000);
    signal.throwIfAborted();
    const context = { target, host, key, now: input.now, estimate: estimateTokens(body.length) };
    throw toError(await classifyResponse({ status: response.status, headers: response.headers, body: text }, context));
  }
  if (isForeignMediaType(mediaType)) {
    response.close();
    throw toError(createForeignResponseError(host, mediaType));
  }
  return response;
}

function createCallEvent(
  input: AttemptInput,
  call: BuiltCall,
  count: number,
  used: Set<string>,
): Extract<ModelEvent, { type: "call" }> {
  const names = input.request.tools.map((tool) => tool.name);
  const name = matchToolName(call.name, names);
  const fresh = call.id !== "" && !used.has(call.id);
  const id = fresh ? call.id : `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  used.add(id);
  const read = parseArguments(call.raw);
  const tooMany =
    count > input.limits.calls
      ? `A response can run at most ${input.limits.calls} calls, and this is number ${count}; call it again in the next response.`
      : null;
  const problem = tooMany ?? (name === null ? describeUnknownTool(call.name, names) : read.ok ? null : read.problem);
  return {
    type: "call",
    id,
    name: name ?? call.name,
    input: problem === null && read.ok ? read.input : null,
    raw: call.raw,
    ...(problem === null ? {} : { problem }),
    ...(call.signature === null ? {} : { providerMetadata: { thoughtSignature: call.signature } }),
  };
}

function collectCallIds(request: ModelRequest): Set<string> {
  return new Set(
    request.messages.flatMap((message) =>
      message.role === "assistant" ? message.content.flatMap((part) => (part.type === "call" ? [part.id] : [])) : [],
    ),
  );
}

async function classifyResponse(response: ErrorResponse, context: ErrorContext): Promise<RequestError> {
  const { classifyErrorResponse } = await import("./error-response.ts");
  return classifyErrorResponse(response, context);
}

/** The result of a response that was read to its end: a stop if it is complete, else an error. */
async function createResult(exchange: Exchange, host: string, calls: number): Promise<AttemptResult> {
  const { state } = exchange.normalizer;
  const { target, now } = exchange.input;
  const hasOutput = state.text + state.reasoning + calls > 0;
  const failed = (kind: "protocol" | "server", retry: RequestError["retry"], message: string): AttemptResult => ({
    type: "error",
    hasOutput,
    error: { failure: { kind, message }, retry },
  });
  if (state.error !== null) {
    const context = { target, host, key: exchange.key, now, estimate: estimateTokens(exchange.bodyLength) };
    return {
      type: "error",
      hasOutput,
      error: await classifyResponse({ status: 200, headers: {}, body: JSON.stringify(state.error) }, context),
    };
  }
  if (state.malformed)
    return failed("protocol", "empty", `${host} sent a chunk that is not JSON; try again, or choose another model.`);
  if (state.finish === "error")
    return failed(
      "server",
      "server",
      `${host} stopped with an error in the middle of the response; try again, or choose another model.`,
    );
  if (state.finish === null && !(state.done && hasOutput)) {
    return failed(
      "protocol",
      "empty",
      hasOutput
        ? `${host} closed the stream before the response was complete; try again.`
        : `${host} sent an empty response; try again, or choose another model.`,
    );
  }
  // With text, it is an answer: some endpoints name the wrong reason.
  if (state.finish === "tool_calls" && calls === 0 && state.text === 0)
    return failed(
      "protocol",
      "empty",
      `${host} announced a tool call but sent none; try again, or choose another model.`,
    );
  if (
    state.usage !== null &&
    !hasOutput &&
    target.limits.context !== null &&
    buildUsage(state.usage, { input: 0, output: 0, reasoning: 0 }, target).input > target.limits.context
  ) {
    return {
      type: "error",
      hasOutput,
      error: {
        failure: {
          kind: "overflow",
          message: `The request does not fit the context of ${target.model} at ${host}; shorten the conversation.`,
        },
        retry: "never",
      },
    };
  }
  if (calls > 0) return { type: "stop", reason: "calls" };
  if (state.finish === "length") return { type: "stop", reason: "length" };
  return { type: "stop", reason: state.finish === "content_filter" ? "filtered" : "done" };
}

export async function* attemptRequest(input: AttemptInput): AsyncGenerator<ModelEvent, AttemptResult> {
  const { target, request, quirks, limits, signal } = input;
  const maxCharacters = Math.max(limits.outputBytes, (target.limits.output ?? 0) * 4 * 2);
  const normalizer = openResponseNormalizer({ compat: target.compat, tools: request.tools, maxCharacters });
  const exchange: Exchange = { input, normalizer, key: undefined, bodyLength: 0 };
  const used = collectCallIds(request);
  let calls = 0;
  let sentDetails = 0;
  let reasoningOpen = false;
  let result: AttemptResult;

  /** Reasoning details received since the last call. */
  const takeMetadata = () => {
    const fresh = normalizer.state.details.slice(sentDetails);
    sentDetails = normalizer.state.details.length;
    return fresh.length === 0 ? {} : { providerMetadata: { reasoning_details: fresh } };
  };

  function* convertPart(part: ResponsePart): Generator<ModelEvent> {
    if (part.type === "reasoning") {
      reasoningOpen = true;
      yield part;
      return;
    }
    if (reasoningOpen) {
      reasoningOpen = false;
      yield { type: "reasoning.end", ...takeMetadata() };
    }
    if (part.type === "text") {
      yield part;
      return;
    }
    calls += 1;
    const event = createCallEvent(input, part.call, calls, used);
    const late = target.compat.reasoningDetails === true ? takeMetadata() : {};
    yield late.providerMetadata === undefined
      ? event
      : { ...event, providerMetadata: { ...event.providerMetadata, ...late.providerMetadata } };
  }

  try {
    exchange.key = await resolveKey(target, signal);
    const body = JSON.stringify(buildRequestBody(target, request, quirks));
    exchange.bodyLength = body.length;
    await request.after;
    const response = await sendRequest(exchange, body);
    const first = target.local ? limits.localFirstMs : target.reasoning ? limits.reasoningFirstMs : limits.dataMs;
    for await (const parts of readResponse(response, normalizer, { ...limits, firstDataMs: first }, signal))
      for (const part of parts) yield* convertPart(part);
    result = await createResult(exchange, parseHost(target.baseUrl), calls);
  } catch (error) {
    const hasOutput = normalizer.state.text + normalizer.state.reasoning + calls > 0;
    const unknown: RequestError = {
      failure: {
        kind: "protocol",
        message: `${parseHost(target.baseUrl)} could not be reached: ${error instanceof Error ? error.message.slice(0, 200) : "unknown error"}`,
      },
      retry: "never",
    };
    result = { type: "error", hasOutput, error: findRequestError(error) ?? unknown };
  }
  if (reasoningOpen) yield { type: "reasoning.end", ...takeMetadata() };
  else if (normalizer.state.details.length > sentDetails)
    yield* [{ type: "reasoning", text: "" } as const, { type: "reasoning.end", ...takeMetadata() } as const];
  if (signal.aborted) result = { type: "stop", reason: "cancelled" };
  const { text, reasoning, usage } = normalizer.state;
  const outputLength = normalizer.state.calls.reduce(
    (sum, call) => sum + call.raw.length + call.name.length,
    text + reasoning,
  );
  if (usage !== null || outputLength > 0 || result.type === "stop") {
    const estimates = {
      input: estimateTokens(exchange.bodyLength),
      output: estimateTokens(outputLength),
      reasoning: estimateTokens(reasoning),
    };
    if (usage !== null || outputLength > 0 || (result.type === "stop" && result.reason !== "cancelled"))
      yield { type: "usage", usage: buildUsage(usage, estimates, target) };
  }
  return result;
}
