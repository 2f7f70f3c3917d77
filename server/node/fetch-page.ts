/**
 * Fetches a page from the public internet. Resolves the name once, checks every address, and connects to the checked address; each
 * redirect is checked again.
 */
import type { LookupAddress } from "node:dns";
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import type { FetchPage } from "../ports.ts";
import { checkHostName, type IsPublic, loadIsPublic } from "./public-address.ts";

const maxBytes = 5 * 1024 * 1024;
const maxRedirects = 5;
const timeoutMs = 30_000;

export interface FetchOptions {
  resolve?: (host: string) => Promise<LookupAddress[]>;
  isPublic?: IsPublic;
  timeoutMs?: number;
}

export function openFetchPage(options: FetchOptions = {}): FetchPage {
  const resolve = options.resolve ?? lookupHost;
  return async (url, signal) => {
    const isPublic = options.isPublic ?? (await loadIsPublic());
    const timeout = AbortSignal.timeout(options.timeoutMs ?? timeoutMs);
    const anySignal = AbortSignal.any([signal, timeout]);
    let next = parseUrl(url);
    try {
      for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
        const address = await resolvePublic(next, resolve, isPublic, anySignal);
        const response = await sendRequest(next, address, anySignal);
        const target = findRedirect(response, next);
        if (target === null) return { url: next.href, ...(await readResponse(response, anySignal)) };
        response.destroy();
        next = target;
      }
    } catch (error) {
      if (timeout.aborted)
        throw new Error(`${next.host} did not respond within ${(options.timeoutMs ?? timeoutMs) / 1000} seconds.`);
      if (signal.aborted) throw new Error(`Fetching ${next.host} was cancelled.`);
      throw describeFetchError(next, error);
    }
    throw new Error(`${url} redirects more than ${maxRedirects} times.`);
  };
}

function parseUrl(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new Error(`"${text}" is not a valid URL.`);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new Error(`Cannot fetch ${url.protocol} URLs; use https: or http:.`);
  if (url.username !== "" || url.password !== "") throw new Error("Cannot fetch a URL with a user name or password.");
  return url;
}

async function lookupHost(host: string): Promise<LookupAddress[]> {
  const { lookup } = await import("node:dns/promises");
  return lookup(host, { all: true });
}

/** The address to connect to. Rejects if any address is not public: names that mix both kinds are deceptive. */
async function resolvePublic(
  url: URL,
  resolve: (host: string) => Promise<LookupAddress[]>,
  isPublic: IsPublic,
  signal: AbortSignal,
): Promise<LookupAddress> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const { isIP } = process.getBuiltinModule("node:net");
  const family = isIP(host);
  const problem = family === 0 ? checkHostName(host) : null;
  if (problem !== null) throw new Error(`${problem}; only public pages are fetched.`);
  const addresses = family === 0 ? await orAbort(resolve(host), signal) : [{ address: host, family }];
  const privateAddress = addresses.find(({ address }) => !isPublic(address));
  if (privateAddress !== undefined)
    throw new Error(
      `${host} is not on the public internet (${privateAddress.address}); only public pages are fetched.`,
    );
  const first = addresses.find((one) => one.family === 4) ?? addresses[0];
  if (first === undefined) throw new Error(`Cannot resolve ${host}.`);
  return first;
}

async function orAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function sendRequest(url: URL, pinned: LookupAddress, signal: AbortSignal): Promise<IncomingMessage> {
  const { get } =
    url.protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    const sent = get(
      url,
      {
        agent: false,
        signal,
        lookup: (_host, options, done) =>
          options.all ? done(null, [pinned]) : done(null, pinned.address, pinned.family),
        headers: {
          accept: "text/markdown, text/html;q=0.9, text/plain;q=0.8, */*;q=0.5",
          "accept-encoding": "gzip, deflate, br, identity",
          "accept-language": "en, *;q=0.5",
          "user-agent": "Mozilla/5.0 (compatible; Tutti)",
        },
      },
      resolve,
    );
    sent.on("error", reject);
  });
}

function findRedirect(response: IncomingMessage, from: URL): URL | null {
  const { statusCode = 0, headers } = response;
  return [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined
    ? parseUrl(headers.location, from)
    : null;
}

async function readResponse(
  response: IncomingMessage,
  signal: AbortSignal,
): Promise<{ status: number; mediaType: string; body: Uint8Array; truncated: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const body = await decompress(response, signal);
  for await (const piece of body) {
    const bytes = (piece as Uint8Array).subarray(0, maxBytes - size);
    pieces.push(bytes);
    size += bytes.length;
    if (size >= maxBytes) break;
  }
  response.destroy();
  return {
    status: response.statusCode ?? 0,
    mediaType: response.headers["content-type"] ?? "",
    body: Buffer.concat(pieces),
    truncated: size >= maxBytes,
  };
}

async function decompress(response: IncomingMessage, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return response;
  const zlib = await import("node:zlib");
  const decoders: Record<string, () => Transform> = {
    gzip: zlib.createGunzip,
    "x-gzip": zlib.createGunzip,
    deflate: zlib.createInflate,
    br: zlib.createBrotliDecompress,
  };
  const createDecoder = decoders[encoding];
  if (createDecoder === undefined) throw new Error(`The response uses the unsupported encoding "${encoding}".`);
  signal.throwIfAborted();
  const body = createDecoder();
  response.on("error", (error) => body.destroy(error));
  return response.pipe(body);
}

const reasons: Record<string, string> = {
  ENOTFOUND: "was not found",
  EAI_AGAIN: "could not be resolved; check the network",
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "closed the connection",
  CERT_HAS_EXPIRED: "has an expired certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a self-signed certificate",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a certificate for another host",
};

function describeFetchError(url: URL, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new Error(`${url.host} ${reasons[code] ?? `could not be fetched (${code})`}.`, { cause: error });
}
