/** Loaded before the tests by run.mjs: appends a line of JSON for each test file, with its duration, to the file in TUTTI_DURATIONS. */
import { appendFileSync } from "node:fs";
import { relative } from "node:path";

/** Loading a file counts as well. A worker starts to load its next file when the last one has ended. */
let startedAt = performance.now();

export const mochaHooks = {
  afterAll(this: Mocha.Context): void {
    const file = this.test?.parent?.suites[0]?.file;
    const now = performance.now();
    if (file && process.env.TUTTI_DURATIONS) {
      const line = { file: relative(process.cwd(), file), seconds: (now - startedAt) / 1000 };
      appendFileSync(process.env.TUTTI_DURATIONS, `${JSON.stringify(line)}\n`);
    }
    startedAt = now;
  },
};
