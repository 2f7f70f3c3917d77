/**
 * What programs say, for decisions that are synchronous. A decision that needs output that is not there yet is aborted, and repeated when
 * it is. So the server goes on with other work while git or ripgrep run.
 */

/** Thrown by a decision that needs the output of one more program. */
class PendingLookup extends Error {
  readonly load: () => Promise<void>;
  constructor(load: () => Promise<void>) {
    super("A program's output is not available yet.");
    this.load = load;
  }
}

/** One decision runs at most this many programs. */
const MAX_LOOKUPS = 100;

export interface Lookup<T> {
  key: string;
  run(): Promise<T>;
  /** The result after too many lookups. */
  fallback: T;
}

/** The lookups of one decision: what a program says is not remembered for the next one. */
export interface Lookups {
  /** The result, or throws `PendingLookup`. */
  lookUp<T>(lookup: Lookup<T>): T;
  /** Repeats the decision until its lookups are done, so it must have no effects. */
  decide<T>(decision: () => T): Promise<T>;
}

export function createLookups(): Lookups {
  const results = new Map<string, unknown>();
  return {
    lookUp<T>({ key, run, fallback }: Lookup<T>): T {
      if (results.has(key)) return results.get(key) as T;
      if (results.size >= MAX_LOOKUPS) return fallback;
      throw new PendingLookup(async () => {
        results.set(key, await run());
      });
    },
    async decide(decision) {
      for (;;) {
        try {
          return decision();
        } catch (error) {
          if (!(error instanceof PendingLookup)) throw error;
          await error.load();
        }
      }
    },
  };
}
