/**
 * Fetches a page with limits of time and size. Does not use `fetch`, because each redirect and each connection is checked here.
 */
import { get as getPlain, type IncomingMessage } from "node:http";
import { get as getSecure } from "node:https";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { setting } from "../http/settings.ts";
import { createLookup, parseUrl } from "./addresses.ts";

const MAX_BYTES = 5 * 1024 * 1024;
const MAX_REDIRECTS = 5;
const TIMEOUT_S = Number(setting("WEB_TIMEOUT_SECONDS")) || 30;

export interface Page {
  /** After all redirects. */
  url: URL;
  status: number;
  /** Lower case, without parameters. */
  type: string;
  text: string;
  /** The page exceeds the limit, and `text` is its start. */
  isTruncated: boolean;
}

/** Rejects with a message for users, also if the media type is not text. */
export async function fetchPage(address: string, signal: AbortSignal): Promise<Page> {
  const timeout = AbortSignal.timeout(TIMEOUT_S * 1000);
  const either = AbortSignal.any([signal, timeout]);
  let url = parseUrl(address);
  try {
    for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
      const response = await sendRequest(url, either);
      const { statusCode: status = 0, headers } = response;
      if ([301, 302, 303, 307, 308].includes(status) && headers.location !== undefined) {
        response.destroy();
        url = parseUrl(headers.location, url);
        continue;
      }
      return { url, status, ...(await readContent(response, url)) };
    }
  } catch (error) {
    if (signal.aborted) throw new Error(`Reading ${url.host} was cancelled.`);
    if (timeout.aborted) throw new Error(`${url.host} did not respond within ${TIMEOUT_S} s.`);
    throw toError(url, error);
  }
  throw new Error(`${address} has more than ${MAX_REDIRECTS} redirects.`);
}

function sendRequest(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  const options = {
    agent: false as const,
    signal,
    lookup: createLookup(url),
    headers: {
      accept: "text/markdown, text/html;q=0.9, text/plain;q=0.8, */*;q=0.5",
      "accept-encoding": "gzip, deflate, br",
      "accept-language": "en, *;q=0.5",
      "user-agent": "Mozilla/5.0 (compatible; Tutti)",
    },
  };
  const get = url.protocol === "https:" ? getSecure : getPlain;
  return new Promise((resolve, reject) => {
    get(url, options, resolve).on("error", reject);
  });
}

async function readContent(response: IncomingMessage, url: URL): Promise<Omit<Page, "url" | "status">> {
  const { type, charset } = parseMediaType(response.headers["content-type"] ?? "");
  const isText = type === "" || type.startsWith("text/") || /[/+](json|xml|javascript|yaml|x-ndjson)$/.test(type);
  if (!isText) {
    response.destroy();
    throw new Error(`${url.href} is ${type}; only text can be read.`);
  }
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of decompress(response)) {
    const bytes = (piece as Uint8Array).subarray(0, MAX_BYTES - size);
    pieces.push(bytes);
    size += bytes.length;
    if (size >= MAX_BYTES) break;
  }
  response.destroy();
  const bytes = Buffer.concat(pieces);
  return { type, text: decode(bytes, charset ?? findCharset(bytes)), isTruncated: size >= MAX_BYTES };
}

function parseMediaType(header: string): { type: string; charset: string | undefined } {
  const [type = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const charset = parameters.find((part) => part.startsWith("charset="))?.slice(8);
  return { type, charset: charset?.replaceAll('"', "") };
}

/** Errors of the connection also end the decompressor. */
function decompress(response: IncomingMessage): AsyncIterable<unknown> {
  const coding = response.headers["content-encoding"]?.trim().toLowerCase() ?? "";
  const create = { gzip: createGunzip, "x-gzip": createGunzip, deflate: createInflate, br: createBrotliDecompress }[
    coding
  ];
  if (create === undefined) return response;
  const decompressor = create();
  response.on("error", (error) => decompressor.destroy(error));
  return response.pipe(decompressor);
}

/** The charset that an HTML page declares at its start. */
const findCharset = (bytes: Buffer): string | undefined =>
  /<meta[^>]+charset=["']?([\w-]+)/i.exec(bytes.subarray(0, 2_048).toString("latin1"))?.[1];

function decode(bytes: Uint8Array, charset = "utf-8"): string {
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return new TextDecoder().decode(bytes);
  }
}

const reasons: Record<string, string> = {
  ENOTFOUND: "was not found",
  EAI_AGAIN: "could not be resolved; check the network connection",
  ECONNREFUSED: "refused the connection",
  ECONNRESET: "closed the connection",
  CERT_HAS_EXPIRED: "has an expired certificate",
  DEPTH_ZERO_SELF_SIGNED_CERT: "has a self-signed certificate",
};

function toError(url: URL, error: unknown): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  return new Error(code === undefined ? message : `${url.host} ${reasons[code] ?? `could not be read (${code})`}.`);
}
