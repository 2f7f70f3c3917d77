/**
 * Limits unsolicited messages of a plugin: 20 notifications per second are accepted, the rest is dropped, mostly without parsing.
 * List changes are always accepted. A plugin that writes more is paused.
 */
import type { Clock } from "../ports.ts";

export interface Throttle {
  /** False for a line to drop without parsing. */
  acceptsLine(line: string): boolean;
  /** False for a notification to drop. */
  acceptsNotification(method: string): boolean;
  end(): void;
}

const WINDOW_MS = 1000;
const MAX_NOTIFICATIONS = 20;
/** Maximum lines and dropped characters per second; then the plugin is paused until the next one. A large response is a single line. */
const MAX_LINES = 2_000;
const MAX_DROPPED = 256 * 1024;

const NOTIFICATION = /^\s*\{(?:"jsonrpc":\s*"2\.0",\s*)?"method":\s*"([^"]*)"/;
const isListChange = (method: string): boolean => method.endsWith("list_changed");

export function createThrottle(clock: Clock, setPaused: (paused: boolean) => void): Throttle {
  let windowStart = Number.NEGATIVE_INFINITY;
  let lines = 0;
  let accepted = 0;
  let dropped = 0;
  let isWaiting = false;
  const ended = new AbortController();

  async function wait(): Promise<void> {
    if (isWaiting) return;
    isWaiting = true;
    setPaused(true);
    await clock.sleep(Math.max(0, windowStart + WINDOW_MS - clock.monotonic()), ended.signal);
    isWaiting = false;
    if (!ended.signal.aborted) setPaused(false);
  }

  const startWindow = (): void => {
    const now = clock.monotonic();
    if (now - windowStart < WINDOW_MS) return;
    windowStart = now;
    lines = 0;
    accepted = 0;
    dropped = 0;
  };

  return {
    acceptsLine(line) {
      startWindow();
      lines += 1;
      if (lines > MAX_LINES) void wait();
      if (accepted < MAX_NOTIFICATIONS) return true;
      const method = NOTIFICATION.exec(line)?.[1];
      if (method === undefined || isListChange(method) || /"id"\s*:/.test(line)) return true;
      dropped += line.length;
      if (dropped > MAX_DROPPED) void wait();
      return false;
    },
    acceptsNotification(method) {
      if (isListChange(method)) return true;
      startWindow();
      accepted += 1;
      return accepted <= MAX_NOTIFICATIONS;
    },
    end: () => ended.abort(),
  };
}
