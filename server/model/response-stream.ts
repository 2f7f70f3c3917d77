/**
 * Reads the body of a successful response. Detects events or one JSON response from the content. A timer watches for idle connections;
 * comments and empty chunks do not reset it. Every failure is a RequestError.
 */
import { finished, type Readable } from "node:stream";
import { monotonic } from "../../protocol/monotonic.ts";
import { classifyConnectionError } from "./connection-error.ts";
import { looksLikeHtml } from "./error-body.ts";
import type { HttpResponse } from "./http.ts";
import { findRequestError, type RequestError, toError } from "./request-error.ts";
import type { ResponseNormalizer, ResponsePart } from "./response-normalizer.ts";
import { openEventReader } from "./sse.ts";

export interface StreamLimits {
  /** Until the first chunk with content. */
  firstDataMs: number;
  /** Between chunks with content. */
  dataMs: number;
  /** After the finish reason, to wait for the usage. */
  tailMs: number;
  lineBytes: number;
  wholeBytes: number;
}

const createError = (
  kind: RequestError["failure"]["kind"],
  retry: RequestError["retry"],
  message: string,
): RequestError => ({
  failure: { kind, message },
  retry,
});

/** The error for a response that is not a model's. Not retried: a login page or a wrong address stays the same. */
export function createForeignResponseError(host: string, mediaType: string): RequestError {
  const type = mediaType.split(";")[0] ?? "";
  const content = /html/i.test(type) ? `a web page (${type})` : type === "" ? "an unknown content type" : type;
  return createError(
    "protocol",
    "never",
    `${host} sent ${content} instead of a model response; check the base URL (it usually ends in /v1), and for a login page or proxy.`,
  );
}

/** True if the media type alone rules out a model response. */
export const isForeignMediaType = (mediaType: string) =>
  /^(text\/html|application\/xhtml|image\/|video\/|application\/pdf)/i.test(mediaType);

async function withTimeout<T>(work: Promise<T>, ms: number, onIdle: () => void): Promise<T> {
  const timer = setTimeout(onIdle, Math.max(1, ms));
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}

/** Reads a small body as text, up to `limit` bytes and for at most `ms`. */
export async function readText(body: Readable, limit: number, ms: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  const read = async () => {
    for await (const part of body) {
      parts.push(part as Buffer);
      size += (part as Buffer).length;
      if (size > limit) break;
    }
  };
  await withTimeout(read(), ms, () => body.destroy()).catch(() => undefined);
  body.destroy();
  return Buffer.concat(parts).toString("utf8");
}

/** Text that arrives this soon after the last delivery waits for more, so that a fast model does not wake its reader for each token. */
const BATCH_MS = 40;
/** The same for long responses. Their connection is paused after each batch, and read again just before the next one is due. */
const LONG_BATCH_MS = 80;
const PAUSE_MS = LONG_BATCH_MS - 2;
/** After this time a response counts as long: updates a few times a second are enough. */
const LONG_RESPONSE_MS = 400;
/** A connection with this many bytes since the last pause is not paused. */
const BUSY_BYTES = 16 * 1024;
/** Bytes that are buffered for a slow reader before the connection is paused. */
const MAX_BUFFERED_BYTES = 256 * 1024;

/** Yields the output in batches. Throws a RequestError, or the signal's reason. Closes the connection if the caller stops early. */
export async function* readResponse(
  response: HttpResponse,
  normalizer: ResponseNormalizer,
  limits: StreamLimits,
  signal: AbortSignal,
): AsyncGenerator<ResponsePart[]> {
  const { body } = response;
  const host = new URL(response.url).host;
  const parser = createBodyParser(host, response.headers["content-type"] ?? "", normalizer, limits);
  /** Reading has ended; `error` is null if the response is complete. */
  let ended = null as { error: unknown } | null;
  let bufferedBytes = 0;
  /** The connection is paused until the reader has taken the buffered data. */
  let paused = false;

  const delivery = createDelivery(
    () => (ended || bufferedBytes > MAX_BUFFERED_BYTES ? "more" : normalizer.pending()),
    () => {
      if (!ended) response.pauseFor(PAUSE_MS);
    },
  );

  const isComplete = () =>
    normalizer.state.done || normalizer.state.capped || normalizer.state.error !== null || normalizer.state.malformed;

  const idleTimer = createIdleTimer(limits.firstDataMs, (ms) =>
    body.destroy(
      toError(
        createError(
          "timeout",
          "timeout",
          `${host} sent nothing for ${Math.round(ms / 100) / 10} s; try again, or choose another model.`,
        ),
      ),
    ),
  );

  function end(error: unknown = null): void {
    if (ended) return;
    ended = { error };
    body.off("data", readBytes);
    signal.removeEventListener("abort", abort);
    idleTimer.end();
    if (error === null) normalizer.end();
    else response.close();
    delivery.schedule();
  }

  function readBytes(bytes: Buffer): void {
    try {
      if (parser.push(bytes)) idleTimer.reset(limits.dataMs);
    } catch (error) {
      end(error);
      return;
    }
    if (isComplete()) {
      end();
      return;
    }
    if (normalizer.state.finish !== null) idleTimer.limit(limits.tailMs);
    bufferedBytes += bytes.length;
    if (bufferedBytes > MAX_BUFFERED_BYTES) {
      paused = true;
      body.pause();
      idleTimer.pause();
    }
    delivery.add(bytes.length);
  }

  /** Ends the wait for a stream that sends nothing. */
  const abort = (): void => void body.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  finished(body, { writable: false }, (error) => {
    if (ended) return;
    // After the finish reason only the usage can be missing.
    if (error && (signal.aborted || normalizer.state.finish === null)) return end(error);
    try {
      parser.end();
      end();
    } catch (endError) {
      end(endError);
    }
  });
  body.on("data", readBytes);

  try {
    for (;;) {
      await delivery.wait();
      signal.throwIfAborted();
      const ending = ended;
      const parts = normalizer.take();
      bufferedBytes = 0;
      if (parts.length > 0) yield parts;
      const error = ending?.error;
      if (error) throw findRequestError(error) ? error : toError(classifyConnectionError(error, host));
      if (ending) break;
      if (paused) {
        paused = false;
        body.resume();
        idleTimer.resume();
      }
    }
    if (!body.closed) await (normalizer.state.done ? releaseConnection(response) : response.close());
  } finally {
    end(new Error("The response is no longer needed."));
  }
}

/** Detects events or one JSON response, and passes the data to the normalizer. `push` returns true if the bytes have content. */
function createBodyParser(host: string, mediaType: string, normalizer: ResponseNormalizer, limits: StreamLimits) {
  const events = openEventReader(limits.lineBytes);
  const whole: Buffer[] = [];
  let wholeSize = 0;
  let mode: "unknown" | "events" | "json" = "unknown";

  function sniff(bytes: Buffer): void {
    const start = bytes
      .subarray(0, 256)
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart();
    if (start === "") return;
    if (looksLikeHtml(start) || start.startsWith("<"))
      throw toError(createForeignResponseError(host, mediaType === "" ? "text/html" : mediaType));
    if (start.startsWith("{") || start.startsWith("[")) mode = "json";
    else if (/^(data|event|id|retry|:)/.test(start) || /event-stream/.test(mediaType)) mode = "events";
    else throw toError(createForeignResponseError(host, mediaType));
  }

  function push(bytes: Buffer): boolean {
    if (mode === "unknown") sniff(bytes);
    if (mode === "json") {
      wholeSize += bytes.length;
      if (wholeSize > limits.wholeBytes)
        throw toError(
          createError(
            "protocol",
            "never",
            `${host} sent a response of more than ${Math.round(limits.wholeBytes / 1048576)} MiB; choose another model.`,
          ),
        );
      whole.push(bytes);
      return true;
    }
    let alive = false;
    for (const data of checkLineLimit(() => events.push(bytes))) alive = normalizer.read(data) || alive;
    return alive;
  }

  function checkLineLimit(read: () => string[]): string[] {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw toError(
        createError(
          "protocol",
          "never",
          `${host} sent a line of more than ${Math.round(limits.lineBytes / 1048576)} MiB; choose another model or endpoint.`,
        ),
      );
    }
  }

  function end(): void {
    if (mode === "json") {
      const text = Buffer.concat(whole).toString("utf8").trim();
      normalizer.read(text.replace(/^\uFEFF/, ""));
      if (normalizer.state.malformed) for (const line of text.split("\n")) normalizer.read(line);
    } else for (const data of checkLineLimit(() => events.end())) normalizer.read(data);
  }

  return { push, end };
}

/**
 * Wakes a waiting reader when there is output for it: at once, or at the end of a batch. Calls `pause` after a batch of a long response
 * that is not busy.
 */
function createDelivery(getPending: () => "nothing" | "text" | "more", pause: () => void) {
  let deliveredAt = Number.NEGATIVE_INFINITY;
  let firstDeliveredAt: number | null = null;
  let bytesSincePause = 0;
  let wakeReader: (() => void) | null = null;
  let timer: NodeJS.Timeout | null = null;

  const isLong = (): boolean => firstDeliveredAt !== null && deliveredAt - firstDeliveredAt > LONG_RESPONSE_MS;

  function schedule(): void {
    if (!wakeReader) return;
    const pending = getPending();
    if (pending === "nothing") return;
    const wait = pending === "more" ? 0 : deliveredAt + (isLong() ? LONG_BATCH_MS : BATCH_MS) - monotonic();
    if (wait > 0) timer ??= setTimeout(deliver, wait);
    else deliver();
  }

  function deliver(): void {
    if (timer) clearTimeout(timer);
    timer = null;
    deliveredAt = monotonic();
    firstDeliveredAt ??= deliveredAt;
    if (bytesSincePause < BUSY_BYTES && isLong()) pause();
    bytesSincePause = 0;
    wakeReader?.();
    wakeReader = null;
  }

  return {
    schedule,
    add(bytes: number): void {
      bytesSincePause += bytes;
      schedule();
    },
    /** Resolves when there is output to take. */
    wait: (): Promise<void> =>
      new Promise((resolve) => {
        wakeReader = resolve;
        schedule();
      }),
  };
}

/**
 * After `[DONE]` the connection is reused for the next request, which may come at once, so this waits briefly for the last bytes of
 * the response. If the server leaves the response open, the connection is closed a little later.
 */
async function releaseConnection({ body, close }: HttpResponse): Promise<void> {
  const ended = new Promise<void>((resolve) => void finished(body, { writable: false }, () => resolve()));
  const timer = setTimeout(() => close(), 1_000);
  timer.unref();
  void ended.then(() => clearTimeout(timer));
  body.resume();
  const moment = Promise.withResolvers<void>();
  await withTimeout(Promise.race([ended, moment.promise]), 20, moment.resolve);
}

/** Calls `onIdle` with the waited time if no content arrives in time. */
function createIdleTimer(first: number, onIdle: (ms: number) => void) {
  let timeoutMs = first;
  let remainingMs = first;
  let startedAt = monotonic();
  let timer: NodeJS.Timeout | null = null;
  const arm = (ms: number): void => {
    if (timer) clearTimeout(timer);
    remainingMs = ms;
    startedAt = monotonic();
    timer = setTimeout(() => onIdle(timeoutMs), Math.max(1, ms));
  };
  const remaining = (): number => remainingMs - (monotonic() - startedAt);
  arm(first);
  return {
    /** Content arrived: the next timeout is `ms`. */
    reset(ms: number): void {
      if (timer && ms === timeoutMs) {
        remainingMs = ms;
        startedAt = monotonic();
        timer.refresh();
        return;
      }
      timeoutMs = ms;
      arm(ms);
    },
    limit(ms: number): void {
      if (ms >= timeoutMs) return;
      const now = Math.min(remaining(), ms);
      timeoutMs = ms;
      arm(now);
    },
    /** Stops the timer while the reader is slow. */
    pause(): void {
      remainingMs = remaining();
      if (timer) clearTimeout(timer);
      timer = null;
    },
    resume: () => arm(remainingMs),
    end(): void {
      if (timer) clearTimeout(timer);
    },
  };
}
