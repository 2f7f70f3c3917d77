/**
 * How much a plugin may say that nobody asked for: 20 notifications a second are heard, the rest is left out, mostly without being read.
 * That a list has changed is always heard; whoever hears it looks once for many. A plugin that writes more than that waits in its pipe.
 */
import type { Clock } from "../ports.ts";

export interface Throttle {
  /** False for a line that is to be left out unread. */
  lets(line: string): boolean;
  /** False for a notification that is to be left out. */
  hears(method: string): boolean;
  end(): void;
}

const A_SECOND = 1000;
const NOTIFICATIONS = 20;
/** Lines and characters of a second; then the plugin waits for the next one. Answers to large questions are one line. */
const LINES = 2_000;
const LEFT_OUT = 256 * 1024;

const notification = /^\s*\{(?:"jsonrpc":\s*"2\.0",\s*)?"method":\s*"([^"]*)"/;
const always = (method: string): boolean => method.endsWith("list_changed");

export function openThrottle(clock: Clock, hold: (held: boolean) => void): Throttle {
  let since = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let heard = 0;
  let leftOut = 0;
  let waits = false;
  const over = new AbortController();

  async function wait(): Promise<void> {
    if (waits) return;
    waits = true;
    hold(true);
    await clock.sleep(Math.max(0, since + A_SECOND - clock.monotonic()), over.signal);
    waits = false;
    if (!over.signal.aborted) hold(false);
  }

  return {
    lets(line) {
      const now = clock.monotonic();
      if (now - since >= A_SECOND) {
        since = now;
        lines = 0;
        heard = 0;
        leftOut = 0;
      }
      lines += 1;
      if (lines > LINES) void wait();
      if (heard < NOTIFICATIONS) return true;
      const method = notification.exec(line)?.[1];
      if (method === undefined || always(method) || /"id"\s*:/.test(line)) return true;
      leftOut += line.length;
      if (leftOut > LEFT_OUT) void wait();
      return false;
    },
    hears(method) {
      if (always(method)) return true;
      heard += 1;
      return heard <= NOTIFICATIONS;
    },
    end: () => over.abort(),
  };
}
