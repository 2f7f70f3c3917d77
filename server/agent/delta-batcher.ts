/** Batches text deltas: the first is emitted at once, then at most one per `BATCH_MS`. */
import type { Clock } from "../ports.ts";

const BATCH_MS = 25;

export interface DeltaBatcher {
  add(text: string): void;
  /** Stops emitting and returns the text that was not emitted. */
  end(): string;
}

/** `holdBack` returns how many characters at the end must wait for more text, because a secret may begin in them. */
export function createDeltaBatcher(
  clock: Clock,
  holdBack: (text: string) => number,
  emit: (text: string) => void,
): DeltaBatcher {
  let pending = "";
  let emittedAt = Number.NEGATIVE_INFINITY;
  let timer: AbortController | null = null;
  /** An error thrown by a timed emission; the next `add` throws it to the caller. */
  let failure: { error: unknown } | null = null;

  const flush = (): void => {
    timer = null;
    const withheld = holdBack(pending);
    const text = withheld > 0 ? pending.slice(0, -withheld) : pending;
    if (text === "") return;
    pending = pending.slice(text.length);
    emittedAt = clock.monotonic();
    emit(text);
  };
  return {
    add(text) {
      if (failure) throw failure.error;
      pending += text;
      if (timer) return;
      const due = emittedAt + BATCH_MS - clock.monotonic();
      if (due <= 0) return flush();
      const abort = new AbortController();
      timer = abort;
      clock
        .sleep(due, abort.signal)
        .then(() => {
          if (!abort.signal.aborted) flush();
        })
        .catch((error) => {
          failure = { error };
        });
    },
    end() {
      timer?.abort();
      timer = null;
      const rest = pending;
      pending = "";
      return rest;
    },
  };
}
