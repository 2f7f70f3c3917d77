/**
 * Fetches a page from the public internet. The name is looked up once, every address is judged, and the connection goes to the very
 * address that was judged; each redirect is judged anew.
 */
import type { LookupAddress } from "node:dns";
import type { IncomingMessage } from "node:http";
import type { Transform } from "node:stream";
import type { FetchPage } from "../ports.ts";
import { type IsPublic, loadIsPublic, refuseName } from "./addresses.ts";

const mostBytes = 5 * 1024 * 1024;
const mostRedirects = 5;
const timeoutMs = 30_000;

export interface FetchOptions {
  resolve?: (host: string) => Promise<LookupAddress[]>;
  isPublic?: IsPublic;
  timeoutMs?: number;
}

export function openFetchPage(options: FetchOptions = {}): FetchPage {
  const resolve = options.resolve ?? lookUp;
  return async (url, signal) => {
    const isPublic = options.isPublic ?? (await loadIsPublic());
    const timeout = AbortSignal.timeout(options.timeoutMs ?? timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    let next = readAddress(url);
    try {
      for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
        const pinned = await pin(next, resolve, isPublic, either);
        const answer = await request(next, pinned, either);
        const target = redirectOf(answer, next);
        if (target === null) return { url: next.href, ...(await readAnswer(answer, either)) };
        answer.destroy();
        next = target;
      }
    } catch (error) {
      if (timeout.aborted)
        throw new Error(`${next.host} did not answer within ${(options.timeoutMs ?? timeoutMs) / 1000} seconds.`);
      if (signal.aborted) throw new Error(`Fetching ${next.host} was cancelled.`);
      throw inWords(next, error);
    }
    throw new Error(`${url} leads through more than ${mostRedirects} redirects.`);
  };
}

function readAddress(text: string, base?: URL): URL {
  const url = URL.parse(text, base?.href);
  if (url === null) throw new Error(`"${text}" is not an address.`);
  if (url.protocol !== "https:" && url.protocol !== "http:")
    throw new Error(`${url.protocol} addresses are not fetched; only https: and http: are.`);
  if (url.username !== "" || url.password !== "")
    throw new Error("An address with a user name or password in it is not fetched.");
  return url;
}

async function lookUp(host: string): Promise<LookupAddress[]> {
  const { lookup } = await import("node:dns/promises");
  return lookup(host, { all: true });
}

/** The address to dial. One that is not public spoils them all: names that mix them are made to deceive. */
async function pin(
  url: URL,
  resolve: (host: string) => Promise<LookupAddress[]>,
  isPublic: IsPublic,
  signal: AbortSignal,
): Promise<LookupAddress> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const { isIP } = process.getBuiltinModule("node:net");
  const family = isIP(host);
  const wrong = family === 0 ? refuseName(host) : null;
  if (wrong !== null) throw new Error(`${wrong}; only public pages are fetched.`);
  const found = family === 0 ? await untilAborted(resolve(host), signal) : [{ address: host, family }];
  const inside = found.find(({ address }) => !isPublic(address));
  if (inside !== undefined)
    throw new Error(`${host} is not on the public internet (${inside.address}); only public pages are fetched.`);
  const first = found.find((one) => one.family === 4) ?? found[0];
  if (first === undefined) throw new Error(`There is no host named ${host}.`);
  return first;
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
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

function request(url: URL, pinned: LookupAddress, signal: AbortSignal): Promise<IncomingMessage> {
  const { get } =
    url.protocol === "https:" ? process.getBuiltinModule("node:https") : process.getBuiltinModule("node:http");
  return new Promise((resolve, reject) => {
    const sent = get(
      url,
      {
        agent: false,
        signal,
        lookup: (_host, options, found) =>
          options.all ? found(null, [pinned]) : found(null, pinned.address, pinned.family),
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

function redirectOf(answer: IncomingMessage, from: URL): URL | null {
  const { statusCode = 0, headers } = answer;
  return [301, 302, 303, 307, 308].includes(statusCode) && headers.location !== undefined
    ? readAddress(headers.location, from)
    : null;
}

async function readAnswer(
  answer: IncomingMessage,
  signal: AbortSignal,
): Promise<{ status: number; mediaType: string; body: Uint8Array; truncated: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const body = await unpacked(answer, signal);
  for await (const piece of body) {
    const bytes = (piece as Uint8Array).subarray(0, mostBytes - size);
    pieces.push(bytes);
    size += bytes.length;
    if (size >= mostBytes) break;
  }
  answer.destroy();
  return {
    status: answer.statusCode ?? 0,
    mediaType: answer.headers["content-type"] ?? "",
    body: Buffer.concat(pieces),
    truncated: size >= mostBytes,
  };
}

async function unpacked(answer: IncomingMessage, signal: AbortSignal): Promise<AsyncIterable<unknown>> {
  const coding = answer.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (coding === "identity" || coding === "") return answer;
  const zlib = await import("node:zlib");
  const unpackers: Record<string, () => Transform> = {
    gzip: zlib.createGunzip,
    "x-gzip": zlib.createGunzip,
    deflate: zlib.createInflate,
    br: zlib.createBrotliDecompress,
  };
  const unpacker = unpackers[coding];
  if (unpacker === undefined) throw new Error(`The answer is packed as "${coding}", which is not known.`);
  signal.throwIfAborted();
  const body = unpacker();
  answer.on("error", (error) => body.destroy(error));
  return answer.pipe(body);
}

const reasons: Record<string, string> = {
  ENOTFOUND: "was not found",
  EAI_AGAIN: "could not be looked up; is there a network?",
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "closed the connection",
  CERT_HAS_EXPIRED: "has a certificate that has expired",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a certificate that nobody vouches for",
  ERR_TLS_CERT_ALTNAME_INVALID: "has a certificate for another name",
};

function inWords(url: URL, error: unknown): Error {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  return new Error(`${url.host} ${reasons[code] ?? `could not be fetched (${code})`}.`, { cause: error });
}
