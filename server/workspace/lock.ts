/** One work at a time for each path, in the order asked; works for other paths go on beside it. */
import type { PathLock } from "../ports.ts";

export function openPathLock(): PathLock {
  const last = new Map<string, Promise<unknown>>();
  return async (path, work) => {
    const before = last.get(path) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    last.set(path, settled);
    try {
      return await mine;
    } finally {
      if (last.get(path) === settled) last.delete(path);
    }
  };
}
