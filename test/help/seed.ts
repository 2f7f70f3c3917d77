/** The seed of random tests. `SEED=… npx mocha FILE` repeats a run; failures print the seed. */
export const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));

export const seededOptions = (numRuns: number): { seed: number; numRuns: number } => ({ seed, numRuns });
