/** Runs one task at a time for each path, in order of arrival. Tasks for other paths run concurrently. */
import type { PathLock } from "../ports.ts";

export function openPathLock(): PathLock {
  const last = new Map<string, Promise<unknown>>();
  return async (path, task) => {
    const previous = last.get(path) ?? Promise.resolve();
    const current = previous.then(task, task);
    const settled = current.then(
      () => undefined,
      () => undefined,
    );
    last.set(path, settled);
    try {
      return await current;
    } finally {
      if (last.get(path) === settled) last.delete(path);
    }
  };
}
