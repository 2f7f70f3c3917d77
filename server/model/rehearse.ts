/** Serves a scenario over HTTP on loopback as an OpenAI-compatible endpoint, with streaming, usage and all kinds of failures. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { describeError } from "../../protocol/errors.ts";
import type { Clock, Hash } from "../ports.ts";
import type { Fault, Scenario } from "./scenario.ts";
import {
  type ChatRequestBody,
  explainMismatch,
  matchStep,
  readConversation,
  type ScriptedResponse,
} from "./scenario-response.ts";

export interface Rehearsal {
  /** `http://127.0.0.1:PORT/v1` */
  baseUrl: string;
  model: string;
  close(): Promise<void>;
}

export interface RehearsalDeps {
  clock: Pick<Clock, "sleep">;
  hash: Hash;
  port?: number;
  /** Called with one line of text for each request. */
  log?(line: string): void;
}

const maxRequestBytes = 32 * 1024 * 1024;
const maxCountedRequests = 10_000;

export async function rehearse(scenario: Scenario, deps: RehearsalDeps): Promise<Rehearsal> {
  const model = scenario.model ?? "rehearsal";
  const attempts = new Map<string, number>();
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const message = describeError(error);
      deps.log?.(`failed: ${message}`);
      if (response.headersSent) response.destroy();
      else sendError(response, 500, `Cannot run the scenario: ${message}.`);
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    if (request.method === "GET" && path.endsWith("/models")) {
      const { context } = scenario;
      return sendJson(response, 200, {
        object: "list",
        data: [{ id: model, object: "model", owned_by: "tutti", ...(context && { max_model_len: context }) }],
      });
    }
    if (request.method !== "POST" || !path.endsWith("/chat/completions"))
      return sendError(response, 404, `Unknown path ${path}. Use POST /v1/chat/completions or GET /v1/models.`);
    const text = await readRequestBody(request);
    const body = parseBody(text);
    if (body === null) return sendError(response, 400, "The request body is not JSON.");
    const key = deps.hash(JSON.stringify(body.messages ?? []));
    const attempt = (attempts.get(key) ?? 0) + 1;
    if (attempts.size >= maxCountedRequests) attempts.clear();
    attempts.set(key, attempt);
    const context = readConversation(body, attempt);
    const scripted = matchStep(scenario, context);
    const position = `turn ${context.turn}, step ${context.step}, attempt ${attempt}`;
    if (scripted === null) {
      deps.log?.(`${position}: no step matches`);
      return sendError(
        response,
        400,
        `No step of the scenario matches ${position}, after the prompt ${JSON.stringify(context.user.slice(0, 200))}: ${explainMismatch(scenario, context)}.`,
      );
    }
    deps.log?.(
      `${position}: steps[${scripted.step}]${scripted.fault === null ? "" : `, fault ${scripted.fault.type}`}`,
    );
    const closed = new AbortController();
    response.on("close", () => closed.abort());
    if (scripted.delay > 0) await deps.clock.sleep(scripted.delay, closed.signal);
    if (closed.signal.aborted) return;
    await respond(response, body, scripted, text.length, closed.signal);
  }

  async function respond(
    response: ServerResponse,
    body: ChatRequestBody,
    scripted: ScriptedResponse,
    position: number,
    closed: AbortSignal,
  ): Promise<void> {
    const { fault } = scripted;
    if (fault?.type === "status") {
      const error = {
        error: {
          message: fault.message ?? `steps[${scripted.step}] of the scenario fails with status ${fault.status}`,
          type: "scripted",
          code: fault.status,
        },
      };
      return sendJson(response, fault.status, fault.body ?? error, fault.headers);
    }
    if (fault?.type === "html") {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!doctype html><title>Sign in</title><p>Please sign in to the network.</p>");
      return;
    }
    const whole = applyFault(scripted);
    const name = body.model ?? model;
    if (body.stream !== true) return sendCompletion(response, createCompletion(name, whole, position), fault);
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    let sent = 0;
    const pause = scripted.pace > 0 ? 1_000 / scripted.pace : 0;
    const limit = getBreakOffset(fault);
    for (const { delta, characters } of deltas(whole)) {
      if (closed.aborted) return;
      if (fault !== null && limit !== null && sent + characters > limit) return breakOff(response, fault);
      response.write(formatEvent(createChunk(name, delta, null)));
      sent += characters;
      if (pause > 0 && characters > 0) await deps.clock.sleep((pause * characters) / 4, closed);
    }
    if (fault !== null && limit !== null) return breakOff(response, fault);
    if (fault?.type !== "no-finish") {
      response.write(formatEvent(createChunk(name, {}, whole.finish)));
      response.write(formatEvent({ ...createChunk(name, {}, null), choices: [], usage: createUsage(whole, position) }));
      response.write(formatEvent("[DONE]"));
    }
    response.end();
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(deps.port ?? 0, "127.0.0.1", resolve);
  });
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    baseUrl: `http://127.0.0.1:${port}/v1`,
    model,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Applies the faults that change content; they are the same with and without streaming. */
function applyFault(scripted: ScriptedResponse): ScriptedResponse {
  const half = (text: string): string => text.slice(0, Math.ceil(text.length / 2));
  switch (scripted.fault?.type) {
    case "empty":
      return { ...scripted, think: "", say: "", calls: [], finish: "stop" };
    case "bad-arguments":
      return { ...scripted, calls: scripted.calls.map((call) => ({ ...call, arguments: half(call.arguments) })) };
    default:
      return scripted;
  }
}

/** After how many characters a response breaks off; null if it does not. */
function getBreakOffset(fault: Fault | null): number | null {
  switch (fault?.type) {
    case "cut":
    case "stall":
    case "malformed":
      return fault.after ?? 0;
    default:
      return null;
  }
}

/** A response that is not streamed. It breaks off after so many characters of the body. */
function sendCompletion(response: ServerResponse, completion: Completion, fault: Fault | null): void {
  const limit = getBreakOffset(fault);
  if (fault === null || limit === null) {
    const choices = completion.choices.map((choice) => ({ ...choice, finish_reason: null }));
    sendJson(response, 200, fault?.type === "no-finish" ? { ...completion, choices } : completion);
    return;
  }
  const body = JSON.stringify(completion);
  const part = body.slice(0, Math.min(limit, body.length - 1));
  const json = { "content-type": "application/json" };
  response.writeHead(200, fault.type === "malformed" ? json : { ...json, "content-length": Buffer.byteLength(body) });
  if (fault.type === "malformed") {
    response.end(part);
    return;
  }
  response.flushHeaders();
  const breakConnection = (): void => {
    if (fault.type === "cut") response.socket?.end();
  };
  if (part === "") breakConnection();
  else response.write(part, breakConnection);
}

function breakOff(response: ServerResponse, fault: Fault): void {
  // The client receives what was written so far; then the connection ends in the middle of the response.
  if (fault.type === "cut") response.write(": cut\n\n", () => response.socket?.end());
  else if (fault.type === "malformed") response.end('data: {"choices":[{"delta":{"content":"x"\n\n');
}

/** Texts in chunks of a few characters, and calls in several chunks. */
function* deltas({
  think,
  say,
  calls,
}: ScriptedResponse): Generator<{ delta: Record<string, unknown>; characters: number }> {
  yield { delta: { role: "assistant", content: "" }, characters: 0 };
  for (const piece of splitText(think)) yield { delta: { reasoning_content: piece }, characters: piece.length };
  for (const piece of splitText(say)) yield { delta: { content: piece }, characters: piece.length };
  for (const [index, call] of calls.entries()) {
    yield {
      delta: { tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] },
      characters: 0,
    };
    for (const piece of splitText(call.arguments))
      yield { delta: { tool_calls: [{ index, function: { arguments: piece } }] }, characters: piece.length };
  }
}

const splitText = (text: string): string[] => text.match(/\S{1,12}\s*|\s+/g) ?? [];

const createChunk = (model: string, delta: Record<string, unknown>, finish: string | null) => ({
  id: "rehearsal",
  object: "chat.completion.chunk",
  created: 0,
  model,
  choices: [{ index: 0, delta, finish_reason: finish }] as unknown[],
});

const formatEvent = (value: unknown): string =>
  `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;

function createUsage({ usage, think, say, calls }: ScriptedResponse, position: number) {
  const thinkTokens = Math.ceil(think.length / 4);
  const outputTokens = Math.ceil((say.length + calls.reduce((sum, call) => sum + call.arguments.length, 0)) / 4);
  const {
    input = Math.ceil(position / 4),
    output = thinkTokens + outputTokens,
    cached = 0,
    reasoning = thinkTokens,
  } = usage ?? {};
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

type Completion = ReturnType<typeof createCompletion>;

function createCompletion(model: string, scripted: ScriptedResponse, position: number) {
  const { think, say, calls, finish } = scripted;
  const message = {
    role: "assistant",
    content: say,
    ...(think !== "" && { reasoning_content: think }),
    ...(calls.length > 0 && {
      tool_calls: calls.map((call) => ({
        id: call.id,
        type: "function",
        function: { name: call.name, arguments: call.arguments },
      })),
    }),
  };
  const choices = [{ index: 0, message, finish_reason: finish }];
  return {
    id: "rehearsal",
    object: "chat.completion",
    created: 0,
    model,
    choices,
    usage: createUsage(scripted, position),
  };
}

function sendJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

const sendError = (response: ServerResponse, status: number, message: string): void =>
  sendJson(response, status, { error: { message, type: "rehearsal" } });

async function readRequestBody(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > maxRequestBytes) throw new Error("the request is larger than 32 MiB");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parseBody(text: string): ChatRequestBody | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as ChatRequestBody) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
