/** Runs long work slice by slice, so that whoever else waits for the server has a turn between two of them. */
import { setImmediate as others } from "node:timers/promises";

export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await others();
  }
}
