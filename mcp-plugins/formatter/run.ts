/** Runs a program by its arguments, without a shell, for a limited time. */
import { spawn } from "node:child_process";

export type Ran = { code: number; output: string; stdout: string } | { failed: string };

/** Output beyond this is dropped. */
const MOST_BYTES = 4 * 1024 * 1024;

/** `failed` says in words why there is no exit code: not started, stopped after `longestMs`, or no longer wanted. */
export function run(
  argv: readonly [string, ...string[]],
  { cwd, stdin, longestMs, signal }: { cwd: string; stdin: string | null; longestMs: number; signal: AbortSignal },
): Promise<Ran> {
  return new Promise((done) => {
    const [command, ...args] = argv;
    // A group of its own, so that what it started ends with it.
    const detached = process.platform !== "win32";
    const child = spawn(command, args, { cwd, detached, shell: false, windowsHide: true });
    const pieces: { text: string; out: boolean }[] = [];
    let size = 0;
    const keep = (out: boolean) => (piece: Buffer) => {
      size += piece.length;
      if (size <= MOST_BYTES) pieces.push({ text: piece.toString("utf8"), out });
    };
    child.stdout.on("data", keep(true));
    child.stderr.on("data", keep(false));
    let stopped: string | null = null;
    const stop = (why: string): void => {
      stopped = why;
      if (detached && child.pid !== undefined) {
        try {
          process.kill(-child.pid, "SIGKILL");
          return;
        } catch {
          // The group is gone already; the child itself is told below, which is harmless where it is gone, too.
        }
      }
      child.kill("SIGKILL");
    };
    const onAbort = (): void => stop("was no longer wanted");
    const clock = setTimeout(() => stop(`took longer than ${longestMs / 1000} s and was stopped`), longestMs);
    signal.addEventListener("abort", onAbort, { once: true });
    const finish = (ran: Ran): void => {
      clearTimeout(clock);
      signal.removeEventListener("abort", onAbort);
      done(ran);
    };
    child.on("error", (error) => finish({ failed: `could not be started: ${error.message}` }));
    child.on("close", (code) => {
      const text = (wanted: (out: boolean) => boolean): string =>
        pieces.flatMap((piece) => (wanted(piece.out) ? [piece.text] : [])).join("");
      if (stopped !== null) finish({ failed: stopped });
      else if (size > MOST_BYTES) finish({ failed: "said too much" });
      else finish({ code: code ?? 1, output: text(() => true), stdout: text((out) => out) });
    });
    // It may end without reading; that is seen by its code.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin ?? "");
  });
}
