/**
 * The body of a good response as a stream that the AI SDK reads: events or a whole JSON answer, told apart by what is there;
 * silence is timed, comments and empty chunks do not count as life, and everything that goes wrong is a Trouble.
 */
import { finished, type Readable } from "node:stream";
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

/** Text that comes this soon after what was handed on waits for more, so that a fast model wakes its reader a few times, not once a token. */
const GROUP_MS = 40;
/** The same for what goes on for longer; its connection is left alone after each group, and read again just before the next one is due. */
const LONG_GROUP_MS = 80;
const REST_MS = LONG_GROUP_MS - 2;
/** From then on an answer is a long one, of which nobody sees that it is looked at a few times a second only. */
const LONG_MS = 400;
/** With as many bytes since the last look, a connection is read without a rest. */
const MUCH = 16 * 1024;
/** Bytes that are read ahead of a reader; then the connection waits. */
const AHEAD_MOST = 256 * 1024;

export function openBody(
  response: WireResponse,
  answer: Answer,
  limits: WireLimits,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  const { body } = response;
  const host = new URL(response.url).host;
  const mediaType = response.headers["content-type"] ?? "";
  const events = openEventReader(limits.lineBytes);
  const encoder = new TextEncoder();
  const whole: Buffer[] = [];
  let wholeSize = 0;
  let mode: "unknown" | "events" | "json" = "unknown";
  /** Nothing more is read, for this reason; `null` where the answer is whole. */
  let over: { error: unknown } | null = null;
  let ahead = 0;
  let handedOnAt = Number.NEGATIVE_INFINITY;
  let startedAt: number | null = null;
  let sinceRest = 0;
  let wake: (() => void) | null = null;
  let due: NodeJS.Timeout | null = null;
  /** The reader has to take what was read ahead, before more is. */
  let full = false;

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

  /** True where the bytes said something. */
  function feed(bytes: Buffer): boolean {
    if (mode === "unknown") sniff(bytes);
    if (mode === "json") {
      wholeSize += bytes.length;
      if (wholeSize > limits.wholeBytes)
        throw asError(
          trouble("protocol", "never", `${host} sent an answer that is too large to be one; choose another model.`),
        );
      whole.push(bytes);
      return true;
    }
    let alive = false;
    for (const data of eventsOf(() => events.push(bytes))) alive = answer.read(data) || alive;
    return alive;
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

  const complete = () =>
    answer.state.done || answer.state.capped || answer.state.error !== null || answer.state.malformed;

  const silence = openSilence(limits.firstDataMs, (ms) =>
    body.destroy(
      asError(
        trouble(
          "timeout",
          "timeout",
          `${host} sent nothing for ${Math.round(ms / 100) / 10} s; try again, or choose another model.`,
        ),
      ),
    ),
  );

  function end(error: unknown = null): void {
    if (over) return;
    over = { error };
    body.off("data", take);
    signal.removeEventListener("abort", stop);
    silence.end();
    if (error === null) answer.end();
    else response.close();
    handOn();
  }

  function take(bytes: Buffer): void {
    try {
      if (feed(bytes)) silence.heard(limits.dataMs);
    } catch (error) {
      end(error);
      return;
    }
    if (complete()) {
      end();
      return;
    }
    if (answer.state.finish !== null) silence.atMost(limits.tailMs);
    ahead += bytes.length;
    sinceRest += bytes.length;
    if (ahead > AHEAD_MOST) {
      full = true;
      body.pause();
      silence.hold();
    }
    handOn();
  }

  /** A silent stream is waited for by nobody who was told to stop. */
  const stop = (): void => void body.destroy(signal.reason as Error);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  finished(body, { writable: false }, (error) => {
    if (over) return;
    // After the finish reason only the usage is missing.
    if (error && (signal.aborted || answer.state.finish === null)) return end(error);
    try {
      last();
      end();
    } catch (bad) {
      end(bad);
    }
  });
  body.on("data", take);

  /** Wakes the reader, if one waits and there is something for it: at once, or when the group is full. */
  function handOn(): void {
    if (!wake) return;
    const pending = over || ahead > AHEAD_MOST ? "more" : answer.pending();
    if (pending === "nothing") return;
    const wait = pending === "more" ? 0 : handedOnAt + (isLong() ? LONG_GROUP_MS : GROUP_MS) - performance.now();
    if (wait > 0) {
      due ??= setTimeout(give, wait);
      return;
    }
    give();
  }

  const isLong = (): boolean => startedAt !== null && handedOnAt - startedAt > LONG_MS;

  function give(): void {
    if (due) clearTimeout(due);
    due = null;
    handedOnAt = performance.now();
    startedAt ??= handedOnAt;
    if (!over && sinceRest < MUCH && isLong()) response.rest(REST_MS);
    sinceRest = 0;
    wake?.();
    wake = null;
  }

  /**
   * After `[DONE]` the connection is kept for the next request, which may come at once: the few bytes that end the answer are
   * waited for a moment. A server that leaves the answer open is closed a little later.
   */
  async function release(): Promise<void> {
    if (!answer.state.done) return response.close();
    const ended = new Promise<void>((resolve) => void finished(body, { writable: false }, () => resolve()));
    const timer = setTimeout(() => response.close(), 1_000);
    timer.unref();
    void ended.then(() => clearTimeout(timer));
    body.resume();
    const moment = Promise.withResolvers<void>();
    await within(Promise.race([ended, moment.promise]), 20, moment.resolve);
  }

  async function pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    for (let text = ""; text === ""; ) {
      await new Promise<void>((resolve) => {
        wake = resolve;
        handOn();
      });
      const error = signal.aborted ? signal.reason : over?.error;
      if (error) {
        const known = signal.aborted || troubleIn(error) !== null;
        return controller.error(known ? error : asError(connectionTrouble(error, host)));
      }
      text = answer.take();
      if (text !== "") controller.enqueue(encoder.encode(text));
      ahead = 0;
      if (over) {
        if (!body.closed) await release();
        return controller.close();
      }
      if (full) {
        full = false;
        body.resume();
        silence.goOn();
      }
    }
  }

  return new ReadableStream<Uint8Array>(
    { pull, cancel: () => end(new Error("nobody reads on")) },
    { highWaterMark: 0 },
  );
}

/** Counts the time in which nothing is said; `late` is told how long it was waited. */
function openSilence(first: number, late: (ms: number) => void) {
  let most = first;
  let left = first;
  let since = performance.now();
  let timer: NodeJS.Timeout | null = null;
  const arm = (ms: number): void => {
    if (timer) clearTimeout(timer);
    left = ms;
    since = performance.now();
    timer = setTimeout(() => late(most), Math.max(1, ms));
  };
  const remaining = (): number => left - (performance.now() - since);
  arm(first);
  return {
    /** Something was said: from now on this long. */
    heard(ms: number): void {
      if (timer && ms === most) {
        left = ms;
        since = performance.now();
        timer.refresh();
        return;
      }
      most = ms;
      arm(ms);
    },
    atMost(ms: number): void {
      if (ms >= most) return;
      const now = Math.min(remaining(), ms);
      most = ms;
      arm(now);
    },
    /** The reader is slow, which is not the fault of who speaks. */
    hold(): void {
      left = remaining();
      if (timer) clearTimeout(timer);
      timer = null;
    },
    goOn: () => arm(left),
    end(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
