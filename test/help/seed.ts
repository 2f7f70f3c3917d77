/** What is random in the tests goes by this: `SEED=… npx mocha FILE` runs it again. Whatever fails says it. */
export const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));

export const law = (numRuns: number): { seed: number; numRuns: number } => ({ seed, numRuns });
