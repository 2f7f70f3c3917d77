/** Drives the line mode like a script: writes lines and waits for output. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { bin } from "../../help/build.ts";
import type { Home } from "../../help/tutti.ts";

export interface LineSession {
  pid: number;
  write(line: string): void;
  /** Resolves when the output since the last match contains this. */
  until(pattern: RegExp): Promise<void>;
  output(): string;
  end(): void;
  signal(name: NodeJS.Signals): void;
  /** The exit code as a shell has it: an interrupt while the process is being taken down is 130, too. */
  over: Promise<number>;
}

const TIMEOUT_MS = 15_000;

export function startLineSession(home: Home, env: Record<string, string>, args: readonly string[] = []): LineSession {
  const child = spawn(process.execPath, [bin, "--line", ...args], { cwd: home.work, env: { ...home.env, ...env } });
  let out = "";
  let from = 0;
  const listeners = new Set<() => void>();
  const onData = (piece: Buffer): void => {
    out += piece.toString("utf8");
    for (const look of [...listeners]) look();
  };
  child.stdout.on("data", onData);
  child.stderr.on("data", onData);
  child.stdin.on("error", () => undefined);
  return {
    pid: child.pid ?? 0,
    write: (line) => void child.stdin.write(`${line}\n`),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          listeners.delete(look);
          reject(new Error(`not in the output: ${String(pattern)}\n${out.slice(from)}`));
        }, TIMEOUT_MS);
        const look = (): void => {
          const found = pattern.exec(out.slice(from));
          if (!found) return;
          from += found.index + found[0].length;
          clearTimeout(timer);
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        look();
      }),
    output: () => out,
    end: () => void child.stdin.end(),
    signal: (name) => void child.kill(name),
    over: once(child, "close").then(([code, signal]) => code ?? 128 + constants.signals[signal as NodeJS.Signals]),
  };
}
