/**
 * Runs the project's own formatter and linters on a file that the agent has changed. TUTTI_FORMATTER names another program instead:
 * its arguments as a JSON list or as words, `{file}` for the file.
 */
import { basename } from "node:path";
import { z } from "zod";
import { plugin } from "../sdk/plugin.ts";
import { type Job, jobsFor } from "./find.ts";
import { format } from "./format.ts";

const HOOK_MS = 60_000;
const longestMs = z.coerce.number().int().positive().max(HOOK_MS).catch(15_000).parse(process.env.TUTTI_FORMATTER_MS);
const own = ownCommand(process.env.TUTTI_FORMATTER);

/** Null where the variable is not set. What is set but names nothing is an error at the start. */
function ownCommand(value: string | undefined): [string, ...string[]] | null {
  if (value === undefined || value.trim() === "") return null;
  const words = value.trimStart().startsWith("[") ? JSON.parse(value) : value.trim().split(/\s+/);
  const [program, ...args] = z.tuple([z.string().min(1)], z.string()).parse(words);
  return [program, ...(args.some((word) => word.includes("{file}")) ? args : [...args, "{file}"])];
}

function ownJob([program, ...args]: [string, ...string[]], file: string, cwd: string): Job {
  const argv = [program, ...args.map((word) => word.replaceAll("{file}", file))] as const;
  return { name: basename(program), argv, cwd, does: "format", overStdin: false };
}

void plugin({
  name: "formatter",
  version: "1.0.0",
  title: "Formatter",
  hooks: {
    "file.changed": {
      timeoutMs: HOOK_MS,
      async run({ path, cwd }, { signal }) {
        const jobs = own ? [ownJob(own, path, cwd)] : await jobsFor(path, cwd, process.env);
        const feedback = await format(path, jobs, { cwd, longestMs, signal });
        return feedback === null ? undefined : { feedback };
      },
    },
  },
}).serve();
