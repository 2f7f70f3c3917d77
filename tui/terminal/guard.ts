/**
 * Puts the terminal right when this process can not: a small shell waits for the end of a pipe, and where it ends without a word,
 * as after `kill -9`, it writes what leaves the terminal as it was found.
 */
import { spawn } from "node:child_process";

export interface Guard {
  /** The terminal was put right already. */
  release(): void;
}

/** Detached, so that it outlives the process; the terminal is its standard output. */
const WAIT = `trap '' INT TERM HUP QUIT; read -r word || { printf '%s' "$1"; stty sane <&1; }`;

/** `restore`: what is written to the terminal then. */
export function guardTerminal(restore: string): Guard {
  if (process.platform === "win32") return { release: () => undefined };
  const child = spawn("/bin/sh", ["-c", WAIT, "tutti-guard", restore], {
    detached: true,
    stdio: ["pipe", "inherit", "ignore"],
  });
  // Where there is no shell, the terminal is put right in every other case all the same.
  const ignore = (): void => undefined;
  child.on("error", ignore);
  child.stdin.on("error", ignore);
  child.unref();
  (child.stdin as unknown as { unref?(): void }).unref?.();
  return { release: () => void child.stdin.end("done\n") };
}
