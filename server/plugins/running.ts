/**
 * One plugin while it is used: started when it is needed, started again with growing pauses where it ends, and off after three times.
 * Whatever it does, who waits for it is told within the time that they gave.
 */
import type { Clock } from "../ports.ts";
import type { PluginLink } from "./link.ts";

export interface Running {
  /** The connection; started where there is none. Rejects with a sentence where it cannot be had. */
  link(): Promise<PluginLink>;
  /** The connection, where there is one now. */
  now(): PluginLink | null;
  state(): RunningState;
  /** It has ended, for this reason. */
  ended(why: string): void;
  close(): Promise<void>;
}

export type RunningState =
  | { state: "idle" }
  | { state: "starting" }
  | { state: "ready" }
  | { state: "failed"; why: string }
  | { state: "off"; why: string };

const RESTARTS = 3;
const PAUSES = [0, 500, 2_000, 5_000];
/** A plugin that lived this long starts with a clean record. */
const PROVEN_MS = 60_000;

export function createRunning(clock: Clock, start: () => Promise<PluginLink>, off: (why: string) => void): Running {
  let opening: Promise<PluginLink> | null = null;
  let open: PluginLink | null = null;
  let failures = 0;
  let since = 0;
  let why: string | null = null;
  const closed = new AbortController();

  const isOff = (): boolean => failures > RESTARTS;
  const failed = (reason: string): void => {
    why = reason;
    failures += 1;
    if (isOff()) off(reason);
  };

  async function begin(): Promise<PluginLink> {
    await clock.sleep(PAUSES[failures] ?? 0, closed.signal);
    if (closed.signal.aborted) throw new Error("it is closed");
    try {
      const link = await start();
      if (closed.signal.aborted) {
        await link.close();
        throw new Error("it is closed");
      }
      since = clock.monotonic();
      open = link;
      why = null;
      return link;
    } catch (error) {
      if (!closed.signal.aborted) failed(error instanceof Error ? error.message : String(error));
      throw error;
    } finally {
      opening = null;
    }
  }

  return {
    async link() {
      if (open) return open;
      if (isOff()) throw new Error(`it ended ${failures} times and is off (${why})`);
      opening ??= begin();
      return opening;
    },
    now: () => open,
    state() {
      if (open) return { state: "ready" };
      if (isOff()) return { state: "off", why: why ?? "" };
      if (opening) return { state: "starting" };
      return why === null ? { state: "idle" } : { state: "failed", why };
    },
    ended(reason) {
      if (!open) return;
      open = null;
      if (clock.monotonic() - since > PROVEN_MS) failures = 0;
      if (!closed.signal.aborted) failed(reason);
    },
    async close() {
      closed.abort();
      const link = open;
      open = null;
      await Promise.all([link?.close(), opening?.catch(() => undefined)]);
    },
  };
}
