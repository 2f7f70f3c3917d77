/**
 * The body of a good response as a stream that the AI SDK reads: events or a whole JSON answer, told apart by what is there;
 * silence is timed, comments and empty chunks do not count as life, and everything that goes wrong is a Trouble.
 */
import type { Readable } from "node:stream";
import type { Answer } from "./answer.ts";
import { connectionTrouble } from "./connection.ts";
import { looksLikeHtml } from "./errors.ts";
import { openEventReader } from "./sse.ts";
import type { WireResponse } from "./transport.ts";
import { asError, type Trouble, troubleIn } from "./trouble.ts";

export interface WireLimits {
  /** Until the first data that says something. */
  firstDataMs: number;
  /** Between data that says something. */
  dataMs: number;
  /** After the finish reason, for the usage that may follow. */
  tailMs: number;
  lineBytes: number;
  wholeBytes: number;
}

const trouble = (kind: Trouble["failure"]["kind"], retry: Trouble["retry"], message: string): Trouble => ({
  failure: { kind, message },
  retry,
});

/** What the host sent instead of an answer. Not asked again: a portal or a wrong address does not change by asking. */
export function notAnAnswer(host: string, mediaType: string): Trouble {
  const type = mediaType.split(";")[0] ?? "";
  const what = /html/i.test(type) ? `a web page (${type})` : type === "" ? "something else" : type;
  return trouble(
    "protocol",
    "never",
    `${host} sent ${what} instead of an answer of a model; check the base URL (mostly it ends in /v1), and whether a login page or proxy is in between.`,
  );
}

/** The media type alone says that this cannot be an answer. */
export const isForeign = (mediaType: string) =>
  /^(text\/html|application\/xhtml|image\/|video\/|application\/pdf)/i.test(mediaType);

async function within<T>(work: Promise<T>, ms: number, late: () => void): Promise<T> {
  const timer = setTimeout(late, Math.max(1, ms));
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** All of a small body as text; what is longer is cut, what is late is left. */
export async function readAll(body: Readable, limit: number, ms: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  const read = async () => {
    for await (const part of body) {
      parts.push(part as Buffer);
      size += (part as Buffer).length;
      if (size > limit) break;
    }
  };
  await within(read(), ms, () => body.destroy()).catch(() => undefined);
  body.destroy();
  return Buffer.concat(parts).toString("utf8");
}

export function openBody(
  response: WireResponse,
  answer: Answer,
  limits: WireLimits,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const host = new URL(response.url).host;
  const mediaType = response.headers["content-type"] ?? "";
  const source = response.body.iterator({ destroyOnReturn: false });
  const events = openEventReader(limits.lineBytes);
  const encoder = new TextEncoder();
  const whole: Buffer[] = [];
  let wholeSize = 0;
  let mode: "unknown" | "events" | "json" = "unknown";
  let left = limits.firstDataMs;
  let over = false;
  /** A silent stream is waited for by nobody who was told to stop. */
  const stop = (): void => void response.body.destroy(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });

  async function next(): Promise<Buffer | null> {
    const tail = answer.state.finish !== null;
    const ms = tail ? Math.min(left, limits.tailMs) : left;
    const begun = performance.now();
    const silence = () =>
      response.body.destroy(
        asError(
          trouble(
            "timeout",
            "timeout",
            `${host} sent nothing for ${Math.round(ms / 100) / 10} s; try again, or choose another model.`,
          ),
        ),
      );
    try {
      const { done, value } = await within(source.next(), ms, silence);
      return done === true ? null : (value as Buffer);
    } catch (error) {
      if (tail && !signal.aborted) return null;
      throw error;
    } finally {
      left -= performance.now() - begun;
    }
  }

  function sniff(bytes: Buffer): void {
    const start = bytes
      .subarray(0, 256)
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart();
    if (start === "") return;
    if (looksLikeHtml(start) || start.startsWith("<"))
      throw asError(notAnAnswer(host, mediaType === "" ? "text/html" : mediaType));
    if (start.startsWith("{") || start.startsWith("[")) mode = "json";
    else if (/^(data|event|id|retry|:)/.test(start) || /event-stream/.test(mediaType)) mode = "events";
    else throw asError(notAnAnswer(host, mediaType));
  }

  function feed(bytes: Buffer): void {
    if (mode === "unknown") sniff(bytes);
    if (mode === "json") {
      wholeSize += bytes.length;
      if (wholeSize > limits.wholeBytes)
        throw asError(
          trouble("protocol", "never", `${host} sent an answer that is too large to be one; choose another model.`),
        );
      whole.push(bytes);
      left = limits.dataMs;
      return;
    }
    let alive = false;
    for (const data of eventsOf(() => events.push(bytes))) alive = answer.read(data) || alive;
    if (alive) left = limits.dataMs;
  }

  function eventsOf(read: () => string[]): string[] {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw asError(
        trouble(
          "protocol",
          "never",
          `${host} sent a line of more than ${Math.round(limits.lineBytes / 1048576)} MiB; choose another model or endpoint.`,
        ),
      );
    }
  }

  function last(): void {
    if (mode === "json") {
      const text = Buffer.concat(whole).toString("utf8").trim();
      answer.read(text.replace(/^\uFEFF/, ""));
      if (answer.state.malformed) for (const line of text.split("\n")) answer.read(line);
    } else for (const data of eventsOf(() => events.end())) answer.read(data);
  }

  const finished = () =>
    answer.state.done || answer.state.capped || answer.state.error !== null || answer.state.malformed;

  /**
   * After `[DONE]` the connection is kept for the next request, which may come at once: the few bytes that end the answer are
   * waited for a moment. A server that leaves the answer open is closed a little later.
   */
  async function release(): Promise<void> {
    if (!answer.state.done) return response.close();
    await source.return?.();
    const ended = new Promise<void>((resolve) => {
      response.body.once("close", resolve);
      response.body.once("error", () => resolve());
    });
    const timer = setTimeout(() => response.close(), 1_000);
    timer.unref();
    void ended.then(() => clearTimeout(timer));
    response.body.resume();
    const moment = Promise.withResolvers<void>();
    await within(Promise.race([ended, moment.promise]), 20, moment.resolve);
  }

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        const bytes = await next();
        signal.throwIfAborted();
        if (bytes === null) last();
        else feed(bytes);
        over = bytes === null || finished();
        if (over) {
          signal.removeEventListener("abort", stop);
          answer.end();
        }
        const text = answer.take();
        if (text !== "") controller.enqueue(encoder.encode(text));
        if (!over) {
          if (text !== "") return;
          continue;
        }
        if (bytes !== null) await release();
        controller.close();
        return;
      }
    } catch (error) {
      signal.removeEventListener("abort", stop);
      response.close();
      const known = troubleIn(error);
      controller.error(signal.aborted || known !== null ? error : asError(connectionTrouble(error, host)));
    }
  }

  return new ReadableStream<Uint8Array>({ pull, cancel: () => response.close() }, { highWaterMark: 0 });
}
