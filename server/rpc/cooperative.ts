/** Runs long work slice by slice, so that other requests get their turn between two slices. */
import { setImmediate as nextTick } from "node:timers/promises";

export async function runCooperatively<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await nextTick();
  }
}
