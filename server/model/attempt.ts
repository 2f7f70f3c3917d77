/**
 * One request to one endpoint through the AI SDK's chat model, and its answer as events. The SDK is handed a `fetch` of ours, so
 * that it never sees a refusal, a broken chunk or a foreign dialect.
 */
import type { OpenAICompatibleChatLanguageModel } from "@ai-sdk/openai-compatible";
import type { LanguageModelV4StreamPart } from "@ai-sdk/provider";
import type { ModelEvent, ModelRequest } from "../ports.ts";
import { type Answer, openAnswer } from "./answer.ts";
import type { BuiltCall } from "./dialect/calls.ts";
import { historyFor } from "./dialect/history.ts";
import { promptOf } from "./dialect/prompt.ts";
import { bodyFor } from "./dialect/request.ts";
import { estimateTokens, usageOf } from "./dialect/usage.ts";
import { refusalTrouble } from "./errors.ts";
import type { DoorLimits } from "./limits.ts";
import type { Memory } from "./memory.ts";
import { matchName, readArguments, unknownTool } from "./repair.ts";
import type { Target } from "./target.ts";
import type { Transport, WireRequest } from "./transport.ts";
import { asError, type Trouble, troubleIn } from "./trouble.ts";
import { isForeign, notAnAnswer, openBody, readAll } from "./wire.ts";

export interface AttemptInput {
  target: Target;
  request: ModelRequest;
  memory: Memory;
  transport: Transport;
  limits: DoorLimits;
  signal: AbortSignal;
  now: number;
  seats: Seats;
}

export type Ending =
  | { type: "stop"; reason: "done" | "calls" | "length" | "filtered" | "cancelled" }
  | { type: "trouble"; trouble: Trouble; said: boolean };

type Chat = OpenAICompatibleChatLanguageModel;

export const loadChat = () => import("@ai-sdk/openai-compatible");

export function chatUrl(target: Target): string {
  const base = target.baseUrl
    .replace(/\/+$/, "")
    .replace(/\/chat\/completions$/, "")
    .replace(/\/+$/, "");
  const query = new URLSearchParams(target.query).toString();
  return `${base}/chat/completions${query === "" ? "" : `?${query}`}`;
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url.slice(0, 80);
}

/** The key, or the signal's reason at once, however long the key takes. */
export function keyOf(target: Target, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    (target.key?.() ?? Promise.resolve(undefined)).then(resolve, (error: unknown) => {
      const why = error instanceof Error ? error.message : "unknown reason";
      reject(
        asError({
          failure: { kind: "auth", message: `No key for ${target.provider} could be read: ${why}` },
          retry: "never",
        }),
      );
    });
  });
}

/** With the key, and where it stands. */
export function requestHeaders(target: Target, key: string | undefined): Pick<WireRequest, "headers" | "secret"> {
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
  answer: Answer;
  key: string | undefined;
  /** Characters of the body, for estimates. */
  sent: number;
}

/** What the SDK takes for `fetch`. Its Response is only ever asked for what is here. */
function fetchFor(exchange: Exchange): typeof fetch {
  const { input, answer, key } = exchange;
  const { target, limits, signal } = input;
  return async (url, init) => {
    const body = String(init?.body ?? "");
    exchange.sent = body.length;
    await input.request.after;
    const response = await input.transport.send({
      url: String(url),
      ...requestHeaders(target, key),
      body,
      signal,
      headersMs: target.local ? limits.localFirstMs : limits.headersMs,
    });
    const mediaType = response.headers["content-type"] ?? "";
    const host = new URL(response.url).host;
    if (response.status < 200 || response.status > 299) {
      const text = await readAll(response.body, 262_144, 10_000);
      signal.throwIfAborted();
      const context = { target, host, key, now: input.now, estimate: estimateTokens(exchange.sent) };
      throw asError(refusalTrouble({ status: response.status, headers: response.headers, body: text }, context));
    }
    if (isForeign(mediaType)) {
      response.close();
      throw asError(notAnAnswer(host, mediaType));
    }
    const first = target.local ? limits.localFirstMs : target.reasoning ? limits.reasoningFirstMs : limits.dataMs;
    const stream = openBody(response, answer, { ...limits, firstDataMs: first }, signal);
    return {
      ok: true,
      status: 200,
      statusText: "OK",
      url: response.url,
      headers: new Map([["content-type", "text/event-stream"]]),
      body: stream,
    } as unknown as Response;
  };
}

interface Seat {
  chat: Chat;
  exchange: Exchange | null;
}

/** Chats of one model that are not in use: building one builds the SDK's schemas anew, which costs more than a small answer. */
export type Seats = Seat[];

async function seatFor(exchange: Exchange): Promise<Seat> {
  const { seats, target } = exchange.input;
  const free = seats.pop();
  if (free !== undefined) {
    free.exchange = exchange;
    return free;
  }
  const { OpenAICompatibleChatLanguageModel: Model } = await loadChat();
  const now = (): Exchange => {
    if (seat.exchange === null) throw new Error("a chat was used after its answer had ended");
    return seat.exchange;
  };
  const chat = new Model(target.requestId, {
    provider: "tutti",
    url: () => chatUrl(target),
    headers: {},
    fetch: (url, init) => fetchFor(now())(url, init),
    includeUsage: true,
    supportsStructuredOutputs: true,
    supportsMultiPartToolContent: true,
    transformRequestBody: (made) => bodyFor(target, now().input.request, now().input.memory, made),
  });
  const seat: Seat = { chat, exchange };
  return seat;
}

function callOptions(input: AttemptInput): Parameters<Chat["doStream"]>[0] {
  const { target, request, signal } = input;
  const schema = request.answerSchema;
  return {
    prompt: promptOf(target, request.system, historyFor(target, request.messages)),
    tools: request.tools.map((tool) => ({
      type: "function" as const,
      name: tool.name,
      description: tool.description,
      inputSchema: tool.schema,
    })),
    abortSignal: signal,
    ...(schema === undefined
      ? {}
      : {
          responseFormat: { type: "json" as const, schema, name: "answer" },
          providerOptions: { openaiCompatible: { strictJsonSchema: false } },
        }),
  };
}

function callEvent(
  input: AttemptInput,
  call: BuiltCall,
  count: number,
  used: Set<string>,
): Extract<ModelEvent, { type: "call" }> {
  const names = input.request.tools.map((tool) => tool.name);
  const name = matchName(call.name, names);
  const fresh = call.id !== "" && !used.has(call.id);
  const id = fresh ? call.id : `call_${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;
  used.add(id);
  const read = readArguments(call.raw);
  const many =
    count > input.limits.calls
      ? `Only ${input.limits.calls} calls are run of one answer, and this is number ${count}; call again in the next answer.`
      : null;
  const problem = many ?? (name === null ? unknownTool(call.name, names) : read.ok ? null : read.problem);
  return {
    type: "call",
    id,
    name: name ?? call.name,
    input: problem === null && read.ok ? read.input : null,
    raw: call.raw,
    ...(problem === null ? {} : { problem }),
    ...(call.signature === null ? {} : { replay: { thoughtSignature: call.signature } }),
  };
}

function usedIds(request: ModelRequest): Set<string> {
  return new Set(
    request.messages.flatMap((message) =>
      message.role === "assistant" ? message.content.flatMap((part) => (part.type === "call" ? [part.id] : [])) : [],
    ),
  );
}

/** What the end of the answer means, where it came whole; a trouble where it did not. */
function endingOf(exchange: Exchange, host: string, calls: number): Ending {
  const { state } = exchange.answer;
  const { target, now } = exchange.input;
  const said = state.text + state.reasoning + calls > 0;
  const failed = (kind: "protocol" | "server", retry: Trouble["retry"], message: string): Ending => ({
    type: "trouble",
    said,
    trouble: { failure: { kind, message }, retry },
  });
  if (state.error !== null) {
    const context = { target, host, key: exchange.key, now, estimate: estimateTokens(exchange.sent) };
    return {
      type: "trouble",
      said,
      trouble: refusalTrouble({ status: 200, headers: {}, body: JSON.stringify(state.error) }, context),
    };
  }
  if (state.malformed)
    return failed(
      "protocol",
      "empty",
      `${host} sent a piece of the answer that is not JSON; try again, or choose another model.`,
    );
  if (state.finish === "error")
    return failed(
      "server",
      "server",
      `${host} stopped with an error in the middle of the answer; try again, or choose another model.`,
    );
  if (state.finish === null && !(state.done && said)) {
    return failed(
      "protocol",
      "empty",
      said
        ? `${host} closed the stream before the answer was finished; try again.`
        : `${host} sent an answer with nothing in it; try again, or choose another model.`,
    );
  }
  if (state.finish === "tool_calls" && calls === 0)
    return failed(
      "protocol",
      "empty",
      `${host} said that it calls a tool, but sent no call; try again, or choose another model.`,
    );
  if (
    state.usage !== null &&
    !said &&
    target.limits.context !== null &&
    usageOf(state.usage, { input: 0, output: 0, reasoning: 0 }, target).input > target.limits.context
  ) {
    return {
      type: "trouble",
      said,
      trouble: {
        failure: {
          kind: "overflow",
          message: `The request did not fit the context of ${target.model} at ${host}; the conversation must be shortened.`,
        },
        retry: "never",
      },
    };
  }
  if (calls > 0) return { type: "stop", reason: "calls" };
  if (state.finish === "length") return { type: "stop", reason: "length" };
  return { type: "stop", reason: state.finish === "content_filter" ? "filtered" : "done" };
}

export async function* attempt(input: AttemptInput): AsyncGenerator<ModelEvent, Ending> {
  const { target, request, limits, signal } = input;
  const cap = Math.max(limits.outputBytes, (target.limits.output ?? 0) * 4 * 2);
  const answer = openAnswer({ compat: target.compat, tools: request.tools, cap });
  const exchange: Exchange = { input, answer, key: undefined, sent: 0 };
  const used = usedIds(request);
  let calls = 0;
  let details = 0;
  let thinking = false;
  let ending: Ending;

  /** Reasoning details that came since they were last given out. */
  const replay = () => {
    const fresh = answer.state.details.slice(details);
    details = answer.state.details.length;
    return fresh.length === 0 ? {} : { replay: { reasoning_details: fresh } };
  };

  function* events(part: LanguageModelV4StreamPart): Generator<ModelEvent> {
    if (part.type === "text-delta") yield { type: "text", text: part.delta };
    else if (part.type === "reasoning-delta") {
      thinking = true;
      yield { type: "reasoning", text: part.delta };
    } else if (part.type === "reasoning-end") {
      thinking = false;
      yield { type: "reasoning.end", ...replay() };
    } else if (part.type === "tool-input-start") {
      const call = answer.state.calls[Number(part.id)];
      if (call === undefined) return;
      calls += 1;
      const late = target.compat.reasoningDetails === true ? replay() : {};
      const event = callEvent(input, call, calls, used);
      yield late.replay === undefined ? event : { ...event, replay: { ...event.replay, ...late.replay } };
    }
  }

  try {
    exchange.key = await keyOf(target, signal);
    const seat = await seatFor(exchange);
    const { stream } = await seat.chat.doStream(callOptions(input));
    const reader = stream.getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) yield* events(step.value);
    // Only an answer that came to its end leaves its chat to the next; what broke off may still be asked for something.
    seat.exchange = null;
    input.seats.push(seat);
    ending = endingOf(exchange, hostOf(target.baseUrl), calls);
  } catch (error) {
    const said = answer.state.text + answer.state.reasoning + calls > 0;
    const unknown: Trouble = {
      failure: {
        kind: "protocol",
        message: `${hostOf(target.baseUrl)} could not be asked: ${error instanceof Error ? error.message.slice(0, 200) : "unknown reason"}`,
      },
      retry: "never",
    };
    ending = { type: "trouble", said, trouble: troubleIn(error) ?? unknown };
  }
  if (thinking) yield { type: "reasoning.end", ...replay() };
  else if (answer.state.details.length > details)
    yield* [{ type: "reasoning", text: "" } as const, { type: "reasoning.end", ...replay() } as const];
  if (signal.aborted) ending = { type: "stop", reason: "cancelled" };
  const { text, reasoning, usage } = answer.state;
  const spoken = answer.state.calls.reduce((sum, call) => sum + call.raw.length + call.name.length, text + reasoning);
  if (usage !== null || spoken > 0 || ending.type === "stop") {
    const said = {
      input: estimateTokens(exchange.sent),
      output: estimateTokens(spoken),
      reasoning: estimateTokens(reasoning),
    };
    if (usage !== null || spoken > 0 || (ending.type === "stop" && ending.reason !== "cancelled"))
      yield { type: "usage", usage: usageOf(usage, said, target) };
  }
  return ending;
}
