/** Handles items one at a time, in the order in which they were added. */
export interface SerialQueue<T> {
  add(item: T): void;
  /** Handles nothing until `resume`; may be nested. */
  pause(): void;
  resume(): void;
  /** Resolves when everything added so far has been handled, or the queue is paused. */
  flush(): Promise<void>;
}

/** `handle` may take further items from the front of `rest`. After it rejects, the items that remain wait for the next one. */
export function createSerialQueue<T>(handle: (item: T, rest: T[]) => Promise<void>): SerialQueue<T> {
  const items: T[] = [];
  let pauses = 0;
  let busy = false;
  let drained: Promise<void> = Promise.resolve();

  const drain = async (): Promise<void> => {
    for (let next = items.shift(); next !== undefined; next = items.shift()) {
      await handle(next, items);
      if (pauses > 0) return;
    }
  };
  const start = (): void => {
    if (busy || pauses > 0) return;
    busy = true;
    drained = drain().finally(() => {
      busy = false;
      if (items.length > 0 && pauses === 0) start();
    });
    // Whoever flushes sees the failure.
    drained.catch(() => undefined);
  };
  return {
    add(item) {
      items.push(item);
      start();
    },
    pause() {
      pauses += 1;
    },
    resume() {
      pauses -= 1;
      start();
    },
    async flush() {
      while (busy) await drained;
    },
  };
}
