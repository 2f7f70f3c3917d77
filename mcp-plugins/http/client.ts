/**
 * A client for the HTTP API of one vendor: limits time and size, validates responses, explains failures and what to do about them, and
 * masks secrets in everything it returns.
 */
import type { z } from "zod";
import { truncate } from "./text.ts";
import { describeWait } from "./wait.ts";

const TIMEOUT_MS = 30_000;
const MAX_REDIRECTS = 3;
const MAX_BYTES = 20 * 1024 * 1024;
/** Characters of a vendor's error message. */
const MAX_ERROR = 1_000;

export interface Vendor {
  /** Display name. */
  name: string;
  /** Without a trailing slash. */
  base: string;
  /** The headers of each request; throws if a setting is missing, with what to do. */
  headers(): Record<string, string>;
  /** Masked in responses and errors. */
  secrets: (string | undefined)[];
  /** Explains a failed response and what to do; null if it succeeded. Status 429 is handled before. */
  explain(response: ApiResponse, request: ApiRequest): string | null;
  timeoutMs?: number;
}

export interface ApiRequest {
  /** Default: GET. */
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Relative to the base, with a leading slash. */
  path: string;
  query?: Record<string, string | number | boolean | undefined>;
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string>;
  signal: AbortSignal;
}

export interface ApiResponse {
  status: number;
  headers: Headers;
  text: string;
  /** Undefined if the text is not JSON. */
  json: unknown;
}

export interface Client {
  /** Rejects with a message for users, without secrets. */
  send(request: ApiRequest): Promise<ApiResponse>;
  /** Sends a request and validates the JSON of its response. */
  get<S extends z.ZodType>(shape: S, request: ApiRequest): Promise<z.output<S>>;
  /** Validates the JSON of a response. */
  read<S extends z.ZodType>(shape: S, response: ApiResponse): z.output<S>;
}

export function openClient(vendor: Vendor): Client {
  const mask = createMask(vendor.secrets);
  const read: Client["read"] = (shape, { json }) => {
    const found = shape.safeParse(json);
    if (found.success) return found.data;
    const [issue] = found.error.issues;
    const where = issue && issue.path.length > 0 ? ` (${issue.path.join(".")}: ${issue.message})` : "";
    throw new Error(`${vendor.name} sent an unexpected response${where}. Check the URL ${vendor.base}.`);
  };
  const send: Client["send"] = async (request) => {
    const response = await sendRequest(vendor, request, mask);
    const wait = response.status === 429 ? describeWait(response.headers) : null;
    const problem = response.status === 429 ? describeRateLimit(vendor.name, wait) : vendor.explain(response, request);
    if (problem !== null) throw new Error(mask(problem));
    return response;
  };
  return { send, read, get: async (shape, request) => read(shape, await send(request)) };
}

/** Explains that a rate limit was reached. */
export function describeRateLimit(name: string, wait: string | null): string {
  return `${name} has reached its rate limit. Try again ${wait ?? "in a minute"}; until then, do something else.`;
}

/** Shortens text from a response to one line for a message. */
export const shortenMessage = (text: string): string => truncate(text.replace(/\s+/g, " ").trim(), MAX_ERROR);

/** Replaces each secret in a text. */
function createMask(secrets: (string | undefined)[]): (text: string) => string {
  const known = secrets.filter((secret) => secret !== undefined && secret.length >= 8) as string[];
  return (text) => known.reduce((masked, secret) => masked.replaceAll(secret, "[secret]"), text);
}

async function sendRequest(vendor: Vendor, request: ApiRequest, mask: (text: string) => string): Promise<ApiResponse> {
  const timeoutMs = vendor.timeoutMs ?? TIMEOUT_MS;
  const timeout = AbortSignal.timeout(timeoutMs);
  const { method = "GET", body } = request;
  const headers = {
    accept: "application/json",
    "user-agent": "tutti-plugin",
    ...(body !== undefined && { "content-type": "application/json" }),
    ...vendor.headers(),
    ...request.headers,
  };
  // Built after the headers, which report a missing setting first.
  let url = buildUrl(vendor, request);
  const options: RequestInit = {
    method,
    headers,
    redirect: "manual",
    signal: AbortSignal.any([request.signal, timeout]),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
  try {
    for (let hops = 0; ; hops += 1) {
      const response = await fetch(url, options);
      const next = redirectTarget(response, url);
      if (next === null) {
        const text = mask(await readText(response, vendor.name));
        return { status: response.status, headers: response.headers, text, json: parseJson(text) };
      }
      const keepsMethod = method === "GET" || response.status === 307 || response.status === 308;
      // A key is only sent to the configured address.
      if (hops === MAX_REDIRECTS || !keepsMethod || next.origin !== url.origin)
        throw new Error(`${vendor.name} redirects to ${next.origin}${next.pathname}. Check the URL ${vendor.base}.`);
      await response.body?.cancel();
      url = next;
    }
  } catch (error) {
    if (request.signal.aborted) throw new Error(`The request to ${vendor.name} was cancelled.`);
    if (timeout.aborted)
      throw new Error(`${vendor.name} did not respond within ${timeoutMs / 1000} s. Try again later.`);
    throw toNetworkError(vendor, url, error);
  }
}

function redirectTarget({ status, headers }: Response, from: URL): URL | null {
  const location = headers.get("location");
  return location !== null && [301, 302, 303, 307, 308].includes(status) ? URL.parse(location, from.href) : null;
}

function buildUrl({ name, base, secrets }: Vendor, { path, query = {} }: ApiRequest): URL {
  const url = URL.parse(base + path);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new Error(`Invalid URL for ${name}: ${base}`);
  if (url.protocol === "http:" && secrets.some((secret) => secret !== undefined) && !isThisMachine(url))
    throw new Error(`The URL of ${name} must use https: ${base} would send the key unencrypted.`);
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value));
  return url;
}

const isThisMachine = ({ hostname }: URL): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);

async function readText(response: Response, name: string): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response.body ?? []) {
    size += piece.byteLength;
    if (size > MAX_BYTES) throw new Error(`${name} sent more than ${MAX_BYTES / 1024 / 1024} MB. Request less.`);
    pieces.push(piece);
  }
  return new TextDecoder().decode(Buffer.concat(pieces));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const reasons: Record<string, string> = {
  ENOTFOUND: "was not found; check the network connection",
  EAI_AGAIN: "could not be resolved; check the network connection",
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "closed the connection",
  UND_ERR_SOCKET: "closed the connection",
  CERT_HAS_EXPIRED: "has an expired certificate",
};

/** The message of `fetch` is only "fetch failed"; the reason is in its cause. */
function toNetworkError({ name }: Vendor, url: URL, error: unknown): Error {
  const { cause, message } = error as Error & { cause?: Error & { code?: string } };
  if (cause === undefined) return new Error(message);
  const reason = reasons[cause.code ?? ""] ?? `could not be reached (${cause.code ?? cause.message})`;
  return new Error(`${name}: ${url.host} ${reason}.`);
}
