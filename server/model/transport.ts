/**
 * HTTP to an endpoint over Node's own client (fetch would load undici): kept-alive connections, the proxies of the environment,
 * redirects that leave the key behind, certificates checked, plain http with a key only to private addresses.
 */
import type { ClientRequest, Agent as HttpAgent, IncomingMessage } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import type { LookupFunction } from "node:net";
import type { Readable } from "node:stream";
import { isLoopbackHost, isPrivateAddress, isPrivateHost } from "./address.ts";
import { connectionTrouble } from "./connection.ts";
import { asError, type Trouble, troubleIn } from "./trouble.ts";

export interface WireRequest {
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Names of headers (lower case) that carry a secret, and the secret itself. */
  secret: { header: string; value: string } | null;
  signal: AbortSignal;
  headersMs: number;
}

export interface WireResponse {
  url: string;
  status: number;
  headers: Record<string, string>;
  body: Readable;
  /**
   * Reads nothing of the connection for so long, so that what comes meanwhile in many pieces is read at once. The system keeps it, and holds
   * back a sender that fills it.
   */
  rest(ms: number): void;
  /** Closes the connection at once. */
  close(): void;
}

export interface Transport {
  /** Rejects with an error that carries a Trouble, or with the signal's reason. */
  send(request: WireRequest): Promise<WireResponse>;
  close(): void;
}

export interface TransportOptions {
  env: Record<string, string | undefined>;
  connectMs?: number;
  /** Authorities to trust besides the system's, in PEM. */
  ca?: string;
}

const redirects = new Set([301, 302, 303, 307, 308]);
const kept = new Set(["accept", "accept-encoding", "content-type", "content-length", "user-agent"]);

function fail(kind: Trouble["failure"]["kind"], message: string, retry: Trouble["retry"] = "never"): Error {
  return asError({ failure: { kind, message }, retry });
}

/** Headers for a redirect: to another origin nothing goes that could be a secret. */
export function headersFor(from: URL, to: URL, headers: Record<string, string>): Record<string, string> {
  if (from.origin === to.origin) return headers;
  return Object.fromEntries(Object.entries(headers).filter(([name]) => kept.has(name.toLowerCase())));
}

const proxyNames = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"];

export function openTransport(options: TransportOptions): Transport {
  const connectMs = options.connectMs ?? 9_000;
  const proxyEnv = Object.fromEntries(
    proxyNames.flatMap((name) => (options.env[name] ? [[name, options.env[name]]] : [])),
  );
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

  function guardPlain(url: URL, headers: Record<string, string>, request: WireRequest): LookupFunction | undefined {
    const secret = request.secret;
    if (url.protocol === "https:" || secret === null) return undefined;
    if (!Object.values(headers).some((value) => value.includes(secret.value))) return undefined;
    const refused = () =>
      fail(
        "tls",
        `The key is not sent to ${url.host} over plain http; use https, or an address of this machine or network.`,
      );
    const near = isPrivateHost(url.hostname);
    if (near === "yes") return undefined;
    if (near === "no" || proxyEnv.http_proxy !== undefined || proxyEnv.HTTP_PROXY !== undefined) throw refused();
    return (name, lookup, done) => {
      process.getBuiltinModule("node:dns").lookup(name, { ...lookup, all: true }, (error, found) => {
        if (error !== null) return done(error, []);
        if (!found.every(({ address }) => isPrivateAddress(address))) return done(refused(), []);
        const first = found[0];
        if (lookup.all === true || first === undefined) return done(null, found);
        return done(null, first.address, first.family);
      });
    };
  }

  function once(
    url: URL,
    headers: Record<string, string>,
    request: WireRequest,
    again: boolean,
  ): Promise<IncomingMessage> {
    const lookup = guardPlain(url, headers, request);
    const client = process.getBuiltinModule(url.protocol === "https:" ? "node:https" : "node:http");
    return new Promise((resolve, reject) => {
      const timers: NodeJS.Timeout[] = [];
      const late = (ms: number, kind: "network" | "timeout", message: string) => {
        timers.push(setTimeout(() => sent.destroy(fail(kind, message, kind)), ms));
      };
      const end = (settle: () => void) => {
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
      late(
        request.headersMs,
        "timeout",
        `${url.host} did not start an answer within ${seconds(request.headersMs)}; try again, or choose another model.`,
      );
      sent.on("socket", (socket) => {
        if (!socket.connecting) return;
        const dial = setTimeout(
          () =>
            sent.destroy(
              fail(
                "network",
                `${url.host} did not take the connection within ${seconds(connectMs)}; check the network, VPN or proxy.`,
                "network",
              ),
            ),
          connectMs,
        );
        timers.push(dial);
        socket.once(url.protocol === "https:" ? "secureConnect" : "connect", () => clearTimeout(dial));
      });
      sent.on("response", (response) => end(() => resolve(response)));
      sent.on("error", (error) => {
        const stale = sent.reusedSocket && (error as { code?: string }).code === "ECONNRESET" && !again;
        end(() => (stale ? resolve(once(url, headers, request, true)) : reject(error)));
      });
      sent.end(request.body);
    });
  }

  async function send(request: WireRequest): Promise<WireResponse> {
    let url = address(request.url);
    let headers = { ...request.headers, "content-length": String(Buffer.byteLength(request.body)) };
    for (let hop = 0; hop <= 5; hop += 1) {
      request.signal.throwIfAborted();
      const response = await once(url, headers, request, false).catch((error: unknown) => {
        request.signal.throwIfAborted();
        throw troubled(error, url);
      });
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      if (!redirects.has(status) || location === undefined) return answer(url, status, response);
      response.destroy();
      const next = address(new URL(location, url).href);
      if (url.protocol === "https:" && next.protocol === "http:") {
        throw fail(
          "tls",
          `${url.host} redirects to plain http at ${next.host}, which is not followed; check the base URL.`,
        );
      }
      headers = headersFor(url, next, headers) as typeof headers;
      url = next;
    }
    throw fail("protocol", `${url.host} redirects in a circle; check the base URL.`);
  }

  return { send, close: () => [...agents.values()].forEach((agent) => void agent.destroy()) };
}

const seconds = (ms: number) => (ms >= 1000 ? `${Math.round(ms / 1000)} s` : `${ms} ms`);

function address(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw fail("request", "The base URL is not an http or https address; correct it in the configuration.");
  }
  return url;
}

function troubled(error: unknown, url: URL): Error {
  if (error instanceof Error && troubleIn(error) !== null) return error;
  return asError(connectionTrouble(error, proxied(error, url) ? `The proxy for ${url.host}` : url.host));
}

/** What was dialled is not what was asked for. */
function proxied(error: unknown, url: URL): boolean {
  const { port } = error as { port?: unknown };
  return port !== undefined && String(port) !== (url.port || (url.protocol === "https:" ? "443" : "80"));
}

function answer(url: URL, status: number, response: IncomingMessage): WireResponse {
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
    body: decoded(response, headers["content-encoding"]),
    rest: (ms) => rest(response, ms),
    close: () => response.destroy(),
  };
}

function rest(response: IncomingMessage, ms: number): void {
  const { socket } = response;
  // A response that takes what was read asks its socket for more, in this turn of the loop: only after it does a pause last.
  setImmediate(() => {
    // The end may have come since, and the connection be somebody else's.
    if (response.complete || response.destroyed) return;
    socket.pause();
    setTimeout(() => socket.resume(), ms);
  });
}

/** Nothing compressed is asked for; some gateways compress all the same. */
function decoded(response: IncomingMessage, encoding: string | undefined): Readable {
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
