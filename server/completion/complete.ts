/** Requests one completion in the form that suits the model, reads it as a stream, and stops as soon as it has a sensible end. */
import type { Usage } from "../../protocol/events.ts";
import { buildRequestHeaders, resolveKey } from "../model/attempt.ts";
import { buildUsage, estimateTokens } from "../model/dialect/usage.ts";
import { classifyErrorResponse } from "../model/error-response.ts";
import type { Transport } from "../model/http.ts";
import { findRequestError } from "../model/request-error.ts";
import { readText } from "../model/response-stream.ts";
import { openEventReader } from "../model/sse.ts";
import type { Target } from "../model/target.ts";
import type { Model, ModelRequest } from "../ports.ts";
import {
  buildChatPrompt,
  buildFimRequest,
  type CursorContext,
  type FimRequest,
  MAX_TOKENS,
  truncateContext,
} from "./fim.ts";
import { parseInsertion } from "./insertion.ts";

export interface CompleteDeps {
  target: Target;
  transport: Transport;
  /** The same model, for chat requests. */
  model(): Model;
  /** Called with the usage, also when the completion fails. */
  reportUsage(usage: Usage): void;
  /** Endpoints and models that accept no fill-in-the-middle requests. `complete` adds to it. */
  chatOnly: Set<string>;
  now(): number;
}

/** A later completion would no longer match the text. */
const TIMEOUT_MS = 10_000;
const MAX_ERROR_BYTES = 64 * 1024;
const MAX_LINE_BYTES = 1024 * 1024;
/** Statuses with which an endpoint rejects this kind of request. */
const unsupportedStatuses: ReadonlySet<number> = new Set([400, 404, 405, 422, 501]);

/** `name`: the file name, for chat requests. Rejects with an error for the user, or with the signal's reason. */
export async function complete(
  deps: CompleteDeps,
  context: CursorContext,
  name: string,
  callerSignal: AbortSignal,
): Promise<string> {
  const { target } = deps;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = AbortSignal.any([callerSignal, timeout]);
  const text = truncateContext(context);
  const endpointKey = `${target.baseUrl} ${target.requestId}`;
  const fimRequest = deps.chatOnly.has(endpointKey) ? null : buildFimRequest(target, text);
  try {
    const completion = fimRequest && (await requestFim(deps, fimRequest, text, signal));
    if (fimRequest && completion === null) deps.chatOnly.add(endpointKey);
    return completion ?? (await requestChat(deps, text, name, signal));
  } catch (error) {
    if (callerSignal.aborted) throw callerSignal.reason;
    if (timeout.aborted) throw new Error(`${target.provider} did not respond within ${TIMEOUT_MS / 1000} s.`);
    const requestError = findRequestError(error);
    throw requestError ? new Error(requestError.failure.message) : error;
  }
}

/** Null if the endpoint does not support this kind of request. */
async function requestFim(
  deps: CompleteDeps,
  fimRequest: FimRequest,
  text: CursorContext,
  signal: AbortSignal,
): Promise<string | null> {
  const { target, transport } = deps;
  const key = await resolveKey(target, signal);
  const body = JSON.stringify(fimRequest.body);
  const request = { url: fimRequest.url, body, signal, headersMs: TIMEOUT_MS, ...buildRequestHeaders(target, key) };
  const response = await transport.send(request);
  const { status, headers } = response;
  if (status < 200 || status > 299) {
    const errorText = await readText(response.body, MAX_ERROR_BYTES, TIMEOUT_MS);
    if (unsupportedStatuses.has(status)) return null;
    const context = {
      target,
      host: new URL(fimRequest.url).host,
      key,
      now: deps.now(),
      estimate: estimateTokens(body.length),
    };
    throw new Error(classifyErrorResponse({ status, headers, body: errorText }, context).failure.message);
  }
  let output = "";
  let usage: Record<string, unknown> | null = null;
  const reader = openEventReader(MAX_LINE_BYTES);
  const readEvent = (data: string): void => {
    const event = data === "[DONE]" ? null : (JSON.parse(data) as CompletionChunk);
    const [choice] = event?.choices ?? [];
    output += choice?.text ?? choice?.delta?.content ?? "";
    usage = event?.usage ?? usage;
  };
  signal.addEventListener("abort", response.close, { once: true });
  try {
    for await (const bytes of response.body) {
      for (const data of reader.push(bytes as Uint8Array)) readEvent(data);
      if (parseInsertion(output, text, false).ended) break;
    }
    for (const data of reader.end()) readEvent(data);
  } finally {
    signal.removeEventListener("abort", response.close);
    response.close();
    const estimate = { input: estimateTokens(body.length), output: estimateTokens(output.length), reasoning: 0 };
    deps.reportUsage(buildUsage(usage, estimate, target));
  }
  signal.throwIfAborted();
  return parseInsertion(output, text, false).text;
}

interface CompletionChunk {
  choices?: { text?: string; delta?: { content?: string } }[];
  usage?: Record<string, unknown> | null;
}

async function requestChat(
  deps: CompleteDeps,
  context: CursorContext,
  name: string,
  signal: AbortSignal,
): Promise<string> {
  const { system, text } = buildChatPrompt(context, name);
  const request: ModelRequest = {
    system,
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    tools: [],
    effort: "none",
    maxOutput: MAX_TOKENS,
  };
  let output = "";
  for await (const event of deps.model().stream(request, signal)) {
    if (event.type === "text") output += event.text;
    if (event.type === "usage") deps.reportUsage(event.usage);
    if (event.type === "stop" && event.reason === "failed") throw new Error(event.failure.message);
  }
  signal.throwIfAborted();
  return parseInsertion(output, context, true).text;
}
