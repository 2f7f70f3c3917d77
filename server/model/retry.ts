/** Whether a request is made again, and when. Pure: the door waits and obeys. */
import type { RetryClass, Trouble } from "./trouble.ts";

/** Tries after the first, for each kind of trouble. */
const again: Record<RetryClass, number> = { never: 0, rate: 4, server: 4, network: 2, timeout: 2, empty: 2, once: 1 };

const longestWait = 60_000;
const longestRate = 300_000;

export type Tries = Partial<Record<RetryClass, number>>;

export type Decision = { again: true; wait: number } | { again: false; retryAt?: number };

export interface Weighing {
  trouble: Trouble;
  /** How often this request was repeated already, by kind. */
  tries: Tries;
  /** Milliseconds since the first try. */
  spent: number;
  now: number;
  /** 0 up to 1. */
  random: number;
}

export function decideRetry({ trouble, tries, spent, now, random }: Weighing): Decision {
  const asked = trouble.after;
  const retryAt = asked === undefined ? {} : { retryAt: now + asked };
  if (trouble.retry === "never") return { again: false, ...retryAt };
  const done = tries[trouble.retry] ?? 0;
  const total = Object.values(tries).reduce((sum, count) => sum + count, 0);
  if (done >= again[trouble.retry] || total >= 6) return { again: false, ...retryAt };
  if (asked !== undefined && asked > longestWait) return { again: false, ...retryAt };
  const backoff = Math.min(500 * 2 ** done, 30_000);
  const wait = asked === undefined ? backoff * (0.8 + random * 0.4) : asked + random * 250;
  if (spent + wait > longestRate) return { again: false, ...retryAt };
  return { again: true, wait: Math.round(wait) };
}

const unit: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `1m30s`, `7.66s`, `120` (seconds), a date, or seconds or milliseconds since 1970; null where it is none of them. */
export function durationOf(text: string, now: number): number | null {
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

/** When the endpoint wants to be asked again, in milliseconds from now. */
export function retryAfter(headers: Record<string, string>, now: number): number | undefined {
  const exact = headers["retry-after-ms"];
  if (exact !== undefined && /^\d+(\.\d+)?$/.test(exact)) return Number(exact);
  const after = headers["retry-after"];
  if (after !== undefined) return durationOf(after, now) ?? undefined;
  const waits = ["requests", "tokens"].flatMap((what) => {
    const reset = headers[`x-ratelimit-reset-${what}`];
    return headers[`x-ratelimit-remaining-${what}`] === "0" && reset !== undefined ? [durationOf(reset, now) ?? 0] : [];
  });
  return waits.length > 0 ? Math.max(...waits) : undefined;
}
