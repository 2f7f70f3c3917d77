/**
 * Schedules frames: immediately after a key, at most 30 times a second, and not at all while nothing changes. Streamed text waits a
 * little longer, to leave room for keys.
 */

export interface RenderScheduler {
  /** Something changed. With `key` the user is waiting to see it. */
  requestRender(key?: "key"): void;
  stop(): void;
}

const KEY_MS = 33;
const STREAM_MS = 80;

export function createRenderScheduler(draw: () => void): RenderScheduler {
  let last = Number.NEGATIVE_INFINITY;
  let lastKey = Number.NEGATIVE_INFINITY;
  let due = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | NodeJS.Immediate | null = null;

  const cancel = (): void => {
    clearTimeout(timer as NodeJS.Timeout);
    clearImmediate(timer as NodeJS.Immediate);
    timer = null;
  };
  const at = (when: number, key: boolean): void => {
    if (when >= due) return;
    cancel();
    due = when;
    const run = (): void => {
      timer = null;
      due = Number.POSITIVE_INFINITY;
      last = performance.now();
      if (key) lastKey = last;
      draw();
    };
    const wait = when - performance.now();
    timer = wait <= 0 ? setImmediate(run) : setTimeout(run, wait);
  };
  return {
    requestRender(key) {
      const now = performance.now();
      if (key) at(Math.max(now, lastKey + KEY_MS), true);
      else at(Math.max(now, last + STREAM_MS), false);
    },
    stop: cancel,
  };
}
