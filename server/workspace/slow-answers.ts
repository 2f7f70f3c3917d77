/**
 * Answers of programs, for decisions that are synchronous. A decision that needs an answer that is not there yet is stopped, and made
 * again when it is. So the server goes on with other work while git or ripgrep run.
 */

/** Thrown by a decision that needs one more answer. */
export class MissingAnswer extends Error {
  readonly load: () => Promise<void>;
  constructor(load: () => Promise<void>) {
    super("A decision was made before what it depends on was known.");
    this.load = load;
  }
}

/** One decision runs at most this many programs. */
const MAX_ANSWERS = 100;

export interface Question<T> {
  key: string;
  ask(): Promise<T>;
  /** The answer where too many were asked. */
  otherwise: T;
}

/** The answers for one decision: what a program says is not remembered for the next one. */
export function createSlowAnswers(): <T>(question: Question<T>) => T {
  const known = new Map<string, unknown>();
  return <T>({ key, ask, otherwise }: Question<T>): T => {
    if (known.has(key)) return known.get(key) as T;
    if (known.size >= MAX_ANSWERS) return otherwise;
    throw new MissingAnswer(async () => {
      known.set(key, await ask());
    });
  };
}

/** `decide` is called again until it has all answers; it must do nothing else that counts. */
export async function decideWithAnswers<T>(decide: () => T): Promise<T> {
  for (;;) {
    try {
      return decide();
    } catch (error) {
      if (!(error instanceof MissingAnswer)) throw error;
      await error.load();
    }
  }
}
