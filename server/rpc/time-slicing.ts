/** Runs long work in slices, so that other requests can run between them. */
import { setImmediate as nextTick } from "node:timers/promises";

export async function runCooperatively<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await nextTick();
  }
}
