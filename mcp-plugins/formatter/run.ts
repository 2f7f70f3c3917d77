/** Runs a program without a shell and with a timeout. */
import { spawn } from "node:child_process";

export type RunResult = { code: number; output: string; stdout: string } | { failed: string };

/** Output beyond this is dropped. */
const MAX_BYTES = 4 * 1024 * 1024;

/** `failed` explains why there is no exit code: not started, timed out, too much output, or cancelled. */
export function run(
  argv: readonly [string, ...string[]],
  { cwd, stdin, timeoutMs, signal }: { cwd: string; stdin: string | null; timeoutMs: number; signal: AbortSignal },
): Promise<RunResult> {
  return new Promise((resolve) => {
    const [command, ...args] = argv;
    // A process group of its own, so that its child processes are killed with it.
    const detached = process.platform !== "win32";
    const child = spawn(command, args, { cwd, detached, shell: false, windowsHide: true });
    const pieces: { text: string; out: boolean }[] = [];
    let size = 0;
    const collect = (out: boolean) => (piece: Buffer) => {
      size += piece.length;
      if (size <= MAX_BYTES) pieces.push({ text: piece.toString("utf8"), out });
    };
    child.stdout.on("data", collect(true));
    child.stderr.on("data", collect(false));
    let stopReason: string | null = null;
    const stop = (reason: string): void => {
      stopReason = reason;
      if (detached && child.pid !== undefined) {
        try {
          process.kill(-child.pid, "SIGKILL");
          return;
        } catch {
          // The group has already ended. Killing the child below is harmless.
        }
      }
      child.kill("SIGKILL");
    };
    const onAbort = (): void => stop("was cancelled");
    const timer = setTimeout(() => stop(`took longer than ${timeoutMs / 1000} s and was stopped`), timeoutMs);
    signal.addEventListener("abort", onAbort, { once: true });
    const finish = (result: RunResult): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      resolve(result);
    };
    child.on("error", (error) => finish({ failed: `could not be started: ${error.message}` }));
    child.on("close", (code) => {
      const text = (isIncluded: (out: boolean) => boolean): string =>
        pieces.flatMap((piece) => (isIncluded(piece.out) ? [piece.text] : [])).join("");
      if (stopReason !== null) finish({ failed: stopReason });
      else if (size > MAX_BYTES) finish({ failed: "wrote too much output" });
      else finish({ code: code ?? 1, output: text(() => true), stdout: text((out) => out) });
    });
    // The program may exit without reading its input; the exit code tells.
    child.stdin.on("error", () => undefined);
    child.stdin.end(stdin ?? "");
  });
}
