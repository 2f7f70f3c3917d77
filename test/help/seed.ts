/** Random tests say by which seed they can be run again: `SEED=… npx mocha FILE`. */
export const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));

export const law = (numRuns: number): { seed: number; numRuns: number } => {
  process.stdout.write(`    SEED=${seed}\n`);
  return { seed, numRuns };
};
