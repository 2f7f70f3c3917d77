/** A memo cache whose entries live as long as they are used in each round. */
export type Memoize = <T extends object>(key: string, make: () => T) => T;

export interface Memo {
  memoize: Memoize;
  /** Ends a round: entries that were not used in it are dropped. */
  endRound(): void;
}

/** Keys must include the kind of value, so that a key always maps to the same type. */
export function createMemo(): Memo {
  let before = new Map<string, object>();
  let now = new Map<string, object>();
  return {
    memoize<T extends object>(key: string, make: () => T): T {
      const known = (now.get(key) ?? before.get(key)) as T | undefined;
      const made = known ?? make();
      now.set(key, made);
      return made;
    },
    endRound() {
      before = now;
      now = new Map();
    },
  };
}
