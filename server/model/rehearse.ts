/** Serves a scenario over real HTTP on loopback, as an OpenAI-compatible endpoint: streams, usage, and every way to fail. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Clock, Hash } from "../ports.ts";
import type { Fault, Scenario } from "./scenario.ts";
import { answerOf, factsOf, type Spoken, type WireBody } from "./script.ts";

export interface Rehearsal {
  /** `http://127.0.0.1:PORT/v1` */
  baseUrl: string;
  model: string;
  close(): Promise<void>;
}

export interface RehearseParts {
  clock: Pick<Clock, "sleep">;
  hash: Hash;
  port?: number;
  /** Told of each request in a line for people. */
  tell?(line: string): void;
}

const largest = 32 * 1024 * 1024;
const rememberedRequests = 10_000;

export async function rehearse(scenario: Scenario, parts: RehearseParts): Promise<Rehearsal> {
  const model = scenario.model ?? "rehearsal";
  const attempts = new Map<string, number>();
  const server = process.getBuiltinModule("node:http").createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      parts.tell?.(`failed: ${message}`);
      if (response.headersSent) response.destroy();
      else refuse(response, 500, `The scenario cannot be played: ${message}.`);
    });
  });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? "").split("?")[0] ?? "";
    if (request.method === "GET" && path.endsWith("/models")) {
      const { context } = scenario;
      return json(response, 200, {
        object: "list",
        data: [{ id: model, object: "model", owned_by: "tutti", ...(context && { max_model_len: context }) }],
      });
    }
    if (request.method !== "POST" || !path.endsWith("/chat/completions"))
      return refuse(response, 404, `There is only POST /v1/chat/completions and GET /v1/models here, not ${path}.`);
    const text = await bodyOf(request);
    const body = readBody(text);
    if (body === null) return refuse(response, 400, "The body is not JSON.");
    const key = parts.hash(JSON.stringify(body.messages ?? []));
    const attempt = (attempts.get(key) ?? 0) + 1;
    if (attempts.size >= rememberedRequests) attempts.clear();
    attempts.set(key, attempt);
    const facts = factsOf(body, attempt);
    const spoken = answerOf(scenario, facts);
    const asked = `turn ${facts.turn}, step ${facts.step}, attempt ${attempt}`;
    if (spoken === null) {
      parts.tell?.(`${asked}: no step fits`);
      return refuse(
        response,
        400,
        `No step of the scenario fits ${asked}, after the prompt ${JSON.stringify(facts.user.slice(0, 200))}.`,
      );
    }
    parts.tell?.(`${asked}: steps[${spoken.step}]${spoken.fault === null ? "" : `, fault ${spoken.fault.type}`}`);
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    if (spoken.delay > 0) await parts.clock.sleep(spoken.delay, gone.signal);
    if (gone.signal.aborted) return;
    await say(response, body, spoken, text.length, gone.signal);
  }

  async function say(
    response: ServerResponse,
    body: WireBody,
    spoken: Spoken,
    asked: number,
    gone: AbortSignal,
  ): Promise<void> {
    const { fault } = spoken;
    if (fault?.type === "status") {
      const error = {
        error: { message: fault.message ?? `status ${fault.status}`, type: "scripted", code: fault.status },
      };
      return json(response, fault.status, fault.body ?? error, fault.headers);
    }
    if (fault?.type === "html") {
      response.writeHead(200, { "content-type": "text/html" });
      response.end("<!doctype html><title>Sign in</title><p>Please sign in to the network.</p>");
      return;
    }
    const whole = fault?.type === "empty" ? { ...spoken, think: "", say: "", calls: [], finish: "stop" } : spoken;
    const name = body.model ?? model;
    if (body.stream !== true) return json(response, 200, completion(name, whole, asked));
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    let sent = 0;
    const pause = spoken.pace > 0 ? 1_000 / spoken.pace : 0;
    for (const { delta, characters } of deltas(whole)) {
      if (gone.aborted) return;
      const limit = fault !== null && "after" in fault ? (fault.after ?? 0) : null;
      if (limit !== null && fault !== null && sent + characters > limit) return broken(response, fault);
      response.write(event(chunk(name, delta, null)));
      sent += characters;
      if (pause > 0 && characters > 0) await parts.clock.sleep((pause * characters) / 4, gone);
    }
    if (fault !== null && "after" in fault) return broken(response, fault);
    if (fault?.type !== "no-finish") {
      response.write(event(chunk(name, {}, whole.finish)));
      response.write(event({ ...chunk(name, {}, null), choices: [], usage: usageOf(whole, asked) }));
      response.write(event("[DONE]"));
    }
    response.end();
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(parts.port ?? 0, "127.0.0.1", resolve);
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

function broken(response: ServerResponse, fault: Fault): void {
  // What was written first arrives; then the connection ends in the middle of the answer.
  if (fault.type === "cut") response.write(": cut\n\n", () => response.socket?.end());
  else if (fault.type === "malformed") response.end('data: {"choices":[{"delta":{"content":"x"\n\n');
}

/** A call in three pieces, texts a few characters at a time. */
function* deltas({
  think,
  say,
  calls,
  fault,
}: Spoken): Generator<{ delta: Record<string, unknown>; characters: number }> {
  yield { delta: { role: "assistant", content: "" }, characters: 0 };
  for (const piece of pieces(think)) yield { delta: { reasoning_content: piece }, characters: piece.length };
  for (const piece of pieces(say)) yield { delta: { content: piece }, characters: piece.length };
  for (const [index, call] of calls.entries()) {
    const whole =
      fault?.type === "bad-arguments" ? call.arguments.slice(0, Math.ceil(call.arguments.length / 2)) : call.arguments;
    yield {
      delta: { tool_calls: [{ index, id: call.id, type: "function", function: { name: call.name, arguments: "" } }] },
      characters: 0,
    };
    for (const piece of pieces(whole))
      yield { delta: { tool_calls: [{ index, function: { arguments: piece } }] }, characters: piece.length };
  }
}

const pieces = (text: string): string[] => text.match(/\S{1,12}\s*|\s+/g) ?? [];

const chunk = (model: string, delta: Record<string, unknown>, finish: string | null) => ({
  id: "rehearsal",
  object: "chat.completion.chunk",
  created: 0,
  model,
  choices: [{ index: 0, delta, finish_reason: finish }] as unknown[],
});

const event = (value: unknown): string => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`;

function usageOf({ usage, think, say, calls }: Spoken, asked: number) {
  const thought = Math.ceil(think.length / 4);
  const said = Math.ceil((say.length + calls.reduce((sum, call) => sum + call.arguments.length, 0)) / 4);
  const { input = Math.ceil(asked / 4), output = thought + said, cached = 0, reasoning = thought } = usage ?? {};
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: cached },
    completion_tokens_details: { reasoning_tokens: reasoning },
  };
}

function completion(model: string, spoken: Spoken, asked: number) {
  const { think, say, calls, finish } = spoken;
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
  return { id: "rehearsal", object: "chat.completion", created: 0, model, choices, usage: usageOf(spoken, asked) };
}

function json(response: ServerResponse, status: number, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}

const refuse = (response: ServerResponse, status: number, message: string): void =>
  json(response, status, { error: { message, type: "rehearsal" } });

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    size += (part as Buffer).length;
    if (size > largest) throw new Error("the request is larger than 32 MiB");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

function readBody(text: string): WireBody | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as WireBody) : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
