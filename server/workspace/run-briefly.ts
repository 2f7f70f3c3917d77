/** Runs a program that answers a question about files, with limits on its time and its output. */
import { execFile } from "node:child_process";

export interface BriefRun {
  cwd: string;
  env?: Readonly<Record<string, string | undefined>>;
  timeoutMs: number;
  maxBytes: number;
}

/** `status` is null if the program did not start, did not end in time, or wrote too much; then `errors` says which. */
export interface BriefEnd {
  status: number | null;
  output: string;
  errors: string;
}

export function runBriefly(
  program: string,
  words: readonly string[],
  { cwd, env, timeoutMs, maxBytes }: BriefRun,
): Promise<BriefEnd> {
  return new Promise((resolve) => {
    const options = {
      cwd,
      ...(env && { env }),
      timeout: timeoutMs,
      maxBuffer: maxBytes,
      killSignal: "SIGKILL",
    } as const;
    const child = execFile(program, [...words], options, (error, output, errors) => {
      if (error === null) resolve({ status: 0, output, errors });
      else if (typeof error.code === "number") resolve({ status: error.code, output, errors });
      else resolve({ status: null, output: "", errors: error.killed ? "it took too long" : error.message });
    });
    child.stdin?.end();
  });
}
