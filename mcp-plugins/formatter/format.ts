/** Formats one file by the jobs for it, and says what the model should know: that the file differs now, and what is still wrong. */
import { readFile, writeFile } from "node:fs/promises";
import { relative } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Job } from "./find.ts";
import { run } from "./run.ts";

const MOST_TOLD = 4_000;

/** Null where there is nothing to say. */
export async function format(
  file: string,
  jobs: readonly Job[],
  { cwd, longestMs, signal }: { cwd: string; longestMs: number; signal: AbortSignal },
): Promise<string | null> {
  const before = await contentOf(file);
  if (before === null) return null;
  const told: string[] = [];
  const writers: string[] = [];
  let now = before;
  for (const job of jobs) {
    const stdin = job.overStdin ? now.toString("utf8") : null;
    const ran = await run(job.argv, { cwd: job.cwd, stdin, longestMs, signal });
    if ("failed" in ran) {
      told.push(`${job.name} ${ran.failed}.`);
      continue;
    }
    if (ran.code !== 0) told.push(`${job.name} says:\n${short(ran.output, ran.code)}`);
    else if (job.overStdin && ran.stdout !== stdin) await writeFile(file, ran.stdout);
    const after = (await contentOf(file)) ?? now;
    if (!after.equals(now)) writers.push(job.name);
    now = after;
  }
  if (!now.equals(before))
    told.unshift(`${writers.join(" and ")} reformatted ${relative(cwd, file)}; read it again before you edit it.`);
  return told.length === 0 ? null : told.join("\n");
}

/** Null where there is no such file any more. */
async function contentOf(file: string): Promise<Buffer | null> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

function short(output: string, code: number): string {
  const text = stripVTControlCharacters(output).trim();
  if (text === "") return `exit code ${code}, without a word`;
  return text.length <= MOST_TOLD ? text : `${text.slice(0, MOST_TOLD)}\n… ${text.length - MOST_TOLD} more characters`;
}
