/** Small pieces of text, handed on in groups: the first at once, then at most one in `GROUP_MS`. */
import type { Clock } from "../ports.ts";

const GROUP_MS = 25;

export interface Group {
  add(text: string): void;
  /** Hands on nothing more, and gives back what was not handed on yet. */
  end(): string;
}

/** `holdBack` says how many characters at the end must wait for what follows, because a secret may begin in them. */
export function createGroup(clock: Clock, holdBack: (text: string) => number, emit: (text: string) => void): Group {
  let waiting = "";
  let emittedAt = Number.NEGATIVE_INFINITY;
  let timer: AbortController | null = null;
  /** What an emission by timer threw; the next piece brings it to the one who can act on it. */
  let broken: { error: unknown } | null = null;

  const flush = (): void => {
    timer = null;
    const held = holdBack(waiting);
    const text = held > 0 ? waiting.slice(0, -held) : waiting;
    if (text === "") return;
    waiting = waiting.slice(text.length);
    emittedAt = clock.monotonic();
    emit(text);
  };
  return {
    add(text) {
      if (broken) throw broken.error;
      waiting += text;
      if (timer) return;
      const due = emittedAt + GROUP_MS - clock.monotonic();
      if (due <= 0) return flush();
      const mine = new AbortController();
      timer = mine;
      clock
        .sleep(due, mine.signal)
        .then(() => {
          if (!mine.signal.aborted) flush();
        })
        .catch((error) => {
          broken = { error };
        });
    },
    end() {
      timer?.abort();
      timer = null;
      const rest = waiting;
      waiting = "";
      return rest;
    },
  };
}
