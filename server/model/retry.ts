/** Decides whether and when a request is retried. Pure: the model client waits and retries. */
import type { RequestError, RetryClass } from "./request-error.ts";

/** Retries after the first attempt, for each class of error. */
const maxRetries: Record<RetryClass, number> = {
  never: 0,
  rate: 4,
  server: 4,
  network: 2,
  timeout: 2,
  empty: 2,
  once: 1,
};

const maxWait = 60_000;
const maxTotalWait = 300_000;

export type RetryCounts = Partial<Record<RetryClass, number>>;

export type RetryDecision = { retry: true; wait: number } | { retry: false; retryAt?: number };

export interface RetryInput {
  error: RequestError;
  /** Retries of this request so far, by class. */
  retries: RetryCounts;
  /** Milliseconds since the first attempt. */
  elapsed: number;
  now: number;
  /** 0 to 1. */
  random: number;
}

export function decideRetry({ error, retries, elapsed, now, random }: RetryInput): RetryDecision {
  const requestedWait = error.retryAfterMs;
  const retryAt = requestedWait === undefined ? {} : { retryAt: now + requestedWait };
  if (error.retry === "never") return { retry: false, ...retryAt };
  const count = retries[error.retry] ?? 0;
  const total = Object.values(retries).reduce((sum, count) => sum + count, 0);
  if (count >= maxRetries[error.retry] || total >= 6) return { retry: false, ...retryAt };
  if (requestedWait !== undefined && requestedWait > maxWait) return { retry: false, ...retryAt };
  const backoff = Math.min(500 * 2 ** count, 30_000);
  const wait = requestedWait === undefined ? backoff * (0.8 + random * 0.4) : requestedWait + random * 250;
  if (elapsed + wait > maxTotalWait) return { retry: false, ...retryAt };
  return { retry: true, wait: Math.round(wait) };
}

const unit: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds from `1m30s`, `7.66s`, `120` (seconds), a date, or seconds or milliseconds since 1970; null if it is none of these. */
export function parseDuration(text: string, now: number): number | null {
  const value = text.trim();
  if (/^\d+(\.\d+)?$/.test(value)) {
    const number = Number(value);
    if (number > 1e12) return Math.max(0, number - now);
    return number > 1e9 ? Math.max(0, number * 1000 - now) : number * 1000;
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(value)) {
    let sum = 0;
    for (const part of value.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
      sum += Number(part[1]) * (unit[part[2] ?? ""] ?? 0);
    return sum;
  }
  const date = Date.parse(value);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** The time after which the endpoint accepts a retry, in milliseconds from now. */
export function readRetryAfter(headers: Record<string, string>, now: number): number | undefined {
  const exact = headers["retry-after-ms"];
  if (exact !== undefined && /^\d+(\.\d+)?$/.test(exact)) return Number(exact);
  const after = headers["retry-after"];
  if (after !== undefined) return parseDuration(after, now) ?? undefined;
  const waits = ["requests", "tokens"].flatMap((kind) => {
    const reset = headers[`x-ratelimit-reset-${kind}`];
    return headers[`x-ratelimit-remaining-${kind}`] === "0" && reset !== undefined
      ? [parseDuration(reset, now) ?? 0]
      : [];
  });
  return waits.length > 0 ? Math.max(...waits) : undefined;
}
