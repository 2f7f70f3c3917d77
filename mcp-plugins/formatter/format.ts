/** Runs the jobs for one file, and returns feedback for the model: that the file has changed, and linter findings. */
import { readFile, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Job } from "./find.ts";
import { run } from "./run.ts";

const MAX_FEEDBACK = 4_000;

/** Null without feedback. */
export async function format(
  file: string,
  jobs: readonly Job[],
  { cwd, timeoutMs, signal }: { cwd: string; timeoutMs: number; signal: AbortSignal },
): Promise<string | null> {
  const before = await readIfExists(file);
  if (before === null) return null;
  const messages: string[] = [];
  const formatters: string[] = [];
  let current = before;
  for (const job of jobs) {
    const stdin = job.usesStdin ? current.toString("utf8") : null;
    const result = await run(job.argv, { cwd: job.cwd, stdin, timeoutMs, signal });
    if ("failed" in result) {
      messages.push(`${job.name} ${result.failed}.`);
      continue;
    }
    if (result.code !== 0) messages.push(`${job.name} reported:\n${truncateOutput(result.output, result.code)}`);
    else if (job.usesStdin && result.stdout !== stdin) await writeFile(file, result.stdout);
    const after = (await readIfExists(file)) ?? current;
    if (!after.equals(current)) formatters.push(job.name);
    current = after;
  }
  if (!current.equals(before))
    messages.unshift(
      `${formatters.join(" and ")} reformatted ${relative(cwd, file)}; read it again before you edit it.`,
    );
  return messages.length === 0 ? null : messages.join("\n");
}

/** Null if the file does not exist. */
async function readIfExists(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function truncateOutput(output: string, code: number): string {
  const text = stripVTControlCharacters(output).trim();
  if (text === "") return `exit code ${code}, without output`;
  return text.length <= MAX_FEEDBACK
    ? text
    : `${text.slice(0, MAX_FEEDBACK)}\n… ${text.length - MAX_FEEDBACK} more characters`;
}
