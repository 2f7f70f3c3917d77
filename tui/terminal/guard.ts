/**
 * Restores the terminal when this process cannot: a small shell waits on a pipe. If the pipe closes without a message, as after `kill -9`,
 * the shell writes the sequences that restore the terminal.
 */
import { spawn } from "node:child_process";

export interface Guard {
  /** The terminal was restored already. */
  release(): void;
}

/** Runs detached, so that it outlives this process. Its standard output is the terminal. */
const GUARD_SCRIPT = `trap '' INT TERM HUP QUIT; read -r word || { printf '%s' "$1"; stty sane <&1; }`;

/** `restore` is written to the terminal if this process dies. */
export function guardTerminal(restore: string): Guard {
  if (process.platform === "win32") return { release: () => undefined };
  const child = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "tutti-guard", restore], {
    detached: true,
    stdio: ["pipe", "inherit", "ignore"],
  });
  // Without a shell, the terminal is still restored in all other cases.
  const ignore = (): void => undefined;
  child.on("error", ignore);
  child.stdin.on("error", ignore);
  child.unref();
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return { release: () => void child.stdin.end("done\n") };
}
