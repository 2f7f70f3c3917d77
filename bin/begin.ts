/** Runs the command line in this process and sets its exit code. */

import { type CliDeps, runCommandLine } from "../cli/main.ts";
import { describeError, isSystemError } from "../protocol/errors.ts";

export function runProgram(deps: CliDeps): void {
  runCommandLine(process.argv.slice(2), deps).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      // Where the program itself is at fault, the stack says where.
      const text = !(error instanceof Error) || isSystemError(error) ? describeError(error) : error.stack;
      process.stderr.write(`tutti: ${text}\n`);
      process.exitCode = 1;
    },
  );
}
