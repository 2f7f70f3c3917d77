/** Runs the command line in this process, and leaves its exit code to it. */
import { runCommandLine, type Surroundings } from "../cli/main.ts";

export function begin(around: Surroundings): void {
  runCommandLine(process.argv.slice(2), around).then(
    (code) => {
      process.exitCode = code;
    },
    (error) => {
      process.stderr.write(`tutti: ${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
