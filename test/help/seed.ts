/** The seed of random tests. `SEED=… npx mocha FILE` repeats a run; failures print the seed. */
export const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));

export const seededOptions = (numRuns: number): { seed: number; numRuns: number } => ({ seed, numRuns });

/** Numbers from 0 to 1 that the seed decides. */
export function createRandom(from = seed): () => number {
  let state = from >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
