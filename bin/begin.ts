/** Runs the command line in this process and sets its exit code. */
import { type CliDeps, runCommandLine } from "../cli/main.ts";

export function runProgram(deps: CliDeps): void {
  runCommandLine(process.argv.slice(2), deps).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      process.stderr.write(`tutti: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
