/**
 * Runs the project's own formatter and linters on each file that the agent changes. TUTTI_FORMATTER sets another command instead, as a
 * JSON list or as words, with `{file}` for the file.
 */
import { basename } from "node:path";
import { z } from "zod";
import { plugin } from "../sdk/plugin.ts";
import { findJobs, type Job } from "./find.ts";
import { format } from "./format.ts";

const HOOK_MS = 60_000;
const timeoutMs = z.coerce.number().int().positive().max(HOOK_MS).catch(15_000).parse(process.env.TUTTI_FORMATTER_MS);
const customCommand = parseCommand(process.env.TUTTI_FORMATTER);

/** Null if the variable is not set. An invalid value is an error at startup. */
function parseCommand(value: string | undefined): [string, ...string[]] | null {
  if (value === undefined || value.trim() === "") return null;
  const words = value.trimStart().startsWith("[") ? JSON.parse(value) : value.trim().split(/\s+/);
  const [program, ...args] = z.tuple([z.string().min(1)], z.string()).parse(words);
  return [program, ...(args.some((word) => word.includes("{file}")) ? args : [...args, "{file}"])];
}

function createCustomJob([program, ...args]: [string, ...string[]], file: string, cwd: string): Job {
  const argv = [program, ...args.map((word) => word.replaceAll("{file}", file))] as const;
  return { name: basename(program), argv, cwd, task: "format", usesStdin: false };
}

void plugin({
  name: "formatter",
  version: "1.0.0",
  title: "Formatter",
  hooks: {
    "file.changed": {
      timeoutMs: HOOK_MS,
      async run({ path, cwd }, { signal }) {
        const jobs = customCommand
          ? [createCustomJob(customCommand, path, cwd)]
          : await findJobs(path, cwd, process.env);
        const feedback = await format(path, jobs, { cwd, timeoutMs, signal });
        return feedback === null ? undefined : { feedback };
      },
    },
  },
}).serve();
