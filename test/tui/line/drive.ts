/** The line mode as a script drives it: lines in, lines out, waiting for what is said. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { bin } from "../../help/built.ts";
import type { Home } from "../../help/tutti.ts";

export interface Driven {
  pid: number;
  write(line: string): void;
  /** Resolves when this has been said since the last time. */
  until(what: RegExp): Promise<void>;
  said(): string;
  end(): void;
  signal(name: NodeJS.Signals): void;
  /** The exit code as a shell has it: an interrupt while the process is being taken down is 130, too. */
  over: Promise<number>;
}

const PATIENCE_MS = 15_000;

export function drive(home: Home, env: Record<string, string>, args: readonly string[] = []): Driven {
  const child = spawn(process.execPath, [bin, "--line", ...args], { cwd: home.work, env: { ...home.env, ...env } });
  let out = "";
  let from = 0;
  const listeners = new Set<() => void>();
  const heard = (piece: Buffer): void => {
    out += piece.toString("utf8");
    for (const look of [...listeners]) look();
  };
  child.stdout.on("data", heard);
  child.stderr.on("data", heard);
  child.stdin.on("error", () => undefined);
  return {
    pid: child.pid ?? 0,
    write: (line) => void child.stdin.write(`${line}\n`),
    until: (what) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error(`not said: ${String(what)}\n${out.slice(from)}`));
        }, PATIENCE_MS);
        const look = (): void => {
          const found = what.exec(out.slice(from));
          if (!found) return;
          from += found.index + found[0].length;
          clearTimeout(timer);
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    said: () => out,
    end: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
    over: once(child, "close").then(([code, signal]) => code ?? 128 + constants.signals[signal as NodeJS.Signals]),
  };
}
