/** Asks a yes-or-no question in the terminal. */
import { createInterface } from "node:readline/promises";
import type { CommandInput } from "./command.ts";

export const isInteractive = ({ terminal }: Pick<CommandInput, "terminal">): boolean =>
  terminal.stdinIsTerminal && terminal.stderrIsTerminal;

/** Everything but yes counts as no. Only for a terminal: check `isInteractive` before. */
export async function confirm(question: string): Promise<boolean> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
  } finally {
    lines.close();
  }
}
