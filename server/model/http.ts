/**
 * HTTP to an endpoint over Node's own client (fetch would load undici): keep-alive, proxies from the environment, redirects that drop
 * the key, certificate checks, and plain http with a key only to private addresses.
 */
import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { classifyConnectionError } from "./connection-error.ts";
import { maskKeys } from "./mask-keys.ts";
import { isLoopbackHost, isPrivateAddress, isPrivateHost } from "./private-address.ts";
import { findRequestError, type RequestError, toError } from "./request-error.ts";

export interface HttpRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** The header (lower case) that carries a secret, and the secret. */
  secret: { header: string; value: string } | null;
  signal: AbortSignal;
  headersMs: number;
}

export interface HttpResponse {
  url: string;
  status: number;
  headers: Record<string, string>;
  body: Readable;
  /**
   * Stops reading from the connection for this long, so that many small chunks are read at once. The system buffers them, and slows
   * down a sender that fills the buffer.
   */
  pauseFor(ms: number): void;
  /** Closes the connection at once. */
  close(): void;
}

export interface Transport {
  /** Rejects with an Error that carries a RequestError, or with the signal's reason. */
  send(request: HttpRequest): Promise<HttpResponse>;
  close(): void;
}

export interface TransportOptions {
  env: Record<string, string | undefined>;
  connectMs?: number;
  /** Certificate authorities to trust in addition to the system's, in PEM. */
  ca?: string;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const safeHeaders = new Set(["accept", "accept-encoding", "content-type", "content-length", "user-agent"]);

function createError(
  kind: RequestError["failure"]["kind"],
  message: string,
  retry: RequestError["retry"] = "never",
): Error {
  return toError({ failure: { kind, message }, retry });
}

/** Headers for a redirect. A redirect to another origin drops everything that could be a secret. */
export function filterRedirectHeaders(from: URL, to: URL, headers: Record<string, string>): Record<string, string> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => safeHeaders.has(name.toLowerCase())));
}

const proxyNames = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

export function openTransport(options: TransportOptions): Transport {
  const connectMs = options.connectMs ?? 9_000;
  const proxyEnv = Object.fromEntries(
    proxyNames.flatMap((name) => (options.env[name] ? [[name, options.env[name]]] : [])),
  );
  const hasHttpProxy = proxyEnv.http_proxy !== undefined || proxyEnv.HTTP_PROXY !== undefined;
  const agents = new Map<string, HttpAgent | HttpsAgent>();

  function agentFor(url: URL): HttpAgent | HttpsAgent {
    const direct = isLoopbackHost(url.hostname);
    const name = `${url.protocol}${direct}`;
    const known = agents.get(name);
    if (known !== undefined) return known;
    const settings = { keepAlive: true, highWaterMark: 1, ...(direct ? {} : { proxyEnv }) };
    const agent =
      url.protocol === "https:"
        ? new (process.getBuiltinModule("node:https").Agent)({ ...settings, ...(options.ca ? { ca: options.ca } : {}) })
        : new (process.getBuiltinModule("node:http").Agent)(settings);
    agents.set(name, agent);
    return agent;
  }

  function sendOnce(
    url: URL,
    headers: Record<string, string>,
    request: HttpRequest,
    isRetry: boolean,
  ): Promise<IncomingMessage> {
    const lookup = guardPlainHttp(url, headers, request.secret, hasHttpProxy);
    const client = process.getBuiltinModule(url.protocol === "https:" ? "node:https" : "node:http");
    return new Promise((resolve, reject) => {
      const timers: NodeJS.Timeout[] = [];
      const failAfter = (ms: number, kind: "network" | "timeout", message: string) => {
        timers.push(setTimeout(() => sent.destroy(createError(kind, message, kind)), ms));
      };
      const finish = (settle: () => void) => {
        for (const timer of timers) clearTimeout(timer);
        request.signal.removeEventListener("abort", abort);
        settle();
      };
      const abort = () => sent.destroy(request.signal.reason as Error);
      const sent: ClientRequest = client.request(url, {
        method: "POST",
        headers,
        agent: agentFor(url),
        ...(lookup ? { lookup } : {}),
      });
      request.signal.addEventListener("abort", abort, { once: true });
      failAfter(
        request.headersMs,
        "timeout",
        `${url.host} did not start a response within ${formatSeconds(request.headersMs)}; try again, or choose another model.`,
      );
      sent.on("socket", (socket) => {
        if (!socket.connecting) return;
        const connectTimer = setTimeout(
          () =>
            sent.destroy(
              createError(
                "network",
                `${url.host} did not accept the connection within ${formatSeconds(connectMs)}; check the network, VPN or proxy.`,
                "network",
              ),
            ),
          connectMs,
        );
        timers.push(connectTimer);
        socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(connectTimer));
      });
      sent.on("response", (response) => finish(() => resolve(response)));
      sent.on("error", (error) => {
        const stale = sent.reusedSocket && (error as { code?: string }).code === "ECONNRESET" && !isRetry;
        finish(() => (stale ? resolve(sendOnce(url, headers, request, true)) : reject(error)));
      });
      sent.end(request.body);
    });
  }

  async function send(request: HttpRequest): Promise<HttpResponse> {
    let url = address(request.url);
    let headers = { ...request.headers, "content-length": String(Buffer.byteLength(request.body)) };
    for (let hop = 0; hop <= 5; hop += 1) {
      request.signal.throwIfAborted();
      const response = await sendOnce(url, headers, request, false).catch((error: unknown) => {
        request.signal.throwIfAborted();
        throw toRequestError(error, url);
      });
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (!redirects.has(status) || location === undefined) return createResponse(url, status, response);
      response.destroy();
      const next = address(new URL(location, url).href);
      if (url.protocol === "https:" && next.protocol === "http:") {
        throw createError(
          "tls",
          `${url.host} redirects to plain http at ${next.host}, which is not allowed; check the base URL.`,
        );
      }
      headers = filterRedirectHeaders(url, next, headers) as typeof headers;
      url = next;
    }
    throw createError("protocol", `${url.host} redirects too often; check the base URL.`);
  }

  return { send, close: () => [...agents.values()].forEach((agent) => void agent.destroy()) };
}

/**
 * Allows a key over plain http only to private addresses. Throws for a public host; for a name, returns a lookup that rejects public
 * addresses.
 */
function guardPlainHttp(
  url: URL,
  headers: Record<string, string>,
  secret: HttpRequest["secret"],
  hasHttpProxy: boolean,
): LookupFunction | undefined {
  if (url.protocol === "https:" || secret === null) return undefined;
  if (!Object.values(headers).some((value) => value.includes(secret.value))) return undefined;
  const createRefusal = () =>
    createError("tls", `The key is not sent to ${url.host} over plain http; use https or a private address.`);
  const isPrivate = isPrivateHost(url.hostname);
  if (isPrivate === "yes") return undefined;
  if (isPrivate === "no" || hasHttpProxy) throw createRefusal();
  return (name, lookup, done) => {
    process.getBuiltinModule("node:dns").lookup(name, { ...lookup, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      if (!found.every(({ address }) => isPrivateAddress(address))) return done(createRefusal(), []);
      const first = found[0];
      if (lookup.all === true || first === undefined) return done(null, found);
      return done(null, first.address, first.family);
    });
  };
}

const formatSeconds = (ms: number) => (ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`);

function address(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw createError(
      "request",
      `The base URL ${maskKeys(text.split("?", 1)[0] ?? "", [])} is not an http or https address; fix it in the configuration.`,
    );
  }
  return url;
}

function toRequestError(error: unknown, url: URL): Error {
  if (error instanceof Error && findRequestError(error) !== null) return error;
  return toError(classifyConnectionError(error, isProxied(error, url) ? `The proxy for ${url.host}` : url.host));
}

/** True if the failed connection was to a proxy. */
function isProxied(error: unknown, url: URL): boolean {
  const { port } = error as { port?: unknown };
  return port !== undefined && String(port) !== (url.port || (url.protocol === "https:" ? "443" : "80"));
}

function createResponse(url: URL, status: number, response: IncomingMessage): HttpResponse {
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(", ") : (value ?? ""),
    ]),
  );
  return {
    url: url.href,
    status,
    headers,
    body: decodeBody(response, headers["content-encoding"]),
    pauseFor: (ms) => pauseSocket(response, ms),
    close: () => response.destroy(),
  };
}

function pauseSocket(response: IncomingMessage, ms: number): void {
  const { socket } = response;
  // A response that consumes data resumes its socket in this turn of the event loop, so a pause lasts only after that.
  setImmediate(() => {
    // The response may have ended, and the connection may belong to another request.
    if (response.complete || response.destroyed) return;
    socket.pause();
    setTimeout(() => socket.resume(), ms);
  });
}

/** Requests ask for no compression, but some gateways compress anyway. */
function decodeBody(response: IncomingMessage, encoding: string | undefined): Readable {
  if (encoding === undefined || !/^(gzip|deflate|br)$/.test(encoding)) return response;
  const zlib = process.getBuiltinModule("node:zlib");
  const stream =
    encoding === "br"
      ? zlib.createBrotliDecompress()
      : encoding === "gzip"
        ? zlib.createGunzip()
        : zlib.createInflate();
  response.on("error", (error) => stream.destroy(error));
  response.on("close", () => !response.complete && stream.destroy(new Error("closed")));
  return response.pipe(stream);
}
