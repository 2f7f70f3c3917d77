/** The standard streams of the process. Callers sanitize untrusted text with `printable`. */
import { isatty } from "node:tty";
import type { Terminal } from "./command.ts";

export interface OutputOptions {
  color: boolean;
  quiet: boolean;
  verbose: boolean;
}

export function openTerminal({ color, quiet, verbose }: OutputOptions): Terminal {
  const stderrIsTerminal = isatty(2);
  const listeners = new Set<() => void>();
  let broken: { code: string; message: string } | null = null;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = { code: error.code ?? "", message: error.message };
    for (const listener of [...listeners]) listener();
  });
  // If standard error is closed, errors cannot be reported.
  process.stderr.on("error", () => undefined);
  return {
    out: (text) => void process.stdout.write(text),
    note: (text) => {
      if (!quiet) process.stderr.write(text);
    },
    error: (text) => void process.stderr.write(text),
    flush: async () => {
      await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
      await new Promise<void>((resolve) => process.stderr.write("", () => resolve()));
    },
    onOutputError(listener) {
      listeners.add(listener);
      if (broken) listener();
      return () => listeners.delete(listener);
    },
    outputError: () => broken,
    stdoutIsTerminal: isatty(1),
    stderrIsTerminal,
    stdinIsTerminal: isatty(0),
    color: color && stderrIsTerminal,
    wantsColor: color,
    quiet,
    verbose,
  };
}
