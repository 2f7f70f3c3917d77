/** What was made before, for as long as it is asked for in each round. */
export type Recall = <T extends object>(key: string, make: () => T) => T;

export interface Memo {
  recall: Recall;
  /** Ends a round: what was not asked for in it is forgotten. */
  turn(): void;
}

/** The kind of a thing is part of its key: what is under a key was made by the same kind of maker. */
export function createMemo(): Memo {
  let before = new Map<string, object>();
  let now = new Map<string, object>();
  return {
    recall<T extends object>(key: string, make: () => T): T {
      const known = (now.get(key) ?? before.get(key)) as T | undefined;
      const made = known ?? make();
      now.set(key, made);
      return made;
    },
    turn() {
      before = now;
      now = new Map();
    },
  };
}
