/** Classifies an endpoint's error response of any shape: kind of failure, retry class, and a message for the user. Pure. */
import type { ModelFailure } from "../ports.ts";
import { looksLikeHtml, parseErrorBody } from "./error-body.ts";
import { maskKeys } from "./mask-keys.ts";
import type { RequestError, RetryClass } from "./request-error.ts";
import { readRetryAfter } from "./retry.ts";
import type { Target } from "./target.ts";
import { parseJson } from "./try-parse-json.ts";

export interface ErrorResponse {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface ErrorContext {
  target: Target;
  host: string;
  key: string | undefined;
  now: number;
  /** Estimated tokens of the request. */
  estimate: number;
}

interface ErrorFacts {
  status: number;
  /** The endpoint's message and its code or type, in lower case. */
  text: string;
  code: string;
  empty: boolean;
  full: boolean;
}

const overflowText = [
  /prompt (is )?too long|input (is )?too long/,
  /exceed(s|ed|ing)? .{0,40}(context|token limit|maximum (number of tokens|context))/,
  /input token count.{0,80}exceeds/,
  /maximum prompt length is \d/,
  /reduce the length of (the |your )?(messages|prompt|input)/,
  /maximum context length|context length is only|max_model_len/,
  /exceeds the limit of \d/,
  /(greater|longer|larger) than the (model's )?(maximum )?context/,
  /context window (exceeds|exceeded|is full)|context_length_exceeded|model_context_window_exceeded/,
  /input length.{0,80}context length/,
  /prompt has \d+ tokens.{0,60}context/,
];

const tokensPerMinute = /tokens per min|\btpm\b/;
const quotaText =
  /insufficient_quota|exceeded your current quota|insufficient (balance|credits?|funds)|billing|payment required|out of credits|credit balance/;

interface Rule {
  when(facts: ErrorFacts): boolean;
  kind: ModelFailure["kind"];
  retry: RetryClass;
  advice: string;
}

const rule = (kind: ModelFailure["kind"], retry: RetryClass, advice: string, when: Rule["when"]): Rule => ({
  kind,
  retry,
  advice,
  when,
});

/** The first match decides. */
const rules: Rule[] = [
  rule("unsupported", "never", "choose another model, or one served on chat completions", ({ text }) =>
    /v1\/responses|not (supported|available).{0,40}chat.?completions|unsupported_api_for_model|supported on this route/.test(
      text,
    ),
  ),
  rule("unsupported", "never", "start vLLM with --enable-auto-tool-choice and --tool-call-parser", ({ text }) =>
    /enable-auto-tool-choice/.test(text),
  ),
  rule("unsupported", "never", "choose a model that can call tools", ({ text }) =>
    /does not support (tools|function)|tool(s| use| calling) (is|are) not supported/.test(text),
  ),
  rule(
    "rate",
    "rate",
    "wait, shorten the conversation or choose another model",
    ({ status, text }) => (status === 413 || status === 429) && tokensPerMinute.test(text) && !quotaText.test(text),
  ),
  rule(
    "quota",
    "never",
    "add credit there or choose another provider",
    ({ status, text, code }) => status === 402 || (status !== 401 && quotaText.test(`${code} ${text}`)),
  ),
  rule(
    "overflow",
    "never",
    "shorten the conversation",
    ({ status, text, code }) =>
      status !== 429 &&
      status < 500 &&
      (/context_length|string_above_max/.test(code) || overflowText.some((pattern) => pattern.test(text))),
  ),
  rule(
    "overflow",
    "never",
    "shorten the conversation",
    ({ status, empty, full }) => status === 413 || (status === 400 && empty && full),
  ),
  rule(
    "auth",
    "never",
    "",
    ({ status, code, text }) =>
      status === 401 ||
      (status === 403 && !/region|country|territory/.test(text)) ||
      /invalid_api_key|authentication_error/.test(code) ||
      (status === 400 && /api key not valid|invalid api key/.test(text)),
  ),
  rule("rate", "rate", "wait or choose another model", ({ status }) => status === 429),
  rule(
    "server",
    "server",
    "wait for it to finish loading and try again",
    ({ status, text }) => status === 503 && /loading model/.test(text),
  ),
  rule(
    "server",
    "server",
    "try again, or choose another model",
    ({ status }) => status >= 500 || status === 498 || status === 408 || status === 409 || status === 425,
  ),
  rule("server", "server", "try again, or choose another model", ({ code, text }) =>
    /overloaded|server_error|insufficient_system_resource/.test(`${code} ${text}`),
  ),
  rule("request", "once", "try again", ({ code }) => code.includes("tool_use_failed")),
  rule(
    "request",
    "never",
    "check the model's name and the base URL (it usually ends in /v1)",
    ({ status }) => status === 404 || status === 405,
  ),
  rule("request", "never", "change the request or choose another model", () => true),
];

/** One line without markup or keys, at most `limit` characters. */
function quote(text: string, key: string | undefined, limit: number): string {
  const flat = maskKeys(text, key === undefined ? [] : [key])
    .replace(/<[^>]*>/g, " ")
    .replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, " ")
    .trim();
  return flat.length > limit ? `${flat.slice(0, limit - 1)}…` : flat;
}

function adviseOnKey(target: Target): string {
  const name = target.keyNames[0];
  const where = name === undefined ? "log in again" : `set a valid key in ${name}`;
  return target.help === undefined ? where : `${where} (${target.help})`;
}

const openings: Partial<Record<ModelFailure["kind"], (host: string, target: Target) => string>> = {
  auth: (host) => `${host} refused the key`,
  rate: (host) => `${host} limits your requests`,
  quota: (host) => `The account at ${host} has no credit left`,
  overflow: (host, target) => `The request does not fit the context of ${target.model} at ${host}`,
  unsupported: (host, target) => `${host} does not serve ${target.model} this way`,
};

export function classifyErrorResponse(refusal: ErrorResponse, context: ErrorContext): RequestError {
  const { target, host, key, now } = context;
  const html = looksLikeHtml(refusal.body);
  const error = html ? null : parseErrorBody(parseJson(refusal.body));
  const message = error?.message ?? (html ? "" : refusal.body.slice(0, 2_000));
  const status = refusal.status >= 400 ? refusal.status : (error?.status ?? refusal.status);
  const facts: ErrorFacts = {
    status,
    text: message.toLowerCase(),
    code: error?.code ?? "",
    empty: refusal.body.trim() === "",
    full: target.limits.context !== null && context.estimate > target.limits.context / 2,
  };
  const matched = rules.find(({ when }) => when(facts));
  const kind = matched?.kind ?? "request";
  const first = (openings[kind] ?? ((name: string) => `${name} failed`))(host, target);
  const statusText = status >= 400 ? ` (${status})` : "";
  const advice = kind === "auth" ? adviseOnKey(target) : (matched?.advice ?? "");
  const detail = html
    ? "it sent a web page, so a gateway or proxy intercepts the request"
    : quote(message, key, 300 - first.length - advice.length - 14);
  const detailText = detail === "" ? "" : `: ${detail.replace(/[.;:]+$/, "")}`;
  const retryAfterMs = readRetryAfter(refusal.headers, now);
  const retry = classifyRetry(matched?.retry ?? "never", facts, target);
  const contextLimit = kind === "overflow" ? findContextLimit(facts.text) : null;
  return {
    failure: {
      kind,
      ...(contextLimit !== null && { contextLimit }),
      message: quote(`${first}${statusText}${detailText}; ${advice}.`, key, 300),
    },
    retry,
    status,
    endpointText: error?.failedText ? `${message}\n${error.failedText}` : message,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

const contextLimits = [
  /maximum (?:context|prompt) length (?:of this model )?(?:is|of) (\d[\d,]*)/,
  /context length is (?:only )?(\d[\d,]*)/,
  /context length (\d[\d,]*)/,
  /(\d[\d,]*) (?:tokens? )?maximum/,
  /maximum (?:number of (?:input )?tokens|input tokens|tokens)(?: allowed)? ?\(?(?:is |of )?(\d[\d,]*)/,
  /(?:token |context )limit:? (?:of |is )?(\d[\d,]*)/,
  /(?:context (?:size|window)|n_ctx)[^\d]{0,12}(\d[\d,]*)/,
  /max_model_len[^\d]{0,12}(\d[\d,]*)/,
  /exceeds the (?:limit|maximum) of (\d[\d,]*)/,
];
/** A smaller number is no context, or one in which nothing could be done. */
const MIN_CONTEXT = 1_000;

function findContextLimit(text: string): number | null {
  for (const pattern of contextLimits) {
    const found = Number(pattern.exec(text)?.[1]?.replaceAll(",", ""));
    if (found >= MIN_CONTEXT) return found;
  }
  return null;
}

function classifyRetry(retry: RetryClass, facts: ErrorFacts, target: Target): RetryClass {
  if (facts.status === 404 && target.compat.retryNotFound === true) return "once";
  const numbers = /limit:? (\d+).{0,40}requested:? (\d+)/.exec(facts.text);
  const hopeless = numbers !== null && tokensPerMinute.test(facts.text) && Number(numbers[2]) > Number(numbers[1]);
  return hopeless ? "never" : retry;
}
