/**
 * Limits how many subagents run at the same time; others wait in order. Each depth below a root session has its own slots, because a subagent
 * that waits for its own subagents keeps its slot.
 */
export interface Slots {
  /** Resolves with a function that frees the slot; rejects if the signal fires first. */
  acquire(root: string, signal: AbortSignal): Promise<() => void>;
}

export function createSlots(limit: number): Slots {
  const roots = new Map<string, { used: number; waiting: (() => void)[] }>();
  const release = (root: string): void => {
    const slots = roots.get(root);
    if (!slots) return;
    const next = slots.waiting.shift();
    if (next) next();
    else slots.used -= 1;
    if (slots.used === 0) roots.delete(root);
  };
  return {
    async acquire(root, signal) {
      if (signal.aborted) throw cancelled();
      const slots = roots.get(root) ?? { used: 0, waiting: [] };
      roots.set(root, slots);
      if (slots.used < limit) slots.used += 1;
      else await waitForTurn(slots.waiting, signal);
      let held = true;
      return () => {
        if (held) release(root);
        held = false;
      };
    },
  };
}

const cancelled = (): Error => new Error("not started: the turn was cancelled");

async function waitForTurn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = (): void => {
    waiting.splice(waiting.indexOf(resolve), 1);
    reject(cancelled());
  };
  waiting.push(resolve);
  signal.addEventListener("abort", leave, { once: true });
  await promise;
  signal.removeEventListener("abort", leave);
}
