/**
 * The lifecycle of one plugin: started on demand, restarted with growing delays if it ends, and disabled after three restarts.
 * Callers always get an error within their timeout.
 */
import { describeError } from "../../protocol/errors.ts";
import type { Clock } from "../ports.ts";
import type { PluginConnection } from "./plugin-connection.ts";

export interface RunningPlugin {
  /** The connection; starts the plugin if necessary. Rejects with a readable message if it cannot. */
  connect(): Promise<PluginConnection>;
  state(): RunningState;
  /** Reports that the plugin has ended. */
  reportEnd(reason: string): void;
  close(): Promise<void>;
}

export type RunningState =
  | { state: "idle" }
  | { state: "starting" }
  | { state: "ready" }
  | { state: "failed"; reason: string }
  | { state: "off"; reason: string };

const MAX_RESTARTS = 3;
/** Delay before each start, by number of failures. */
const RESTART_DELAYS_MS = [0, 200, 1_000, 3_000];
/** After running this long, earlier failures are forgotten. */
const STABLE_MS = 60_000;

export function createRunningPlugin(
  clock: Clock,
  start: () => Promise<PluginConnection>,
  onDisabled: (reason: string) => void,
): RunningPlugin {
  let starting: Promise<PluginConnection> | null = null;
  let current: PluginConnection | null = null;
  let failures = 0;
  let startedAt = 0;
  let reason: string | null = null;
  const closed = new AbortController();

  const isDisabled = (): boolean => failures > MAX_RESTARTS;
  const recordFailure = (message: string): void => {
    reason = message;
    failures += 1;
    if (isDisabled()) onDisabled(message);
  };

  async function startAfterDelay(): Promise<PluginConnection> {
    await clock.sleep(RESTART_DELAYS_MS[failures] ?? 0, closed.signal);
    if (closed.signal.aborted) throw new Error("it is closed");
    try {
      const connection = await start();
      if (closed.signal.aborted) {
        await connection.close();
        throw new Error("it is closed");
      }
      startedAt = clock.monotonic();
      current = connection;
      reason = null;
      return connection;
    } catch (error) {
      if (!closed.signal.aborted) recordFailure(describeError(error));
      throw error;
    } finally {
      starting = null;
    }
  }

  return {
    async connect() {
      if (current) return current;
      if (isDisabled()) throw new Error(`it ended ${failures} times and is off (${reason})`);
      starting ??= startAfterDelay();
      return starting;
    },
    state() {
      if (current) return { state: "ready" };
      if (isDisabled()) return { state: "off", reason: reason ?? "" };
      if (starting) return { state: "starting" };
      return reason === null ? { state: "idle" } : { state: "failed", reason };
    },
    reportEnd(message) {
      if (!current) return;
      current = null;
      if (clock.monotonic() - startedAt > STABLE_MS) failures = 0;
      if (!closed.signal.aborted) recordFailure(message);
    },
    async close() {
      closed.abort();
      const connection = current;
      current = null;
      await Promise.all([connection?.close(), starting?.catch(() => undefined)]);
    },
  };
}
