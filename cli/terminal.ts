/** The standard streams of the process. Callers sanitize untrusted text with `printable`. */
import { fstatSync } from "node:fs";
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

/** With a prompt argument, a pipe that stays silent this long is ignored. */
const SILENCE_TIMEOUT_MS = 3_000;

/** Reads piped input; empty for a terminal, a closed stdin, and a silent pipe if there is a prompt already. */
export async function readStdin(hasPrompt: boolean): Promise<string> {
  if (isatty(0) || !isStdinReadable()) return "";
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      process.stdin.removeAllListeners();
      process.stdin.destroy();
      resolve(Buffer.concat(pieces).toString("utf8"));
    };
    const timer = hasPrompt ? setTimeout(done, SILENCE_TIMEOUT_MS) : undefined;
    process.stdin.on("data", (piece) => {
      clearTimeout(timer);
      pieces.push(piece);
    });
    process.stdin.on("end", done);
    process.stdin.on("error", reject);
  });
}

function isStdinReadable(): boolean {
  try {
    const stats = fstatSync(0);
    return stats.isFIFO() || stats.isFile() || stats.isSocket();
  } catch {
    return false;
  }
}
