/** One completion: asked for as the model is asked best, read as it comes, and left alone as soon as it has a sensible end. */
import type { Usage } from "../../protocol/events.ts";
import type { Model, ModelRequest } from "../ports.ts";
import { keyOf, requestHeaders } from "./attempt.ts";
import { estimateTokens, usageOf } from "./dialect/usage.ts";
import { refusalTrouble } from "./errors.ts";
import { type Around, inWords, MOST_TOKENS, near, type RawRequest, rawRequest } from "./fim.ts";
import { insertionOf } from "./insertion.ts";
import { openEventReader } from "./sse.ts";
import type { Target } from "./target.ts";
import type { Transport } from "./transport.ts";
import { troubleIn } from "./trouble.ts";
import { readAll } from "./wire.ts";

export interface CompleteParts {
  target: Target;
  transport: Transport;
  /** The same model, for where it is asked in words. */
  model(): Model;
  /** Told of what was used, also where it came to nothing. */
  used(usage: Usage): void;
  now(): number;
}

/** Something that comes later than this is about another text. */
const LATE_MS = 10_000;
const MOST_REFUSAL = 64 * 1024;
const MOST_LINE = 1024 * 1024;
/** Of these an endpoint says that it knows no such request. */
const unknown: ReadonlySet<number> = new Set([400, 404, 405, 422, 501]);
/** Places that take no raw requests, learnt once. */
const speaksOnly = new Set<string>();

/** `name`: of the file, for models that are asked in words. Rejects with a sentence, or with the signal's reason. */
export async function complete(
  parts: CompleteParts,
  around: Around,
  name: string,
  given: AbortSignal,
): Promise<string> {
  const { target } = parts;
  const late = AbortSignal.timeout(LATE_MS);
  const signal = AbortSignal.any([given, late]);
  const text = near(around);
  const place = `${target.baseUrl} ${target.requestId}`;
  const raw = speaksOnly.has(place) ? null : rawRequest(target, text);
  try {
    const said = raw && (await askRaw(parts, raw, text, signal));
    if (raw && said === null) speaksOnly.add(place);
    return said ?? (await askInWords(parts, text, name, signal));
  } catch (error) {
    if (given.aborted) throw given.reason;
    if (late.aborted) throw new Error(`${target.provider} did not answer within ${LATE_MS / 1000} s.`);
    const trouble = troubleIn(error);
    throw trouble ? new Error(trouble.failure.message) : error;
  }
}

/** Null where the endpoint takes no such request. */
async function askRaw(
  parts: CompleteParts,
  raw: RawRequest,
  text: Around,
  signal: AbortSignal,
): Promise<string | null> {
  const { target, transport } = parts;
  const key = await keyOf(target, signal);
  const body = JSON.stringify(raw.body);
  const asked = { url: raw.url, body, signal, headersMs: LATE_MS, ...requestHeaders(target, key) };
  const response = await transport.send(asked);
  const { status, headers } = response;
  if (status < 200 || status > 299) {
    const refusal = await readAll(response.body, MOST_REFUSAL, LATE_MS);
    if (unknown.has(status)) return null;
    const context = {
      target,
      host: new URL(raw.url).host,
      key,
      now: parts.now(),
      estimate: estimateTokens(body.length),
    };
    throw new Error(refusalTrouble({ status, headers, body: refusal }, context).failure.message);
  }
  let said = "";
  let usage: Record<string, unknown> | null = null;
  const reader = openEventReader(MOST_LINE);
  const take = (data: string): void => {
    const event = data === "[DONE]" ? null : (JSON.parse(data) as Answered);
    const [choice] = event?.choices ?? [];
    said += choice?.text ?? choice?.delta?.content ?? "";
    usage = event?.usage ?? usage;
  };
  signal.addEventListener("abort", response.close, { once: true });
  try {
    for await (const bytes of response.body) {
      for (const data of reader.push(bytes as Uint8Array)) take(data);
      if (insertionOf(said, text, false).ended) break;
    }
    for (const data of reader.end()) take(data);
  } finally {
    signal.removeEventListener("abort", response.close);
    response.close();
    const estimate = { input: estimateTokens(body.length), output: estimateTokens(said.length), reasoning: 0 };
    parts.used(usageOf(usage, estimate, target));
  }
  signal.throwIfAborted();
  return insertionOf(said, text, false).text;
}

interface Answered {
  choices?: { text?: string; delta?: { content?: string } }[];
  usage?: Record<string, unknown> | null;
}

async function askInWords(parts: CompleteParts, around: Around, name: string, signal: AbortSignal): Promise<string> {
  const { system, text } = inWords(around, name);
  const request: ModelRequest = {
    system,
    messages: [{ role: "user", content: [{ type: "text", text }] }],
    tools: [],
    effort: "none",
    maxOutput: MOST_TOKENS,
  };
  let said = "";
  for await (const event of parts.model().stream(request, signal)) {
    if (event.type === "text") said += event.text;
    if (event.type === "usage") parts.used(event.usage);
    if (event.type === "stop" && event.reason === "failed") throw new Error(event.failure.message);
  }
  signal.throwIfAborted();
  return insertionOf(said, around, true).text;
}
