/** The real terminal of a command. What comes from outside goes through `printable` where it is drawn, not here. */
import { fstatSync } from "node:fs";
import { isatty } from "node:tty";
import type { Terminal } from "./command.ts";

export interface Manners {
  color: boolean;
  quiet: boolean;
  verbose: boolean;
}

export function openTerminal({ color, quiet, verbose }: Manners): Terminal {
  const noteIsTerminal = isatty(2);
  const listeners = new Set<() => void>();
  let broken: { code: string; message: string } | null = null;
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (broken) return;
    broken = { code: error.code ?? "", message: error.message };
    for (const listener of [...listeners]) listener();
  });
  // Where errors cannot be told, there is nobody left to tell.
  process.stderr.on("error", () => undefined);
  return {
    out: (text) => void process.stdout.write(text),
    note: (text) => {
      if (!quiet) process.stderr.write(text);
    },
    error: (text) => void process.stderr.write(text),
    flushed: async () => {
      await new Promise<void>((resolve) => process.stdout.write("", () => resolve()));
      await new Promise<void>((resolve) => process.stderr.write("", () => resolve()));
    },
    onBroken(listener) {
      listeners.add(listener);
      if (broken) listener();
      return () => listeners.delete(listener);
    },
    broken: () => broken,
    outIsTerminal: isatty(1),
    noteIsTerminal,
    inIsTerminal: isatty(0),
    color: color && noteIsTerminal,
    wantsColor: color,
    quiet,
    verbose,
  };
}

/** How long a pipe that was given beside a prompt may stay silent before it is taken for one that nobody writes to. */
const SILENT_MS = 3_000;

/** What was piped in; empty at a terminal, from nowhere, and from a pipe that stays silent although a prompt is there already. */
export async function readPiped(hasPrompt: boolean): Promise<string> {
  if (isatty(0) || !readable()) return "";
  const pieces: Buffer[] = [];
  return new Promise((resolve, reject) => {
    const done = (): void => {
      clearTimeout(timer);
      process.stdin.removeAllListeners();
      process.stdin.destroy();
      resolve(Buffer.concat(pieces).toString("utf8"));
    };
    const timer = hasPrompt ? setTimeout(done, SILENT_MS) : undefined;
    process.stdin.on("data", (piece) => {
      clearTimeout(timer);
      pieces.push(piece);
    });
    process.stdin.on("end", done);
    process.stdin.on("error", reject);
  });
}

function readable(): boolean {
  try {
    const facts = fstatSync(0);
    return facts.isFIFO() || facts.isFile() || facts.isSocket();
  } catch {
    return false;
  }
}
