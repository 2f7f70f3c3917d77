/** Runs a program that says something about files, with limits on its time and its output. */

export interface RunOptions {
  cwd: string;
  env?: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
  maxBytes: number;
  /** `latin1` keeps every byte of the output. */
  encoding?: "utf8" | "latin1";
}

/** `status` is null if the program did not start, did not end in time, or wrote too much; then `stderr` says which. */
export interface RunResult {
  status: number | null;
  stdout: string;
  stderr: string;
}

export function runWithLimits(
  program: string,
  args: readonly string[],
  { cwd, env, timeoutMs, maxBytes, encoding = "utf8" }: RunOptions,
): Promise<RunResult> {
  return new Promise((resolve) => {
    const options = {
      cwd,
      ...(env && { env }),
      timeout: timeoutMs,
      maxBuffer: maxBytes,
      encoding,
      killSignal: "SIGKILL",
    } as const;
    const child = process
      .getBuiltinModule("node:child_process")
      .execFile(program, [...args], options, (error, stdout, stderr) => {
        if (error === null) resolve({ status: 0, stdout, stderr });
        else if (typeof error.code === "number") resolve({ status: error.code, stdout, stderr });
        else resolve({ status: null, stdout: "", stderr: error.killed ? "it took too long" : error.message });
      });
    child.stdin?.end();
  });
}
